namespace Vfleet.Host.Isolation;

/// <summary>What two VFs of one PF were measured to do.</summary>
public sealed record IsolationReport
{
    /// <summary>The PF.</summary>
    public required string Pf { get; init; }

    /// <summary>The VF that sent.</summary>
    public required string First { get; init; }

    /// <summary>The VF that was to be protected.</summary>
    public required string Second { get; init; }

    /// <summary>The ports' answer times while they shared a VLAN.</summary>
    public required Reachability Reach { get; init; }

    /// <summary>Every promise with what was measured.</summary>
    public required IReadOnlyList<ProbeResult> Results { get; init; }

    /// <summary>True when every promise was shown to hold.</summary>
    public bool Holds => Results.All(result => result.Holds);
}

/// <summary>Progress of a check.</summary>
/// <param name="Stage">What is being done.</param>
/// <param name="Done">Stages done.</param>
/// <param name="Total">Stages in all.</param>
public readonly record struct IsolationProgress(string Stage, int Done, int Total);
