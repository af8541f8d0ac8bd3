namespace Vfleet.Linux.Pci;

/// <summary>
/// The <c>uevent</c> file of a PCI device: ids, class and driver in one read. Source: pci_uevent in drivers/pci/pci-driver.c.
/// </summary>
internal static class PciUevent
{
    /// <summary>Fills what the text says into a device; what it does not say stays null.</summary>
    public static PciDevice Apply(PciDevice device, string text)
    {
        foreach (string line in text.Split('\n', StringSplitOptions.TrimEntries))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                device = Apply(device, line[..equals], line[(equals + 1)..]);
        }

        return device;
    }

    private static PciDevice Apply(PciDevice device, string key, string value) => key switch
    {
        "DRIVER" when value.Length > 0 => device with { Driver = value },
        "PCI_CLASS" => device with { Class = SysfsValues.ParseHex(value) },
        "PCI_ID" when Pair(value) is (ushort vendor, ushort id) => device with { VendorId = vendor, DeviceId = id },
        "PCI_SUBSYS_ID" when Pair(value) is (ushort vendor, ushort id) =>
            device with { SubsystemVendorId = vendor, SubsystemDeviceId = id },
        _ => device,
    };

    private static (ushort, ushort)? Pair(string value)
    {
        string[] parts = value.Split(':');
        return parts.Length == 2 && SysfsValues.ParseHex(parts[0]) is uint first and <= ushort.MaxValue
            && SysfsValues.ParseHex(parts[1]) is uint second and <= ushort.MaxValue
            ? ((ushort)first, (ushort)second)
            : null;
    }
}
