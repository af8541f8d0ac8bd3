namespace Vfleet.Linux.Pci;

/// <summary>IOMMU groups: who shares what with whom. Source: Documentation/ABI/testing/sysfs-kernel-iommu_groups.</summary>
/// <param name="files">The kernel's files.</param>
public sealed class Iommu(IFileTree files)
{
    /// <summary>Number of a device's group. Equivalent to <c>basename $(readlink /sys/bus/pci/devices/BDF/iommu_group)</c>.</summary>
    /// <returns>NotFound when there is no such device; Kernel, with the cause, when it is behind no IOMMU.</returns>
    public Outcome<int> NumberOf(PciAddress address)
    {
        if (files.ReadLink(PciPath.Attribute(address, "iommu_group")).Try(out string? target, out Fault? fault))
            return SysfsValues.ParseCount(SysfsValues.LastPart(target)) is int number
                ? number
                : new Fault(FaultKind.Kernel, $"{address}: iommu_group points to '{target}', which is no group")
                {
                    Target = address.ToString(),
                };
        if (fault.Errno is not Errno.ENOENT)
            return fault;
        if (!files.Exists(address.SysfsPath))
            return PciBus.NoSuchDevice(address);
        return (IommuSupport.Read(files).Explain() ?? Fault.Unsupported("the IOMMU does not cover this device"))
            with { Error = $"{address} is in no IOMMU group", Target = address.ToString() };
    }

    /// <summary>A device's group and everyone in it. Equivalent to <c>ls /sys/kernel/iommu_groups/N/devices</c>.</summary>
    public Outcome<IommuGroup> GroupOf(PciAddress address) =>
        NumberOf(address).Try(out int number, out Fault? fault) ? Group(number) : fault;

    /// <summary>A group by its number.</summary>
    /// <returns>NotFound when there is none of that number.</returns>
    public Outcome<IommuGroup> Group(int number)
    {
        if (!files.List(PciPath.IommuGroupDevices(number)).Try(out IReadOnlyList<string>? names, out Fault? fault))
            return fault.Errno is Errno.ENOENT ? Fault.NotFound($"no IOMMU group {number}") : fault;
        List<IommuMember> members = [];
        foreach (PciAddress address in PciBus.Parse(names))
        {
            members.Add(new IommuMember(
                address,
                files.LinkNameOrNull(PciPath.Attribute(address, "driver")),
                files.HexOrNull(PciPath.Attribute(address, "class"))));
        }

        return new IommuGroup(number, members);
    }
}
