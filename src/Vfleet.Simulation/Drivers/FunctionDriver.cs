using Vfleet.Linux.Route;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Drivers;

/// <summary>The driver of an SR-IOV device's functions: of its PFs (igb), of its VFs (igbvf), or of both (mlx5_core).</summary>
/// <param name="name">Its name.</param>
/// <param name="traits">What the NIC can; null for a device that is no NIC.</param>
/// <param name="takesPfs">True where its id table has the PFs.</param>
/// <param name="takesVfs">True where its id table has the VFs.</param>
internal sealed class FunctionDriver(string name, NicTraits? traits, bool takesPfs, bool takesVfs) : SimulatedDriver(name, name)
{
    public NicTraits? Traits => traits;

    public override bool Knows(PciDevice device) => device.IsVirtual ? takesVfs : takesPfs && device.Sriov is not null;

    public override Errno Probe(SimulatedMachine machine, PciDevice device)
    {
        if (!Knows(device))
            return Errno.ENODEV;
        // An NVMe VF has no queues before someone gives it some: its controller does not start.
        if (traits is null)
            return device.IsVirtual ? Errno.ENODEV : Errno.None;
        MacAddress mac = device.IsVirtual ? VfMac(device) : MacAddresses.Local(0x10, device.Address.RoutingId, 0);
        machine.Links.Create(device, LinkNames.ForFunction(device), mac, traits);
        return Errno.None;
    }

    public override void Remove(SimulatedMachine machine, PciDevice device)
    {
        machine.Links.RemoveOf(device);
        if (device.PhysicalFunction?.Sriov is not { } sriov || device.VfIndex >= sriov.Settings.Length)
            return;
        // A leaving VF driver resets its function, and the PF forgets the address it had made up.
        VfSettings settings = sriov.Settings[device.VfIndex];
        if (!settings.MacIsAdministrative)
            settings.Mac = default;
    }

    /// <summary>Without an administrative address the VF's driver makes one up and tells the PF.</summary>
    private static MacAddress VfMac(PciDevice vf)
    {
        VfSettings settings = vf.PhysicalFunction!.Sriov!.Settings[vf.VfIndex];
        MacAddress own = MacAddresses.Local(0x20, vf.PhysicalFunction.Address.RoutingId, (ushort)vf.VfIndex);
        if (settings.MacIsAdministrative)
            return settings.Mac;
        if (vf.Traits!.PfLearnsVfMac)
            settings.Mac = own;
        return own;
    }
}
