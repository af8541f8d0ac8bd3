namespace Vfleet.Linux.Pci;

/// <summary>One PCI function of any class, as far as an inventory needs it. What the kernel does not tell is null.</summary>
/// <param name="Address">Where it is.</param>
public sealed record PciDevice(PciAddress Address)
{
    /// <summary>Vendor id, such as 0x8086.</summary>
    public ushort? VendorId { get; init; }

    /// <summary>Device id, such as 0x10c9.</summary>
    public ushort? DeviceId { get; init; }

    /// <summary>Subsystem vendor id.</summary>
    public ushort? SubsystemVendorId { get; init; }

    /// <summary>Subsystem device id.</summary>
    public ushort? SubsystemDeviceId { get; init; }

    /// <summary>Class code, 24 bits: base class, sub-class, programming interface; 0x020000 is an Ethernet controller.</summary>
    public uint? Class { get; init; }

    /// <summary>The driver bound to it; null when there is none.</summary>
    public string? Driver { get; init; }

    /// <summary>NUMA node; null where the firmware does not say (sysfs shows -1).</summary>
    public int? NumaNode { get; init; }

    /// <summary>IOMMU group; null without an IOMMU.</summary>
    public int? IommuGroup { get; init; }

    /// <summary>The PF this VF belongs to; null for a function that is no VF.</summary>
    public PciAddress? PhysicalFunction { get; init; }

    /// <summary>VFs the device and its driver can have; null for a function without SR-IOV.</summary>
    public int? TotalVfs { get; init; }

    /// <summary>VFs that exist now; null for a function without SR-IOV.</summary>
    public int? NumVfs { get; init; }

    /// <summary>True for a VF.</summary>
    public bool IsVirtualFunction => PhysicalFunction is not null;

    /// <summary>True for a function that can have VFs.</summary>
    public bool IsPhysicalFunction => TotalVfs is not null;

    /// <summary>True for a network controller, base class 0x02.</summary>
    public bool IsNetworkController => Class >> 16 == 0x02;
}
