namespace Vfleet.Simulation;

/// <summary>What differs from a profile's own machine.</summary>
public sealed record SimulationOptions
{
    /// <summary>Number of PFs; null as the profile has it.</summary>
    public int? PhysicalFunctions { get; init; }

    /// <summary>VFs the driver allows per PF; null as the profile has it.</summary>
    public int? TotalVfs { get; init; }

    /// <summary>VFs that exist from the start, on every PF, without a driver.</summary>
    public int InitialVfs { get; init; }

    /// <summary>True brings every PF's interface up at the start, as on a configured machine.</summary>
    public bool LinksUp { get; init; }

    /// <summary>False where the PF's own driver is not loaded yet: no interfaces, no VFs.</summary>
    public bool DriverLoaded { get; init; } = true;

    /// <summary>False where the IOMMU is off: no groups, no VFIO.</summary>
    public bool Iommu { get; init; } = true;

    /// <summary>False for a caller without capabilities: changes answer EPERM or EACCES.</summary>
    public bool Privileged { get; init; } = true;

    /// <summary>True lets creation, probes and carriers take the time the lab takes; else nothing takes time.</summary>
    public bool RealisticTiming { get; init; }

    /// <summary>False for a kernel before Linux 6.2, which answers EBUSY to a new name for an interface that is up.</summary>
    public bool RenamesUp { get; init; } = true;

    /// <summary>Modules loaded from the start, besides the PF's driver; null is the profile's native VF driver and vfio-pci.</summary>
    public IReadOnlyList<string>? Modules { get; init; }

    /// <summary>The clock of the machine.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
