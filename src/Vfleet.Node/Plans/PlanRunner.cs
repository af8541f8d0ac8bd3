using Vfleet.Host;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Plans;

/// <summary>
/// Carries out a plan, one PF after the other. It stops at the first PF that cannot be changed safely; that one is as it was then, those
/// before it are changed, those behind it are not begun.
/// </summary>
/// <param name="host">The machine.</param>
/// <param name="ledger">The ledger.</param>
public sealed class PlanRunner(SriovHost host, NodeLedger ledger)
{
    /// <summary>Carries it out.</summary>
    /// <returns>The PFs that were changed.</returns>
    public async Task<Outcome<IReadOnlyList<string>>> RunAsync(NodePlan plan, PlanOptions options, CancellationToken cancel = default)
    {
        if (plan.Refusal(options.Force) is { } refused)
            return refused;
        List<string> done = [];
        PfPlan[] changes = [.. plan.Pfs.Where(pf => pf.Steps.Count > 0)];
        foreach (PfPlan pf in changes)
        {
            if (await new PfRun(host, ledger, pf, options).RunAsync(cancel).ConfigureAwait(false) is { } failed)
                return changes.Length == 1 ? failed : failed with { Cause = $"{failed.Cause ?? failed.Error}; {Others(changes, done)}" };
            done.Add(pf.Pf.Label);
        }
        return done;
    }

    private static string Others(PfPlan[] changes, List<string> done)
    {
        string[] left = [.. changes.Skip(done.Count + 1).Select(pf => pf.Pf.Label)];
        string[] words =
        [
            .. done.Count > 0 ? new[] { $"changed before: {string.Join(", ", done)}" } : [],
            .. left.Length > 0 ? new[] { $"not begun: {string.Join(", ", left)}" } : [],
        ];
        return string.Join("; ", words);
    }
}
