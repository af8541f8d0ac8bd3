using Vfleet.Node.Health;
using Vfleet.Node.Plans;
using Vfleet.Node.Prewarm;
using Vfleet.Node.Release;

namespace Vfleet.Node.Reconcile;

/// <summary>A VF that was not as it has to be.</summary>
/// <param name="Vf">The VF.</param>
/// <param name="Owner">Whom it belongs to; null for a free one.</param>
/// <param name="Differences">What differed, in words.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Fault">Why it could not be put back; null otherwise.</param>
public sealed record Drift(string Vf, string? Owner, IReadOnlyList<string> Differences, DriftOutcome Outcome, Fault? Fault = null)
{
    /// <summary>True where only its tuning was otherwise.</summary>
    public bool IsTuning { get; init; }
}

/// <summary>What became of drift.</summary>
public enum DriftOutcome
{
    /// <summary>It was put back.</summary>
    Repaired,

    /// <summary>It is under maintenance and was left.</summary>
    Left,

    /// <summary>It could not be put back; the next pass tries again.</summary>
    Failed,
}

/// <summary>What a pass over the machine found and did.</summary>
public sealed record PassReport
{
    /// <summary>VFs that were not as they have to be.</summary>
    public required IReadOnlyList<Drift> Drifts { get; init; }

    /// <summary>What dead processes and owners had.</summary>
    public ReclaimReport? Reclaimed { get; init; }

    /// <summary>VFs that fare otherwise than before.</summary>
    public IReadOnlyList<HealthChange> Health { get; init; } = [];

    /// <summary>PFs that were made as documents say, and what is left of that.</summary>
    public PolicyReport? Policies { get; init; }

    /// <summary>VFs that were made ready, or are not kept so any more.</summary>
    public PrewarmReport? Prewarm { get; init; }

    /// <summary>What could not be done, apart from drift.</summary>
    public required IReadOnlyList<Fault> Faults { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Took { get; init; }

    /// <summary>True where nothing had to be done.</summary>
    public bool IsQuiet => Drifts.Count == 0 && Faults.Count == 0 && Health.Count == 0 && (Prewarm is null || Prewarm.IsQuiet)
        && (Policies is null || Policies.Applied.Count == 0)
        && (Reclaimed is null || Reclaimed.Orders.Count == 0);
}
