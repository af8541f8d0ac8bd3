namespace Vfleet.Linux.Pci;

/// <summary>A device in an IOMMU group.</summary>
/// <param name="Address">The device.</param>
/// <param name="Driver">Its driver, or null.</param>
/// <param name="Class">Its class code, 24 bits, or null.</param>
public sealed record IommuMember(PciAddress Address, string? Driver, uint? Class)
{
    private const uint BridgeBaseClass = 0x06;

    /// <summary>
    /// True where this member keeps the group from user space: bound to a driver that does DMA for the kernel. Bridges, no driver,
    /// vfio drivers and pci-stub do not. Source: driver_managed_dma in the kernel's pci drivers; vfio_dev_viable before Linux 5.19.
    /// </summary>
    public bool BlocksUserSpace => Driver is not null and not "pci-stub"
        && !Driver.Contains("vfio", StringComparison.Ordinal)
        && Class >> 16 != BridgeBaseClass;
}

/// <summary>Devices the IOMMU cannot tell apart: they go to one owner together, or not at all.</summary>
/// <param name="Number">The group's number.</param>
/// <param name="Members">Its devices in order, the asked one included.</param>
public sealed record IommuGroup(int Number, IReadOnlyList<IommuMember> Members)
{
    /// <summary>True where a user-space driver may take the group: no member is in the kernel's hands.</summary>
    public bool IsViable => !Members.Any(member => member.BlocksUserSpace);

    /// <summary>The members that are neither the device itself nor bridges.</summary>
    public IEnumerable<IommuMember> SharedWith(PciAddress address) =>
        Members.Where(member => member.Address != address && member.Class >> 16 != 0x06);
}
