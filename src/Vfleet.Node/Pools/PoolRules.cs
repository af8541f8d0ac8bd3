using Vfleet.Linux.Probes;

namespace Vfleet.Node.Pools;

/// <summary>How a pool's VFs are chosen, cleaned, kept ready, watched and tuned. The defaults hold for a pool without rules.</summary>
public sealed record PoolRules
{
    /// <summary>Order in which free VFs are taken.</summary>
    public AllocationPolicy Allocation { get; init; } = AllocationPolicy.Pack;

    /// <summary>What happens before a VF is handed out again.</summary>
    public ScrubRule Scrub { get; init; } = ScrubRule.Reset;

    /// <summary>How many free VFs are kept bound, up and scrubbed; 0 for none.</summary>
    public int Prewarm { get; init; }

    /// <summary>Guaranteed rate of each VF in Mbit/s where a request names none; 0 for none.</summary>
    public uint GuaranteedMbps { get; init; }

    /// <summary>Largest rate of each VF in Mbit/s where a request names none; 0 for no limit.</summary>
    public uint MaximumMbps { get; init; }

    /// <summary>Share of a PF's speed that may be guaranteed, in percent, 1 to 100.</summary>
    public int GuaranteeablePercent { get; init; } = 100;

    /// <summary>When a VF counts as degraded or failed.</summary>
    public HealthThresholds Health { get; init; } = new();

    /// <summary>What is tuned for the owner of a VF; null for nothing.</summary>
    public TuningProfile? Tuning { get; init; }

    /// <summary>Whom the way through each VF is measured to; none where nobody wrote any.</summary>
    public IReadOnlyList<PoolProbe> Probes { get; init; } = [];
}

/// <summary>A target that is asked again and again over each VF of a pool, from its owner's network namespace.</summary>
/// <param name="Target">Whom.</param>
/// <param name="Interval">From one time to the next, 1 s to an hour.</param>
public sealed record PoolProbe(ProbeTarget Target, TimeSpan Interval);

/// <summary>Order in which free VFs are taken.</summary>
public enum AllocationPolicy
{
    /// <summary>From the PF with the fewest free VFs that suffices, lowest index first.</summary>
    Pack,

    /// <summary>From the PF with the fewest VFs handed out.</summary>
    Spread,
}

/// <summary>How near a NUMA node a VF has to be. Source: the policies of OpenStack's PCI requests.</summary>
public enum NumaPolicy
{
    /// <summary>The node, or unknown.</summary>
    Legacy,

    /// <summary>The node where possible, else any.</summary>
    Preferred,

    /// <summary>A node of the same socket.</summary>
    Socket,

    /// <summary>The node and no other; unknown does not do.</summary>
    Required,
}

/// <summary>What happens to a VF before it is free again.</summary>
public enum ScrubRule
{
    /// <summary>Settings to the clean state, function-level reset, read back.</summary>
    Reset,

    /// <summary>Settings to the clean state, read back.</summary>
    Settings,
}

/// <summary>When a VF counts as degraded or failed. Counts are within <see cref="Window"/>.</summary>
public sealed record HealthThresholds
{
    /// <summary>The time within which events are counted.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Losses of carrier from which on a VF is degraded.</summary>
    public int DegradedCarrierLosses { get; init; } = 3;

    /// <summary>Losses of carrier from which on a VF has failed; 0 for never.</summary>
    public int FailedCarrierLosses { get; init; } = 20;

    /// <summary>Frames with a forged source from which on a VF is degraded; 0 for never.</summary>
    public int DegradedSpoofedPackets { get; init; } = 1;

    /// <summary>Correctable PCIe errors from which on a VF is degraded; 0 for never.</summary>
    public int DegradedCorrectableErrors { get; init; } = 10;

    /// <summary>How long everything must be well before a VF that failed is healthy again.</summary>
    public TimeSpan Recovery { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>What is tuned for the owner of a VF and put back on release. Null leaves a value.</summary>
public sealed record TuningProfile
{
    /// <summary>CPUs the VF's interrupts go to.</summary>
    public InterruptAffinity? Affinity { get; init; }

    /// <summary>Microseconds before a receive interrupt. Equivalent to <c>ethtool -C DEV rx-usecs N</c>.</summary>
    public uint? CoalesceRxMicroseconds { get; init; }

    /// <summary>Microseconds before a transmit interrupt. Equivalent to <c>ethtool -C DEV tx-usecs N</c>.</summary>
    public uint? CoalesceTxMicroseconds { get; init; }

    /// <summary>Adaptive receive coalescing. Equivalent to <c>ethtool -C DEV adaptive-rx on|off</c>.</summary>
    public bool? AdaptiveRx { get; init; }

    /// <summary>Combined channels. Equivalent to <c>ethtool -L DEV combined N</c>.</summary>
    public uint? CombinedChannels { get; init; }

    /// <summary>Receive ring entries. Equivalent to <c>ethtool -G DEV rx N</c>.</summary>
    public uint? RxRing { get; init; }

    /// <summary>Transmit ring entries. Equivalent to <c>ethtool -G DEV tx N</c>.</summary>
    public uint? TxRing { get; init; }
}

/// <summary>CPUs that serve a VF's interrupts.</summary>
public enum InterruptAffinity
{
    /// <summary>Those of the VF's NUMA node.</summary>
    NumaNode,

    /// <summary>Those its owner may run on (cpuset), else the NUMA node's.</summary>
    Owner,
}
