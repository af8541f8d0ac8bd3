using System.Globalization;

namespace Vfleet.Linux.Pci;

/// <summary>
/// Paths of PCI devices, drivers and IOMMU groups, built from typed or validated parts only. Source:
/// Documentation/ABI/testing/sysfs-bus-pci.
/// </summary>
public static class PciPath
{
    /// <summary>Directory of every PCI function; its entries are links into /sys/devices.</summary>
    public const string Devices = "/sys/bus/pci/devices";

    /// <summary>Directory of every registered PCI driver.</summary>
    public const string Drivers = "/sys/bus/pci/drivers";

    /// <summary>Write a BDF to have the kernel look for a driver.</summary>
    public const string DriversProbe = "/sys/bus/pci/drivers_probe";

    /// <summary>Directory of every IOMMU group.</summary>
    public const string IommuGroups = "/sys/kernel/iommu_groups";

    /// <summary>A file of a device.</summary>
    /// <param name="address">The device.</param>
    /// <param name="attribute">The file's name; a constant of ours, never input.</param>
    public static string Attribute(PciAddress address, string attribute) => $"{Devices}/{address}/{attribute}";

    /// <summary>The link to a VF below its PF: <c>virtfnN</c>.</summary>
    public static string VirtualFunction(PciAddress physicalFunction, int index) =>
        Attribute(physicalFunction, "virtfn" + index.ToString(CultureInfo.InvariantCulture));

    /// <summary>The directory of a driver.</summary>
    /// <exception cref="ArgumentException">The name is not valid: the caller did not check it (<see cref="KernelName.Check"/>).</exception>
    public static string Driver(string driver) => KernelName.IsValid(driver)
        ? $"{Drivers}/{driver}"
        : throw new ArgumentException($"'{driver}' is no driver name", nameof(driver));

    /// <summary>A file of a driver, such as <c>bind</c>.</summary>
    public static string DriverAttribute(string driver, string attribute) => $"{Driver(driver)}/{attribute}";

    /// <summary>The directory of links to a group's members.</summary>
    public static string IommuGroupDevices(int group) => string.Create(CultureInfo.InvariantCulture, $"{IommuGroups}/{group}/devices");

    /// <summary>The character device a user of a group opens: <c>/dev/vfio/12</c>.</summary>
    public static string VfioGroup(int group) => string.Create(CultureInfo.InvariantCulture, $"/dev/vfio/{group}");
}
