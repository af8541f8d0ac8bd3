using Vfleet.Linux.Pci.Config;

namespace Vfleet.Linux.Pci;

/// <summary>
/// Tells why a device has no <c>sriov_totalvfs</c>. The kernel leaves it out when TotalVFs is 0 or the capability was refused
/// (drivers/pci/iov.c sriov_init).
/// </summary>
internal static class SriovAbsence
{
    /// <summary>The fault with the cause, from the device's configuration space.</summary>
    public static Fault Explain(IFileTree files, PciAddress address)
    {
        if (!files.Exists(address.SysfsPath))
            return PciBus.NoSuchDevice(address);
        if (files.LinkAddressOrNull(PciPath.Attribute(address, "physfn")) is PciAddress physicalFunction)
            return Because(address, "it is a VF itself", $"name its PF, {physicalFunction}");
        return new ConfigReader(files).Read(address).Try(out ConfigSpace? config, out Fault? fault)
            ? FromConfig(address, config)
            : Because(address, $"its configuration space cannot be read ({fault.Error})", null);
    }

    private static Fault FromConfig(PciAddress address, ConfigSpace config) => config switch
    {
        { Sriov: { TotalVfs: 0 } } => Because(
            address, "TotalVFs is 0: SR-IOV is off in the device's firmware", "switch it on with the vendor's tool and restart"),
        { Sriov: not null } => Because(
            address,
            "the device has the capability but the kernel refused it (dmesg says why)",
            "check the firmware's SR-IOV and address space settings"),
        { IsComplete: false } => Because(address, "only a part of its configuration space may be read here", "look again as root"),
        _ => Because(
            address,
            "the device has no SR-IOV capability",
            "use another device, or switch SR-IOV on in its firmware: some devices hide the capability until then"),
    };

    private static Fault Because(PciAddress address, string cause, string? remedy) =>
        Fault.Unsupported($"{address} cannot have VFs", cause, remedy, address.ToString());
}
