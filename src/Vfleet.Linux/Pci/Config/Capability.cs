namespace Vfleet.Linux.Pci.Config;

/// <summary>Capability ids. Source: PCI Code and ID Assignment Specification; include/uapi/linux/pci_regs.h.</summary>
public enum CapabilityId : byte
{
#pragma warning disable CS1591 // the names are those of the specification
    Null = 0x00, PowerManagement = 0x01, Agp = 0x02, VitalProductData = 0x03, SlotId = 0x04, Msi = 0x05, CompactPciHotSwap = 0x06,
    PciX = 0x07, HyperTransport = 0x08, VendorSpecific = 0x09, DebugPort = 0x0a, CompactPciResource = 0x0b, HotPlug = 0x0c,
    BridgeSubsystemId = 0x0d, Agp8x = 0x0e, SecureDevice = 0x0f, Express = 0x10, Msix = 0x11, Sata = 0x12, AdvancedFeatures = 0x13,
    EnhancedAllocation = 0x14,
#pragma warning restore CS1591
}

/// <summary>Extended capability ids. Source: PCI Code and ID Assignment Specification; include/uapi/linux/pci_regs.h.</summary>
public enum ExtendedCapabilityId : ushort
{
#pragma warning disable CS1591 // the names are those of the specification
    Null = 0x00, Aer = 0x01, VirtualChannel = 0x02, SerialNumber = 0x03, PowerBudgeting = 0x04, RootComplexLink = 0x05,
    RootComplexInternalLink = 0x06, RootComplexEventCollector = 0x07, MultiFunctionVirtualChannel = 0x08, VirtualChannel9 = 0x09,
    RootComplexRegisterBlock = 0x0a, VendorSpecific = 0x0b, ConfigAccess = 0x0c, Acs = 0x0d, Ari = 0x0e, Ats = 0x0f, Sriov = 0x10,
    Mriov = 0x11, Multicast = 0x12, PageRequest = 0x13, ResizableBar = 0x15, DynamicPowerAllocation = 0x16, TphRequester = 0x17,
    LatencyTolerance = 0x18, SecondaryExpress = 0x19, ProtocolMultiplexing = 0x1a, Pasid = 0x1b, DownstreamPortContainment = 0x1d,
    L1Substates = 0x1e, PrecisionTime = 0x1f, DesignatedVendorSpecific = 0x23, VfResizableBar = 0x24, DataLinkFeature = 0x25,
    PhysicalLayer16 = 0x26, PhysicalLayer32 = 0x2a, DataObjectExchange = 0x2e,
#pragma warning restore CS1591
}

/// <summary>An entry of the capability list (7.5.1.1.11).</summary>
/// <param name="Id">What it is; ids without a name occur.</param>
/// <param name="Offset">Where it starts, 0x40 to 0xfc.</param>
public readonly record struct Capability(CapabilityId Id, byte Offset);

/// <summary>An entry of the extended capability list (7.6.3).</summary>
/// <param name="Id">What it is; ids without a name occur.</param>
/// <param name="Version">Version of its layout, 0 to 15.</param>
/// <param name="Offset">Where it starts, 0x100 to 0xffc.</param>
public readonly record struct ExtendedCapability(ExtendedCapabilityId Id, byte Version, ushort Offset);
