using Vfleet.Node.Pools;

namespace Vfleet.Node.Allocation;

/// <summary>A VF as the choice sees it. What is not known is null.</summary>
/// <param name="Vf">Its name: the PCI address, else PF/index.</param>
/// <param name="Pf">Its PF, as people call it.</param>
/// <param name="Index">Its index on that PF.</param>
/// <param name="Pool">The pool it is in.</param>
public sealed record Candidate(string Vf, string Pf, int Index, string Pool)
{
    /// <summary>NUMA node.</summary>
    public int? NumaNode { get; init; }

    /// <summary>Socket of that node.</summary>
    public int? Socket { get; init; }

    /// <summary>Where it hangs on PCIe; null for a VF that is no PCI device.</summary>
    public PcieRoot? Root { get; init; }

    /// <summary>What is known of it beside its place; null for a VF of which nothing is: free.</summary>
    public VfStanding? Standing { get; init; }

    /// <summary>Whether it can be had, and if not why.</summary>
    public VfHolding Holding => Standing?.Holding ?? VfHolding.Free;

    /// <summary>True for a VF that can be handed out.</summary>
    public bool IsFree => Holding == VfHolding.Free;

    /// <summary>True for a VF that is kept ready.</summary>
    public bool IsWarm => Standing?.IsWarm ?? false;

    /// <summary>True for a VF that works, but not well.</summary>
    public bool IsDegraded => Standing?.IsDegraded ?? false;
}

/// <summary>A PF as the choice sees it. What is not known is null.</summary>
/// <param name="Pf">As people call it.</param>
public sealed record PfLoad(string Pf)
{
    /// <summary>Speed of its link in Mbit/s; null while there is no link.</summary>
    public int? SpeedMbps { get; init; }

    /// <summary>Sum of what its VFs are guaranteed now, in Mbit/s.</summary>
    public long GuaranteedMbps { get; init; }

    /// <summary>VFs of it that somebody has, of whatever pool.</summary>
    public int HandedOut { get; init; }

    /// <summary>Administratively up; null without an interface.</summary>
    public bool? IsUp { get; init; }

    /// <summary>What may still be guaranteed of it in Mbit/s, never below 0; null where its speed is not known.</summary>
    /// <param name="percent">Share of its speed that may be guaranteed.</param>
    public long? GuaranteeableMbps(int percent) =>
        SpeedMbps is { } speed ? Math.Max(0, ((long)speed * percent / 100) - GuaranteedMbps) : null;
}

/// <summary>Where a PCI device hangs: the nearer two devices' roots, the shorter the way between them.</summary>
/// <param name="HostBridge">The host bridge, such as <c>pci0000:00</c>.</param>
/// <param name="Port">The root port below it, such as <c>0000:00:01.0</c>; null for a device of the host bridge's own bus.</param>
public sealed record PcieRoot(string HostBridge, string? Port)
{
    /// <inheritdoc/>
    public override string ToString() => Port is null ? HostBridge : $"{HostBridge}/{Port}";
}

/// <summary>A place that VFs are wanted near.</summary>
/// <param name="Root">Its PCIe root.</param>
/// <param name="NumaNode">Its NUMA node; null where the firmware does not say.</param>
public sealed record NearPlace(PcieRoot? Root, int? NumaNode);

/// <summary>A machine as the choice sees it.</summary>
public sealed record PlacementInput
{
    /// <summary>VFs of every pool, held ones included: refusals count them.</summary>
    public required IReadOnlyList<Candidate> Candidates { get; init; }

    /// <summary>Their PFs.</summary>
    public required IReadOnlyList<PfLoad> Pfs { get; init; }

    /// <summary>Sockets of NUMA nodes, as far as each node is of one socket.</summary>
    public IReadOnlyDictionary<int, int> Sockets { get; init; } = new Dictionary<int, int>();

    /// <summary>Where the device is that the request wants to be near; null where it names none.</summary>
    public NearPlace? Near { get; init; }
}
