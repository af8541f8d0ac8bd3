using Vfleet.Host.Inventory;

namespace Vfleet.Node.Plans;

/// <summary>What is to be done with one PF. It is done whole, or the PF stays as it was.</summary>
public sealed record PfPlan
{
    /// <summary>The PF and its VFs as they are.</summary>
    public required PhysicalFunction Pf { get; init; }

    /// <summary>Its VFs as they are.</summary>
    public required IReadOnlyList<VirtualFunction> Vfs { get; init; }

    /// <summary>The steps in their order; empty where it is as it should be.</summary>
    public IReadOnlyList<PlanStep> Steps { get; init; } = [];

    /// <summary>Why it is not done.</summary>
    public IReadOnlyList<PlanRefusal> Refusals { get; init; } = [];

    /// <summary>What should be known although it works.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>MTU that VFs somebody has get when they come back, by VF.</summary>
    public IReadOnlyDictionary<string, int> LaterMtus { get; init; } = new Dictionary<string, int>();

    /// <summary>True where there is nothing to do.</summary>
    public bool IsEmpty => Steps.Count == 0 && Refusals.Count == 0;

    /// <summary>True where VFs are destroyed.</summary>
    public bool IsDestructive => Steps.Any(step => step.IsDestructive);

    /// <summary>VFs that are destroyed.</summary>
    public IEnumerable<VfHit> Destroys => Steps.SelectMany(step => step.Destroys);

    /// <summary>How long it should take.</summary>
    public TimeSpan Duration => Steps.Aggregate(TimeSpan.Zero, (sum, step) => sum + step.Duration);

    /// <summary>Why it is not done; null where it is.</summary>
    /// <param name="force">Overrides what can be overridden.</param>
    public Fault? Refusal(bool force) => Refusals.FirstOrDefault(refusal => !force || !refusal.CanBeForced)?.Fault;
}

/// <summary>Why a PF is not changed.</summary>
/// <param name="Fault">The reason, with the choices there are.</param>
/// <param name="CanBeForced">True where it is about safety, false where the device or its driver cannot do it.</param>
public sealed record PlanRefusal(Fault Fault, bool CanBeForced);
