using Vfleet.Node.Pools;

namespace Vfleet.Node.Documents;

/// <summary>How a pool's VFs are chosen, cleaned, kept ready, watched and tuned: what the operator's documents have no field for.</summary>
public sealed record PoolPolicy : Document
{
    /// <inheritdoc/>
    public override string ApiVersion => KindNames.OwnGroup + "/v1alpha1";

    /// <inheritdoc/>
    public override string Kind => KindNames.PoolPolicy;

    /// <inheritdoc/>
    public override string ResourceName => Spec.ResourceName;

    /// <summary>What is wanted.</summary>
    public PoolPolicySpec Spec { get; init; } = new();
}

/// <summary>What a <see cref="PoolPolicy"/> wants; null is the default of <see cref="PoolRules"/>.</summary>
public sealed record PoolPolicySpec
{
    /// <summary>The resource, and so the pool.</summary>
    public string ResourceName { get; init; } = "";

    /// <summary>Order in which free VFs are taken.</summary>
    public AllocationPolicy? Allocation { get; init; }

    /// <summary>What happens before a VF is handed out again.</summary>
    public ScrubRule? Scrub { get; init; }

    /// <summary>Free VFs kept ready.</summary>
    public int? Prewarm { get; init; }

    /// <summary>Rates.</summary>
    public PoolBandwidth? Bandwidth { get; init; }

    /// <summary>What is tuned for the owner.</summary>
    public TuningProfile? Tuning { get; init; }

    /// <summary>When a VF counts as degraded or failed.</summary>
    public PoolHealth? Health { get; init; }

    /// <summary>Whom the way through each VF is measured to.</summary>
    public IReadOnlyList<ProbeSpec>? Probes { get; init; }

    /// <summary>The rules, with defaults where nothing is written.</summary>
    public PoolRules ToRules()
    {
        PoolRules defaults = new();
        return new PoolRules
        {
            Allocation = Allocation ?? defaults.Allocation,
            Scrub = Scrub ?? defaults.Scrub,
            Prewarm = Prewarm ?? defaults.Prewarm,
            GuaranteedMbps = Bandwidth?.GuaranteedMbps ?? defaults.GuaranteedMbps,
            MaximumMbps = Bandwidth?.MaximumMbps ?? defaults.MaximumMbps,
            GuaranteeablePercent = Bandwidth?.GuaranteeablePercent ?? defaults.GuaranteeablePercent,
            Health = Health?.ToThresholds() ?? defaults.Health,
            Tuning = Tuning,
            Probes = Probes is { Count: > 0 } ? [.. Probes.Select(probe => probe.ToProbe())] : defaults.Probes,
        };
    }
}

/// <summary>Rates of a pool's VFs.</summary>
public sealed record PoolBandwidth
{
    /// <summary>Guaranteed rate of each VF in Mbit/s.</summary>
    public uint? GuaranteedMbps { get; init; }

    /// <summary>Largest rate of each VF in Mbit/s.</summary>
    public uint? MaximumMbps { get; init; }

    /// <summary>Share of a PF's speed that may be guaranteed, in percent.</summary>
    public int? GuaranteeablePercent { get; init; }
}

/// <summary>When a VF counts as degraded or failed; null is the default of <see cref="HealthThresholds"/>.</summary>
public sealed record PoolHealth
{
    /// <summary>Seconds within which events are counted.</summary>
    public int? WindowSeconds { get; init; }

    /// <summary>Losses of carrier from which on a VF is degraded.</summary>
    public int? DegradedCarrierLosses { get; init; }

    /// <summary>Losses of carrier from which on a VF has failed; 0 for never.</summary>
    public int? FailedCarrierLosses { get; init; }

    /// <summary>Frames with a forged source from which on a VF is degraded; 0 for never.</summary>
    public int? DegradedSpoofedPackets { get; init; }

    /// <summary>Correctable PCIe errors from which on a VF is degraded; 0 for never.</summary>
    public int? DegradedCorrectableErrors { get; init; }

    /// <summary>Seconds everything must be well before a VF that failed is healthy again.</summary>
    public int? RecoverySeconds { get; init; }

    /// <summary>The thresholds, with defaults where nothing is written.</summary>
    public HealthThresholds ToThresholds()
    {
        HealthThresholds defaults = new();
        return new HealthThresholds
        {
            Window = WindowSeconds is { } window ? TimeSpan.FromSeconds(window) : defaults.Window,
            DegradedCarrierLosses = DegradedCarrierLosses ?? defaults.DegradedCarrierLosses,
            FailedCarrierLosses = FailedCarrierLosses ?? defaults.FailedCarrierLosses,
            DegradedSpoofedPackets = DegradedSpoofedPackets ?? defaults.DegradedSpoofedPackets,
            DegradedCorrectableErrors = DegradedCorrectableErrors ?? defaults.DegradedCorrectableErrors,
            Recovery = RecoverySeconds is { } recovery ? TimeSpan.FromSeconds(recovery) : defaults.Recovery,
        };
    }
}
