using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Drivers;

/// <summary>A PCI driver. Its methods run under the machine's gate.</summary>
/// <param name="name">Its name in /sys/bus/pci/drivers.</param>
/// <param name="module">The module it comes in.</param>
internal abstract class SimulatedDriver(string name, string module)
{
    public string Name => name;

    public string Module => module;

    /// <summary>Ids added through <c>new_id</c>.</summary>
    public HashSet<(ushort Vendor, ushort Device)> DynamicIds { get; } = [];

    /// <summary>The kernel's pci_match_device: a driver asked for by name takes anything, another takes nothing.</summary>
    public bool Matches(PciDevice device) => device.DriverOverride is { } wanted
        ? wanted == Name
        : DynamicIds.Contains((device.Identity.Vendor, device.Identity.Device)) || Knows(device);

    /// <summary>True where the driver's own id table has the device.</summary>
    public abstract bool Knows(PciDevice device);

    /// <summary>Takes the device.</summary>
    public virtual Errno Probe(SimulatedMachine machine, PciDevice device) => Errno.None;

    /// <summary>Lets the device go.</summary>
    public virtual void Remove(SimulatedMachine machine, PciDevice device)
    {
    }
}

/// <summary>vfio-pci: takes only what is asked for by name or by new_id, and needs an IOMMU group.</summary>
internal sealed class VfioDriver() : SimulatedDriver("vfio-pci", "vfio_pci")
{
    public override bool Knows(PciDevice device) => false;

    public override Errno Probe(SimulatedMachine machine, PciDevice device) =>
        device.IommuGroup is null ? Errno.EINVAL : Errno.None;
}

/// <summary>A driver that only holds devices: pcieport, uio_pci_generic.</summary>
internal sealed class HoldingDriver(string name, string module, Func<PciDevice, bool> knows) : SimulatedDriver(name, module)
{
    public override bool Knows(PciDevice device) => knows(device);
}
