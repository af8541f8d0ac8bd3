using Vfleet.Simulation.Drivers;
using Vfleet.Simulation.Links;

namespace Vfleet.Simulation.Pci;

/// <summary>A device on a bus: something that can be a network interface's parent and can have VFs.</summary>
internal abstract class SimulatedDevice
{
    /// <summary>The kernel's device name: the BDF, or <c>netdevsim0</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The bus it hangs on, as IFLA_PARENT_DEV_BUS_NAME says it.</summary>
    public abstract string Bus { get; }

    /// <summary>Its real directory, below /sys/devices.</summary>
    public abstract string SysPath { get; }

    /// <summary>Its VFs, where it can have any.</summary>
    public SriovState? Sriov { get; init; }

    /// <summary>The driver that holds it.</summary>
    public SimulatedDriver? Driver { get; set; }

    /// <summary>What the NIC can; null where it is none.</summary>
    public NicTraits? Traits { get; init; }

    /// <summary>Network interfaces it carries, in whichever namespace they are.</summary>
    public List<SimulatedLink> Links { get; } = [];

    /// <summary>Its devlink health reporters by name.</summary>
    public SortedDictionary<string, SimulatedReporter> Reporters { get; } = new(StringComparer.Ordinal);

    /// <summary>Its driver's own counters (<c>ethtool -S</c>) by name; those a test gave it.</summary>
    public SortedDictionary<string, ulong> DriverCounters { get; } = new(StringComparer.Ordinal);

    /// <summary>The wire its port is plugged into; ports on one wire hear each other.</summary>
    public int Wire { get; init; }

    /// <summary>True once it was removed; operations that began before find out.</summary>
    public bool Removed { get; set; }

    /// <summary>The kernel's device_lock: one configuring operation at a time. Taken before the machine's gate, never after.</summary>
    public SemaphoreSlim Guard { get; } = new(1, 1);
}

/// <summary>A devlink health reporter.</summary>
/// <param name="Healthy">False while it is in state error.</param>
/// <param name="Errors">Errors so far.</param>
internal sealed record SimulatedReporter(bool Healthy, ulong Errors);
