using Vfleet.Simulation.Drivers;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Profiles;

/// <summary>A machine as it is shipped: its cards and what their drivers can.</summary>
internal sealed record MachineProfile
{
    public required string Name { get; init; }

    public required PciIdentity Identity { get; init; }

    /// <summary>Null for a device that is no NIC.</summary>
    public NicTraits? Traits { get; init; }

    /// <summary>The PF's driver.</summary>
    public required string Driver { get; init; }

    /// <summary>Addresses of the PFs, as many as the profile has by itself.</summary>
    public required IReadOnlyList<PciAddress> Addresses { get; init; }

    public required int TotalVfs { get; init; }

    /// <summary>TotalVFs of the capability, where the driver allows fewer.</summary>
    public int? HardwareTotalVfs { get; init; }

    /// <summary>First VF offset of each PF in turn; the last one repeats.</summary>
    public required IReadOnlyList<int> Offsets { get; init; }

    public required int Stride { get; init; }

    public required ushort VfDevice { get; init; }

    public IReadOnlyList<string> ResetMethods { get; init; } = ["flr", "bus"];

    public int MsixVectors { get; init; } = 10;

    public int VfMsixVectors { get; init; } = 3;

    public int VfTotalMsix { get; init; }

    public PcieLink Link { get; init; } = new(3, 8, 3, 8);

    public MachineTiming Timing { get; init; } = MachineTiming.Instant;
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
