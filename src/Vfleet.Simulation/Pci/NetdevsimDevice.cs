using System.Globalization;

namespace Vfleet.Simulation.Pci;

/// <summary>A device of the kernel's own simulated NIC: on a bus of its own, without PCI functions.</summary>
/// <param name="number">Its number on the bus.</param>
internal sealed class NetdevsimDevice(uint number) : SimulatedDevice
{
    public uint Number => number;

    public override string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"netdevsim{number}");

    public override string Bus => "netdevsim";

    public override string SysPath => $"/sys/devices/{Name}";

    /// <summary>The file max_vfs in debugfs.</summary>
    public uint MaximumVfs { get; set; } = 4;
}
