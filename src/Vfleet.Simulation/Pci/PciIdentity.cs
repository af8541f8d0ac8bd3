namespace Vfleet.Simulation.Pci;

/// <summary>What a PCI function says it is.</summary>
/// <param name="Vendor">Vendor id.</param>
/// <param name="Device">Device id.</param>
/// <param name="SubsystemVendor">Subsystem vendor id.</param>
/// <param name="SubsystemDevice">Subsystem device id.</param>
/// <param name="Class">Class code of 24 bits, such as 0x020000 (Ethernet).</param>
/// <param name="Revision">Revision id.</param>
internal sealed record PciIdentity(ushort Vendor, ushort Device, ushort SubsystemVendor, ushort SubsystemDevice, uint Class, byte Revision);
