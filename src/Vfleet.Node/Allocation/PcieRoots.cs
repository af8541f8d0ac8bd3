namespace Vfleet.Node.Allocation;

/// <summary>Finds where PCI devices hang. Source: the paths below /sys/devices, which follow the bus hierarchy.</summary>
internal static class PcieRoots
{
    /// <summary>A device's root; null where the kernel does not tell. Equivalent to <c>readlink /sys/bus/pci/devices/BDF</c>.</summary>
    public static PcieRoot? Of(IFileTree files, PciAddress address) =>
        files.ReadLink(address.SysfsPath).Or(null) is { } path ? Parse(path) : null;

    /// <summary>
    /// The root in a path such as <c>../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0</c>. Of several host bridges, as behind an
    /// Intel VMD, the lowest is the one whose bus the device is on.
    /// </summary>
    public static PcieRoot? Parse(string path)
    {
        string[] parts = path.Split('/');
        int bridge = Array.FindLastIndex(parts, IsHostBridge);
        // Behind the host bridge at least the device itself is named.
        if (bridge < 0 || bridge == parts.Length - 1)
            return null;
        return new PcieRoot(parts[bridge], bridge + 2 < parts.Length ? parts[bridge + 1] : null);
    }

    private static bool IsHostBridge(string part) =>
        part.StartsWith("pci", StringComparison.Ordinal) && part.Contains(':', StringComparison.Ordinal);
}
