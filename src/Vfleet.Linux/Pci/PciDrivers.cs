namespace Vfleet.Linux.Pci;

/// <summary>Which driver a function has, and the single steps of changing it. Source: Documentation/ABI/testing/sysfs-bus-pci.</summary>
/// <param name="files">The kernel's files.</param>
public sealed class PciDrivers(IFileTree files)
{
    private static readonly string[] UserSpaceNames = ["vfio-pci", "uio_pci_generic", "igb_uio"];

    /// <summary>Drivers that hand a function to user space: vfio-pci, uio_pci_generic, igb_uio.</summary>
    public static IReadOnlyList<string> UserSpace => UserSpaceNames;

    /// <summary>True for a driver that hands functions to user space; vendors' vfio drivers (mlx5_vfio_pci …) count.</summary>
    public static bool IsUserSpace(string? driver) =>
        driver is not null
        && (UserSpaceNames.Contains(driver)
            || driver.EndsWith("vfio-pci", StringComparison.Ordinal)
            || driver.EndsWith("vfio_pci", StringComparison.Ordinal));

    /// <summary>True where the driver is registered. Equivalent to <c>test -d /sys/bus/pci/drivers/NAME</c>.</summary>
    public bool IsRegistered(string driver) => files.Exists(PciPath.Driver(driver));

    /// <summary>
    /// A function's driver; null when it has none. Equivalent to <c>basename $(readlink /sys/bus/pci/devices/BDF/driver)</c>.
    /// </summary>
    /// <returns>NotFound when there is no such function.</returns>
    public Outcome<string?> Of(PciAddress address)
    {
        if (files.ReadLink(PciPath.Attribute(address, "driver")).Try(out string? target, out Fault? fault))
            return SysfsValues.LastPart(target);
        if (fault.Errno is not Errno.ENOENT)
            return fault;
        return files.Exists(address.SysfsPath) ? Outcome<string?>.Of(null) : PciBus.NoSuchDevice(address);
    }

    /// <summary>Every function of a driver, in one directory read. Equivalent to <c>ls /sys/bus/pci/drivers/NAME</c>.</summary>
    /// <returns>Empty for a driver that is not registered; Usage for a name that is none.</returns>
    public Outcome<IReadOnlyList<PciAddress>> FunctionsOf(string driver)
    {
        if (KernelName.Check(driver) is Fault wrong)
            return wrong;
        if (files.List(PciPath.Driver(driver)).Try(out IReadOnlyList<string>? names, out Fault? fault))
            return Outcome<IReadOnlyList<PciAddress>>.Of(PciBus.Parse(names));
        return fault.Errno is Errno.ENOENT ? Outcome<IReadOnlyList<PciAddress>>.Of([]) : fault;
    }

    /// <summary>The prescribed driver; null when none is. Equivalent to <c>cat /sys/bus/pci/devices/BDF/driver_override</c>.</summary>
    public Outcome<string?> Override(PciAddress address) =>
        files.ReadText(PciPath.Attribute(address, "driver_override")).Map(PciDetailsReader.Override);

    /// <summary>
    /// Prescribes the only driver that may bind. Equivalent to <c>echo NAME &gt; /sys/bus/pci/devices/BDF/driver_override</c>.
    /// </summary>
    public Outcome<Unit> SetOverride(PciAddress address, string driver) => KernelName.Check(driver) is Fault wrong
        ? wrong
        : files.WriteText(PciPath.Attribute(address, "driver_override"), driver);

    /// <summary>Prescribes no driver. Equivalent to <c>echo &gt; /sys/bus/pci/devices/BDF/driver_override</c>.</summary>
    public Outcome<Unit> ClearOverride(PciAddress address)
    {
        string path = PciPath.Attribute(address, "driver_override");
        Outcome<Unit> written = files.WriteText(path, "\n");
        return written.Fault?.Errno is Errno errno ? Fault.FromErrno(errno, $"echo > {path}", path) : written;
    }

    /// <summary>
    /// Has the kernel look for a driver for a function without one. Equivalent to <c>echo BDF &gt; /sys/bus/pci/drivers_probe</c>.
    /// Success says nothing about a driver having bound: look with <see cref="Of"/>.
    /// </summary>
    public Outcome<Unit> Probe(PciAddress address) => files.WriteText(PciPath.DriversProbe, address.ToString());

    /// <summary>
    /// Binds a driver that matches the function's ids or override. Equivalent to
    /// <c>echo BDF &gt; /sys/bus/pci/drivers/NAME/bind</c>.
    /// </summary>
    public Outcome<Unit> Bind(PciAddress address, string driver) => KernelName.Check(driver) is Fault wrong
        ? wrong
        : files.WriteText(PciPath.DriverAttribute(driver, "bind"), address.ToString());

    /// <summary>
    /// Takes the driver off a function; waits for as long as the function is in use by VFIO. Success when it has none.
    /// Equivalent to <c>echo BDF &gt; /sys/bus/pci/devices/BDF/driver/unbind</c>.
    /// </summary>
    public Outcome<Unit> Unbind(PciAddress address)
    {
        if (!Of(address).Try(out string? driver, out Fault? fault))
            return fault;
        if (driver is null)
            return Unit.Done;
        if (KernelName.Check(driver) is Fault odd)
            return odd;
        return files.WriteText(PciPath.DriverAttribute(driver, "unbind"), address.ToString());
    }
}
