using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vfleet.Linux;

/// <summary>
/// A PCI function's address (BDF): domain 0 to 0xffffffff, bus 0 to 0xff, device 0 to 0x1f, function 0 to 7.
/// With ARI the last eight bits are one function number; sysfs still writes them as device and function.
/// </summary>
/// <param name="Domain">PCI domain (segment).</param>
/// <param name="RoutingId">Bus in the high byte, device in bits 7 to 3, function in bits 2 to 0 (PCIe base specification, 2.2.6.2).</param>
public readonly record struct PciAddress(uint Domain, ushort RoutingId) : IComparable<PciAddress>
{
    /// <summary>Bus number, 0 to 255.</summary>
    public byte Bus => (byte)(RoutingId >> 8);

    /// <summary>Device number, 0 to 31.</summary>
    public byte Device => (byte)((RoutingId >> 3) & 0x1f);

    /// <summary>Function number, 0 to 7.</summary>
    public byte Function => (byte)(RoutingId & 7);

    /// <summary>The directory of the device: <c>/sys/bus/pci/devices/0000:01:00.0</c>.</summary>
    public string SysfsPath => $"/sys/bus/pci/devices/{this}";

    /// <summary>Parses <c>0000:01:10.2</c> or, with domain 0 understood, <c>01:10.2</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out PciAddress address)
    {
        address = default;
        string[] parts = text?.Split(':') ?? [];
        if (parts.Length is not (2 or 3))
            return false;
        uint domain = 0;
        if (parts.Length == 3 && !TryHex(parts[0], 4, 8, out domain))
            return false;
        string[] last = parts[^1].Split('.');
        if (last.Length != 2 || !TryHex(parts[^2], 2, 2, out uint bus) || !TryHex(last[0], 2, 2, out uint device)
            || !TryHex(last[1], 1, 1, out uint function) || device > 0x1f || function > 7)
            return false;
        address = new PciAddress(domain, (ushort)((bus << 8) | (device << 3) | function));
        return true;
    }

    /// <summary>
    /// The address of VF <paramref name="index"/> (0-based): PF routing id + offset + index × stride, carried over bus boundaries.
    /// Source: SR-IOV specification 1.1, 2.1.2; drivers/pci/iov.c pci_iov_virtfn_bus and pci_iov_virtfn_devfn.
    /// </summary>
    /// <returns>Null where the sum leaves the 256 buses of the domain.</returns>
    public PciAddress? VirtualFunction(int index, int offset, int stride)
    {
        long id = RoutingId + offset + ((long)index * stride);
        return id is >= 0 and <= ushort.MaxValue ? this with { RoutingId = (ushort)id } : null;
    }

    /// <inheritdoc/>
    public int CompareTo(PciAddress other) => (Domain, RoutingId).CompareTo((other.Domain, other.RoutingId));

    /// <summary>As sysfs writes it: <c>0000:01:10.2</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Domain:x4}:{Bus:x2}:{Device:x2}.{Function:x}");

    /// <summary>Order of addresses.</summary>
    public static bool operator <(PciAddress left, PciAddress right) => left.CompareTo(right) < 0;

    /// <summary>Order of addresses.</summary>
    public static bool operator >(PciAddress left, PciAddress right) => left.CompareTo(right) > 0;

    /// <summary>Order of addresses.</summary>
    public static bool operator <=(PciAddress left, PciAddress right) => left.CompareTo(right) <= 0;

    /// <summary>Order of addresses.</summary>
    public static bool operator >=(PciAddress left, PciAddress right) => left.CompareTo(right) >= 0;

    private static bool TryHex(string text, int least, int most, out uint value)
    {
        value = 0;
        return text.Length >= least && text.Length <= most && text.All(char.IsAsciiHexDigit)
            && uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
