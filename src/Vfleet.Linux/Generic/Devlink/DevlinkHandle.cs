using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vfleet.Linux.Generic.Devlink;

/// <summary>A devlink device as <c>devlink</c> writes it: <c>pci/0000:01:00.0</c>, <c>netdevsim/netdevsim1</c>.</summary>
/// <param name="Bus">The bus, such as <c>pci</c>.</param>
/// <param name="Device">The device on it, such as <c>0000:01:00.0</c>.</param>
public readonly record struct DevlinkHandle(string Bus, string Device)
{
    /// <summary>The handle of a PCI function.</summary>
    public static DevlinkHandle Of(PciAddress address) => new("pci", address.ToString());

    /// <summary>Parses <c>BUS/DEVICE</c>; a short BDF after <c>pci/</c> is completed with domain 0.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out DevlinkHandle handle)
    {
        handle = default;
        string[] parts = text?.Split('/') ?? [];
        if (parts.Length != 2 || parts[0].Length == 0 || parts[1].Length == 0)
            return false;
        if (parts[0] == "pci")
        {
            if (!PciAddress.TryParse(parts[1], out PciAddress address))
                return false;
            handle = Of(address);
            return true;
        }
        handle = new DevlinkHandle(parts[0], parts[1]);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Bus}/{Device}";
}

/// <summary>A port of a devlink device: <c>pci/0000:01:00.0/65535</c>.</summary>
/// <param name="Device">The device.</param>
/// <param name="Index">The port's number on it; it says nothing about the port.</param>
public readonly record struct DevlinkPortHandle(DevlinkHandle Device, uint Index)
{
    /// <summary>Parses <c>BUS/DEVICE/INDEX</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out DevlinkPortHandle handle)
    {
        handle = default;
        int slash = text?.LastIndexOf('/') ?? -1;
        if (slash < 0 || !DevlinkHandle.TryParse(text![..slash], out DevlinkHandle device)
            || !uint.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out uint index))
            return false;
        handle = new DevlinkPortHandle(device, index);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Device}/{Index}");
}
