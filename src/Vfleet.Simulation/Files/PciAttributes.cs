using System.Globalization;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Files;

/// <summary>The attributes of a PCI function. Sources: drivers/pci/pci-sysfs.c, iov.c, aer.c of Linux 6.12.</summary>
internal static class PciAttributes
{
    private static readonly FileTable<PciDevice> Identity = new(
    [
        new("vendor", device => Hex(device.Identity.Vendor, 4)),
        new("device", device => Hex(device.Identity.Device, 4)),
        new("subsystem_vendor", device => Hex(device.Identity.SubsystemVendor, 4)),
        new("subsystem_device", device => Hex(device.Identity.SubsystemDevice, 4)),
        new("class", device => Hex(device.Identity.Class, 6)),
        new("revision", device => Hex(device.Identity.Revision, 2)),
        new("resource", device => Content.Of(PciResources.Text(device))),
        new("numa_node", device => Content.Line(device.NumaNode)),
        new("local_cpulist", device => Content.Line(device.NumaNode == 1 ? "4-7" : "0-3")),
        new("irq", device => Content.Line(device.IsVirtual ? 0 : 16)),
        new("msi_bus", _ => Content.Line(1)),
        new("enable", device => Content.Line(device.Driver is null ? 0 : 1)),
        new("power_state", device => Content.Line(device.Driver is null && device.IsVirtual ? "unknown" : "D0")),
        new("current_link_speed", device => Speed(device, device.Link.Generation)),
        new("max_link_speed", device => Speed(device, device.Link.MaximumGeneration)),
        new("current_link_width", device => Content.Line(device.IsVirtual ? 0 : device.Link.Width)),
        new("max_link_width", device => Content.Line(device.IsVirtual ? 0 : device.Link.MaximumWidth)),
        new("modalias", device => Content.Line(ModuleAlias(device.Identity))),
        new("uevent", device => Content.Of(Uevent(device))),
        new("sriov_totalvfs", device => Content.Line(device.Sriov!.Total), null, HasSriov),
        new("sriov_offset", device => Content.Line(device.Sriov!.Offset), null, HasSriov),
        new("sriov_stride", device => Content.Line(device.Sriov!.Stride), null, HasSriov),
        new("sriov_vf_device", device => Content.Line($"{device.Sriov!.VfDevice:x}"), null, HasSriov),
        new("sriov_vf_total_msix", device => Content.Line(device.Driver is null ? 0 : device.Sriov!.VfTotalMsix), null, HasSriov),
    ]);

    /// <summary>The files that <see cref="Find"/> makes by itself, where a function has them.</summary>
    private static readonly string[] Stateful =
        ["config", "remove", "driver_override", "reset", "reset_method", "sriov_numvfs", "sriov_drivers_autoprobe",
            "sriov_vf_msix_count", "aer_dev_correctable", "aer_dev_fatal", "aer_dev_nonfatal"];

    private static readonly string[] AerCorrectable =
        ["RxErr", "BadTLP", "BadDLLP", "Rollover", "Timeout", "NonFatalErr", "CorrIntErr", "HeaderOF"];

    private static readonly string[] AerUncorrectable =
        ["Undefined", "DLP", "SDES", "TLP", "FCP", "CmpltTO", "CmpltAbrt", "UnxCmplt", "RxOF", "MalfTLP", "ECRC", "UnsupReq", "ACSViol",
            "UncorrIntErr", "BlockedTLP", "AtomicOpBlocked", "TLPBlockedErr", "PoisonTLPBlocked"];

    public static Node? Find(SimulatedMachine machine, PciDevice device, string name) => name switch
    {
        "config" => new FileNode(() => PciConfiguration.Read(machine, device), _ => Errno.EPERM),
        "remove" => new FileNode(null, text => Remove(machine, device, text)),
        "driver_override" => new FileNode(() => Content.Line(device.DriverOverride ?? "(null)"), text => Override(machine, device, text)),
        "reset" when device.ResetMethods.Count > 0 => new FileNode(null, text => PciReset.Write(machine, device, text)),
        "reset_method" when device.SupportedResetMethods.Count > 0 =>
            new FileNode(() => Content.Line(string.Join(' ', device.ResetMethods)), text => PciReset.Choose(machine, device, text)),
        "sriov_numvfs" when HasSriov(device) =>
            new FileNode(() => Content.Line(device.Sriov!.Enabled), text => SetCount(machine, device, text), device.Guard),
        "sriov_drivers_autoprobe" when HasSriov(device) =>
            new FileNode(() => Content.Line(device.Sriov!.AutoProbe ? 1 : 0), text => SetAutoProbe(machine, device, text)),
        "sriov_vf_msix_count" when device.IsVirtual => new FileNode(null, text => SetMsix(machine, device, text)),
        "aer_dev_correctable" when HasErrors(device) => new FileNode(() => Errors(AerCorrectable, "TOTAL_ERR_COR")),
        "aer_dev_fatal" when HasErrors(device) => new FileNode(() => Errors(AerUncorrectable, "TOTAL_ERR_FATAL")),
        "aer_dev_nonfatal" when HasErrors(device) => new FileNode(() => Errors(AerUncorrectable, "TOTAL_ERR_NONFATAL")),
        _ => Identity.Find(device, name),
    };

    public static IEnumerable<string> Names(SimulatedMachine machine, PciDevice device) =>
        Identity.Names(device).Concat(Stateful.Where(name => Find(machine, device, name) is not null));

    /// <summary>Off in firmware (TotalVFs 0) the kernel makes none of the sriov files.</summary>
    private static bool HasSriov(PciDevice device) => device.Sriov is { HardwareTotal: > 0 };

    private static bool HasErrors(PciDevice device) => !device.IsVirtual;

    private static Content Hex(uint value, int digits) => Content.Line("0x" + value.ToString("x" + digits, CultureInfo.InvariantCulture));

    private static Content Speed(PciDevice device, int generation) => Content.Line(device.IsVirtual ? "Unknown" : generation switch
    {
        1 => "2.5 GT/s PCIe",
        2 => "5.0 GT/s PCIe",
        3 => "8.0 GT/s PCIe",
        4 => "16.0 GT/s PCIe",
        _ => "32.0 GT/s PCIe",
    });

    private static string ModuleAlias(PciIdentity id)
    {
        string ids = $"v{id.Vendor:X8}d{id.Device:X8}sv{id.SubsystemVendor:X8}sd{id.SubsystemDevice:X8}";
        return $"pci:{ids}bc{id.Class >> 16:X2}sc{(byte)(id.Class >> 8):X2}i{(byte)id.Class:X2}";
    }

    private static string Uevent(PciDevice device)
    {
        PciIdentity id = device.Identity;
        string driver = device.Driver is null ? "" : $"DRIVER={device.Driver.Name}\n";
        return $"{driver}PCI_CLASS={id.Class:X}\nPCI_ID={id.Vendor:X4}:{id.Device:X4}\nPCI_SLOT_NAME={device.Name}\n";
    }

    private static Content Errors(string[] names, string total) =>
        Content.Of(string.Concat(names.Append(total).Select(name => $"{name} 0\n")));

    private static Errno Override(SimulatedMachine machine, PciDevice device, string text)
    {
        if (text.Length >= 4095)
            return Errno.EINVAL;
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        string name = end < 0 ? text : text[..end];
        lock (machine.Gate)
            device.DriverOverride = name.Length == 0 ? null : name;
        return Errno.None;
    }

    private static Errno SetCount(SimulatedMachine machine, PciDevice device, string text)
    {
        if (KernelNumber.Parse(text) is not { } count || count is < 0 or > ushort.MaxValue)
            return Errno.EINVAL;
        return machine.Sriov.Set(device, (int)count);
    }

    private static Errno SetAutoProbe(SimulatedMachine machine, PciDevice device, string text)
    {
        if (KernelNumber.ParseBool(text) is not { } on)
            return Errno.EINVAL;
        lock (machine.Gate)
            device.Sriov!.AutoProbe = on;
        return Errno.None;
    }

    private static Errno SetMsix(SimulatedMachine machine, PciDevice device, string text)
    {
        if (KernelNumber.Parse(text) is not { } count || count is < 0 or > int.MaxValue)
            return Errno.EINVAL;
        lock (machine.Gate)
        {
            if (device.PhysicalFunction!.Driver is null || device.Traits is not { MsixCount: true })
                return Errno.EOPNOTSUPP;
            if (device.Driver is not null)
                return Errno.EBUSY;
            if (count > device.PhysicalFunction.Sriov!.VfTotalMsix)
                return Errno.EINVAL;
            device.MsixVectors = count == 0 ? device.PhysicalFunction.Sriov!.VfMsix : (int)count;
            return Errno.None;
        }
    }

    private static Errno Remove(SimulatedMachine machine, PciDevice device, string text)
    {
        if (KernelNumber.Parse(text) is null)
            return Errno.EINVAL;
        lock (machine.Gate)
            machine.Sriov.Unplug(device);
        return Errno.None;
    }
}
