using System.Globalization;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Links;

/// <summary>Names that udev would give (systemd.net-naming-scheme(7)) and that the kernel accepts.</summary>
internal static class LinkNames
{
    /// <summary>IFNAMSIZ: bytes of a name with its terminating zero.</summary>
    public const int Size = 16;

    /// <summary>ALTIFNAMSIZ.</summary>
    public const int AlternativeSize = 128;

    /// <summary>enp1s0f0, and enp1s0f0v3 for its fourth VF.</summary>
    public static string ForFunction(PciDevice device)
    {
        PciDevice named = device.PhysicalFunction ?? device;
        string domain = named.Address.Domain == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"P{named.Address.Domain}");
        string vf = device.IsVirtual ? string.Create(CultureInfo.InvariantCulture, $"v{device.VfIndex}") : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"en{domain}p{named.Address.Bus}s{named.Address.Device}f{named.Address.Function}{vf}");
    }

    /// <summary>The kernel's dev_valid_name.</summary>
    public static bool IsValid(string name, int size = Size) =>
        name.Length > 0 && name.Length < size && name is not ("." or "..")
        && !name.Any(letter => letter is '/' or ':' || char.IsWhiteSpace(letter));
}
