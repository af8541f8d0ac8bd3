namespace Vfleet.Simulation.Nodes;

/// <summary>Takes out of a plan what it does not need to fail: actions, then deaths and faults, as long as it fails in the same way.</summary>
internal static class PlanShrinker
{
    private const int MostRuns = 400;

    public static async Task<(NodeFailure Failure, NodePlan Plan, IReadOnlyList<string> Trace)> ShrinkAsync(
        NodePlan plan, NodeFailure failure, IReadOnlyList<string> trace)
    {
        (NodeFailure Failure, NodePlan Plan, IReadOnlyList<string> Trace) least = (failure, Cut(plan, failure), trace);
        int runs = 0;
        for (bool isShorter = true; isShorter && runs < MostRuns;)
        {
            isShorter = false;
            foreach (NodePlan smaller in Smaller(least.Plan))
            {
                if (++runs > MostRuns)
                    break;
                (NodeFailure? again, IReadOnlyList<string> how) = await NodeRun.ExecuteAsync(smaller).ConfigureAwait(false);
                if (again is null || again.Violation.Invariant != failure.Violation.Invariant)
                    continue;
                least = (again, Cut(smaller, again), how);
                isShorter = true;
                break;
            }
        }
        return least;
    }

    /// <summary>What came after the failure played no part in it.</summary>
    private static NodePlan Cut(NodePlan plan, NodeFailure failure) => plan with { Actions = [.. plan.Actions.Take(failure.Step + 1)] };

    private static IEnumerable<NodePlan> Smaller(NodePlan plan)
    {
        for (int i = plan.Actions.Count - 1; i >= 0; i--)
            yield return plan with { Actions = [.. plan.Actions.Where((_, at) => at != i)] };
        for (int i = 0; i < plan.Actions.Count; i++)
        {
            if (plan.Actions[i].Crash is not null)
                yield return With(plan, i, plan.Actions[i] with { Crash = null });
            if (plan.Actions[i].Fault is not null)
                yield return With(plan, i, plan.Actions[i] with { Fault = null });
        }
        if (plan.Vfs > 1)
            yield return plan with { Vfs = plan.Vfs - 1 };
    }

    private static NodePlan With(NodePlan plan, int place, NodeAction action) =>
        plan with { Actions = [.. plan.Actions.Select((each, at) => at == place ? action : each)] };
}
