using Vfleet.Node;
using Vfleet.Node.Reconcile;

namespace Vfleet.Agent.Loop;

/// <summary>The pass of a node. What a pass could not do is a note, and the next one tries again; it failed only where it could not
/// look.</summary>
/// <param name="node">The node.</param>
public sealed class NodePass(LocalNode node) : IReconcilePass
{
    private readonly Reconciler _reconciler = new(node);
    private HashSet<string> _drifting = [];

    /// <inheritdoc/>
    public async Task<Outcome<PassSummary>> PassAsync(CancellationToken cancel)
    {
        if (!Head().Try(out long before, out Fault? fault))
            return fault;
        Outcome<PassReport> made = await _reconciler.PassAsync(cancel).ConfigureAwait(false);
        if (!made.Try(out PassReport? report, out fault) || !Head().Try(out long after, out fault))
            return fault;
        return new PassSummary(after - before, Notes(report)) { Drifts = Begun(report.Drifts) };
    }

    /// <summary>
    /// Drift that begins: what could not be put back, or was left under maintenance, is the same in the next pass, and when maintenance ends. What was
    /// tuned otherwise breaks nobody's isolation.
    /// </summary>
    private int Begun(IReadOnlyList<Drift> drifts)
    {
        int begun = drifts.Count(drift => drift is { IsTuning: false, Outcome: not DriftOutcome.Left } && !_drifting.Contains(drift.Vf));
        _drifting = [.. drifts.Where(drift => drift.Outcome != DriftOutcome.Repaired).Select(drift => drift.Vf)];
        return begun;
    }

    private static List<string> Notes(PassReport report)
    {
        List<string> notes = [.. report.Faults.Select(fault => fault.Error)];
        notes.AddRange(report.Policies?.Left ?? []);
        foreach (Drift drift in report.Drifts.Where(drift => drift.Outcome != DriftOutcome.Repaired))
        {
            string what = string.Join(", ", drift.Differences);
            notes.Add(drift.Outcome == DriftOutcome.Left ? $"{drift.Vf} is left under maintenance: {what}"
                : $"{drift.Vf} could not be put back: {what}: {drift.Fault?.Error}");
        }
        notes.AddRange(report.Reclaimed?.Unclear ?? []);
        notes.AddRange(report.Reclaimed?.Paused.Values.Distinct() ?? []);
        notes.AddRange((report.Reclaimed?.Result.Quarantined ?? []).Select(each => $"{each.Vf} is quarantined: {each.Evidence}"));
        return notes;
    }

    private Outcome<long> Head() => node.Ledger.Read(view => view.Head().Sequence);
}
