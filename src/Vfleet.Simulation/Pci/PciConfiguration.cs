using System.Buffers.Binary;
using Vfleet.Simulation.Faults;
using Vfleet.Simulation.Files;

namespace Vfleet.Simulation.Pci;

/// <summary>
/// The 4096 bytes of configuration space: header, capabilities (power management, MSI-X, PCI Express) and extended ones
/// (AER, ARI, ACS, ATS, SR-IOV). Source: PCI Express base specification, chapter 7.
/// </summary>
internal static class PciConfiguration
{
    private const int Size = 4096;
    private const int PowerManagement = 0x40, Msix = 0x70, Express = 0xa0;
    private const int Aer = 0x100, Ari = 0x150, Sriov = 0x160, Acs = 0x1c0, Ats = 0x1d0;

    public static Content Read(SimulatedMachine machine, PciDevice device)
    {
        byte[] bytes = new byte[Size];
        if (machine.Faults.IsArmed(SimulatedFault.LostVf, device.Name))
            Array.Fill(bytes, (byte)0xff);
        else
            Fill(bytes, device);
        // Without privilege the kernel shows the header's first 64 bytes only.
        return machine.Privileged ? bytes : bytes[..64];
    }

    private static void Fill(byte[] bytes, PciDevice device)
    {
        PciIdentity id = device.Identity;
        // A VF's own identity registers read as ones (SR-IOV specification, 3.4.1.1).
        Put16(bytes, 0x00, device.IsVirtual ? 0xffff : id.Vendor);
        Put16(bytes, 0x02, device.IsVirtual ? 0xffff : id.Device);
        Put16(bytes, 0x04, device.Driver is null ? 0x0000 : 0x0406);
        Put16(bytes, 0x06, 0x0010);
        Put32(bytes, 0x08, (id.Class << 8) | id.Revision);
        bytes[0x0e] = (byte)(id.Class >> 8 == 0x0604 ? 0x01 : device.IsVirtual || device.SupportedResetMethods.Count == 0 ? 0x00 : 0x80);
        Put16(bytes, 0x2c, id.SubsystemVendor);
        Put16(bytes, 0x2e, id.SubsystemDevice);
        bytes[0x34] = PowerManagement;
        Capability(bytes, PowerManagement, 0x01, device.MsixVectors > 0 ? Msix : Express);
        Put16(bytes, PowerManagement + 2, 0xc803);
        if (device.MsixVectors > 0)
        {
            Capability(bytes, Msix, 0x11, Express);
            Put16(bytes, Msix + 2, (device.MsixVectors - 1) | (device.Driver is null ? 0 : 0x8000));
            Put32(bytes, Msix + 4, 3);
            Put32(bytes, Msix + 8, 0x2003);
        }
        FillExpress(bytes, device);
        FillExtended(bytes, device);
    }

    private static void FillExpress(byte[] bytes, PciDevice device)
    {
        bool isPort = device.Identity.Class >> 8 == 0x0604;
        Capability(bytes, Express, 0x10, 0);
        Put16(bytes, Express + 2, isPort ? 0x0042 : 0x0002);
        // Device capabilities: function-level reset is bit 28.
        Put32(bytes, Express + 4, device.SupportedResetMethods.Contains("flr") ? 0x1000_8cc2u : 0x0000_8cc2u);
        PcieLink link = device.Link;
        Put32(bytes, Express + 12, (uint)(link.MaximumGeneration | (link.MaximumWidth << 4)));
        if (!device.IsVirtual)
            Put16(bytes, Express + 18, link.Generation | (link.Width << 4));
        // Device capabilities 2: a port forwards to all 256 functions of a device (ARI, bit 5).
        Put32(bytes, Express + 36, isPort ? 0x20u : 0);
        Put16(bytes, Express + 40, isPort ? 0x20 : 0);
    }

    private static void FillExtended(byte[] bytes, PciDevice device)
    {
        List<(int At, ushort Id)> list = [(Aer, 0x0001)];
        bool isPort = device.Identity.Class >> 8 == 0x0604;
        if (!isPort)
            list.Add((Ari, 0x000e));
        if (device.Sriov is not null)
            list.Add((Sriov, 0x0010));
        if (isPort)
            list.Add((Acs, 0x000d));
        else
            list.Add((Ats, 0x000f));
        for (int i = 0; i < list.Count; i++)
            Put32(bytes, list[i].At, list[i].Id | (1u << 16) | (uint)((i + 1 < list.Count ? list[i + 1].At : 0) << 20));
        if (isPort)
        {
            // Source validation, request and completion redirect, upstream forwarding: possible and on.
            Put16(bytes, Acs + 4, 0x001d);
            Put16(bytes, Acs + 6, 0x001d);
        }
        if (device.Sriov is { } sriov)
            FillSriov(bytes, sriov);
    }

    private static void FillSriov(byte[] bytes, SriovState sriov)
    {
        bool on = sriov.Functions.Count > 0;
        Put32(bytes, Sriov + 0x04, 0x0000_0002);
        // Control: VF enable, VF memory space, ARI hierarchy.
        Put16(bytes, Sriov + 0x08, on ? 0x0019 : 0x0010);
        Put16(bytes, Sriov + 0x0c, sriov.HardwareTotal);
        Put16(bytes, Sriov + 0x0e, sriov.HardwareTotal);
        Put16(bytes, Sriov + 0x10, on ? sriov.Functions.Count : 0);
        Put16(bytes, Sriov + 0x14, sriov.Offset);
        Put16(bytes, Sriov + 0x16, sriov.Stride);
        Put16(bytes, Sriov + 0x1a, sriov.VfDevice);
        Put32(bytes, Sriov + 0x1c, 0x553);
        Put32(bytes, Sriov + 0x20, 1);
    }

    private static void Capability(byte[] bytes, int at, byte id, int next)
    {
        bytes[at] = id;
        bytes[at + 1] = (byte)next;
    }

    private static void Put16(byte[] bytes, int at, int value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)value);

    private static void Put32(byte[] bytes, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), value);
}
