using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Tests.Pools;

/// <summary>Inventories without a kernel, for what follows from an inventory alone.</summary>
internal static class Machines
{
    /// <summary>An igb-like PF at bus <paramref name="bus"/>.</summary>
    public static PhysicalFunction Pf(string? name, byte bus, int vfs = 4) => new()
    {
        SysfsPath = new PciAddress(0, (ushort)(bus << 8)).SysfsPath,
        Address = new PciAddress(0, (ushort)(bus << 8)),
        DeviceName = new PciAddress(0, (ushort)(bus << 8)).ToString(),
        Name = name,
        VendorId = 0x8086,
        DeviceId = 0x10c9,
        VfDeviceId = 0x10ca,
        LinkType = name is null ? null : "ether",
        NumVfs = vfs,
    };

    /// <summary>A PF without PCI.</summary>
    public static PhysicalFunction Netdevsim(string device, string? name, int vfs) =>
        new() { SysfsPath = $"/sys/bus/netdevsim/devices/{device}", DeviceName = device, Name = name, NumVfs = vfs };

    public static MachineInventory Of(params PhysicalFunction[] pfs) => new(pfs, [.. pfs.SelectMany(VfsOf)]);

    public static PoolDefinition Pool(string name, params VfSelector[] selectors) =>
        new() { Name = name, Origin = $"policy {name}", Selectors = selectors };

    /// <summary>Which pool each VF is in, as <c>0000:01:10.0=fast</c>.</summary>
    public static IEnumerable<string> Describe(PoolCatalog catalog) =>
        catalog.Members.Select(member => $"{member.Vf.Label}={member.Pool.Name}");

    private static IEnumerable<VirtualFunction> VfsOf(PhysicalFunction pf) =>
        Enumerable.Range(0, pf.NumVfs).Select(index => new VirtualFunction
        {
            Pf = pf,
            Index = index,
            Address = pf.Address?.VirtualFunction(index, 128, 2),
            Driver = pf.Address is null ? null : "igbvf",
        });
}
