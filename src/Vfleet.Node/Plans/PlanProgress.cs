namespace Vfleet.Node.Plans;

/// <summary>How far a plan is.</summary>
/// <param name="Pf">The PF it is at.</param>
/// <param name="Step">What is being done.</param>
/// <param name="Done">VFs done in this step.</param>
/// <param name="Total">VFs of this step; 1 for a step that is not about VFs.</param>
public readonly record struct PlanProgress(string Pf, string Step, int Done, int Total);

/// <summary>How a plan is carried out.</summary>
public sealed record PlanOptions
{
    /// <summary>Overrides what the plan said can be overridden, and nothing that came up since.</summary>
    public bool Force { get; init; }

    /// <summary>Is told how far it is.</summary>
    public Action<PlanProgress>? Progress { get; init; }

    /// <summary>Writes down what is overridden, before anything is changed; where it cannot, nothing is.</summary>
    public Func<IReadOnlyList<string>, Task<Outcome<Unit>>>? WriteDown { get; init; }
}
