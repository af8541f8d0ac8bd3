using Vfleet.Host.Inventory;
using Vfleet.Node.Documents;

namespace Vfleet.Node.Plans;

/// <summary>The refusal of a change that hits VFs somebody has, with the choices there are.</summary>
internal static class HeldRefusal
{
    private const int MostNamed = 8;

    /// <summary>The refusal; null where nobody is hit.</summary>
    /// <param name="pf">The PF.</param>
    /// <param name="steps">What would be done.</param>
    /// <param name="target">VFs afterwards.</param>
    public static PlanRefusal? Of(PhysicalFunction pf, IReadOnlyList<PlanStep> steps, int target)
    {
        VfHit[] held = [.. steps.SelectMany(step => step.Held)];
        if (held.Length == 0)
            return null;
        bool isDestroyed = steps.Any(step => step.IsDestructive);
        string change = !isDestroyed ? "giving VFs another driver would take it from"
            : target == pf.NumVfs ? "changing the eswitch mode would destroy"
            : $"{(target > pf.NumVfs ? "growing" : "shrinking")} from {pf.NumVfs} to {target} VFs would destroy";
        Fault fault = Fault.Refused($"{pf.Label}: {change} {held.Length} in use", Named(held.Select(hit => hit.ToString())),
            string.Join("; or ", Choices(held, isDestroyed && target > pf.NumVfs)), pf.Label);
        // Nobody is served by a driver that is taken from under a running owner: that is no override, but a mistake.
        return new PlanRefusal(fault, CanBeForced: isDestroyed);
    }

    /// <summary>The first of many, and how many more there are.</summary>
    public static string Named(IEnumerable<string> all, string separator = "; ")
    {
        string[] words = [.. all];
        string more = words.Length > MostNamed ? $"{separator}and {words.Length - MostNamed} more" : "";
        return string.Join(separator, words.Take(MostNamed)) + more;
    }

    private static IEnumerable<string> Choices(IReadOnlyList<VfHit> held, bool isGrowth)
    {
        yield return "wait until they end";
        string[] allocations = [.. held.Select(hit => hit.Allocation).OfType<string>().Distinct()];
        if (allocations.Length > 0)
            yield return $"drain them: `vfleet release {Named(allocations, " ")}`";
        if (held.Any(hit => hit.Stranger is not null))
            yield return "end the stranger's use";
        if (isGrowth)
            yield return $"over-provision from the start with the annotation {NodePolicy.ProvisionAnnotation}: max, "
                + "so that growing destroys nothing";
    }
}
