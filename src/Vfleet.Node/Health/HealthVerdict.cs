namespace Vfleet.Node.Health;

/// <summary>How a PF or VF fares, and why.</summary>
/// <param name="Level">The judgement.</param>
/// <param name="Evidence">What speaks against it, the worst first; empty where nothing does.</param>
public sealed record HealthVerdict(HealthLevel Level, IReadOnlyList<HealthEvidence> Evidence);

/// <summary>One thing that speaks against a function.</summary>
/// <param name="Level">How bad it is by itself.</param>
/// <param name="What">A sentence without a full stop, with its numbers.</param>
public sealed record HealthEvidence(HealthLevel Level, string What);

/// <summary>How a function fares; a larger one is worse.</summary>
public enum HealthLevel
{
    /// <summary>Nothing speaks against it.</summary>
    Healthy,

    /// <summary>It works, but not as it should.</summary>
    Degraded,

    /// <summary>It is not to be handed out.</summary>
    Failed,
}
