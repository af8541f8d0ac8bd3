using Vfleet.Simulation.Drivers;

namespace Vfleet.Simulation.Profiles;

/// <summary>A machine as it is shipped: its cards and what their drivers can.</summary>
internal sealed record MachineProfile
{
    public required string Name { get; init; }

    /// <summary>The PF's driver.</summary>
    public required string Driver { get; init; }

    /// <summary>What the NIC can; null for a device that is no NIC.</summary>
    public NicTraits? Traits { get; init; }

    /// <summary>The PCI card; null for netdevsim, which is none.</summary>
    public PciCard? Card { get; init; }

    /// <summary>VFs the driver allows per PF.</summary>
    public required int TotalVfs { get; init; }

    public MachineTiming Timing { get; init; } = MachineTiming.Instant;

    /// <summary>PFs where nobody says otherwise.</summary>
    public int PhysicalFunctions => Card?.Addresses.Count ?? 1;
}

/// <summary>How long things take on the real machine.</summary>
/// <param name="VfCreation">Per VF, in sriov_numvfs.</param>
/// <param name="VfRemoval">Per VF, in sriov_numvfs.</param>
/// <param name="VfProbe">Per probe of a native VF driver.</param>
/// <param name="Reset">Per function-level reset.</param>
/// <param name="Carrier">From switching a port on to its signal.</param>
internal sealed record MachineTiming(TimeSpan VfCreation, TimeSpan VfRemoval, TimeSpan VfProbe, TimeSpan Reset, TimeSpan Carrier)
{
    public static readonly MachineTiming Instant = new(default, default, default, default, default);

    public static MachineTiming OfMilliseconds(int creation, int removal, int probe, int reset, int carrier) => new(
        TimeSpan.FromMilliseconds(creation), TimeSpan.FromMilliseconds(removal), TimeSpan.FromMilliseconds(probe),
        TimeSpan.FromMilliseconds(reset), TimeSpan.FromMilliseconds(carrier));
}
