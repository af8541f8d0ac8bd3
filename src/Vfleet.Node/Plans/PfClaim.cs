using Vfleet.Host.Inventory;
using Vfleet.Host.State;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Plans;

/// <summary>
/// The ledger's part of a change of one PF. Its free VFs are claimed first, so that nobody is given one that is about to go; afterwards
/// they are free again with the state they are in then. VFs that somebody has, and force destroys, are taken from them by whoever destroys
/// them, not before: a change that ends early leaves owners and strangers what they have. A process that dies in between leaves what was
/// claimed as work of a dead one, which the next call finishes.
/// </summary>
/// <param name="ledger">The ledger.</param>
/// <param name="plan">The plan.</param>
/// <param name="force">VFs that the plan said somebody has may be destroyed.</param>
internal sealed class PfClaim(NodeLedger ledger, PfPlan plan, bool force)
{
    /// <summary>The VFs, each with its clean state of before, and when it was claimed.</summary>
    private readonly Dictionary<string, (Baseline? Clean, DateTimeOffset Since)> _claimed = new(StringComparer.Ordinal);

    private string Label => plan.Pf.Label;

    private string Steps => string.Join("; ", plan.Steps.Select(step => step.Text));

    /// <summary>Claims every VF the plan touches.</summary>
    /// <returns>Refused where somebody took one since the plan was made.</returns>
    public Outcome<Unit> Take() => ledger.Change(LedgerStep.Apply, change =>
    {
        Dictionary<string, VfHit> destroyed = plan.Destroys.DistinctBy(hit => hit.Vf).ToDictionary(hit => hit.Vf, StringComparer.Ordinal);
        HashSet<int> touched = [.. plan.Steps.SelectMany(step => step.Vfs)];
        foreach (VirtualFunction vf in plan.Vfs.Where(vf => destroyed.ContainsKey(vf.Label) || touched.Contains(vf.Index)))
        {
            if (change.Vf(vf.Label) is { } row && Take(change, row, vf, destroyed.GetValueOrDefault(vf.Label)) is { } refused)
                return refused;
        }
        change.Note("apply", $"{Label}: {Steps}");
        return Outcome<Unit>.Of(Unit.Done);
    });

    /// <summary>Gives the VFs back as they are now.</summary>
    /// <param name="now">The PF's VFs.</param>
    /// <param name="took">What steps took.</param>
    public Outcome<Unit> Settle(IReadOnlyList<VirtualFunction> now, IReadOnlyList<(PlanStep Step, TimeSpan Took)> took) =>
        ledger.Change(LedgerStep.Apply, change =>
        {
            foreach (VirtualFunction vf in now)
            {
                if (change.Vf(vf.Label) is { } row && Settle(change, row, vf).Fault is { } fault)
                    return fault;
            }
            RemoveGone(change, now);
            foreach ((string vf, int mtu) in plan.LaterMtus)
            {
                if (change.Vf(vf) is { Clean: { } clean } row)
                    change.SetClean(row, clean with { Mtu = mtu });
            }
            foreach ((PlanStep step, TimeSpan time) in took)
                StepDurations.Note(change, step, plan.Pf.Driver, time);
            change.Note("apply", $"{Label}: done");
            return Outcome<Unit>.Of(Unit.Done);
        });

    /// <summary>
    /// Gives the VFs back after the PF was put back. Those that were not destroyed have the clean state they had before, for what they are
    /// now may be somebody's work; those made in their place are as they were made.
    /// </summary>
    /// <param name="now">The PF's VFs.</param>
    /// <param name="strangers">Who uses which of them, in words.</param>
    public Outcome<Unit> GiveUp(IReadOnlyList<VirtualFunction> now, IReadOnlyDictionary<string, string> strangers) =>
        ledger.Change(LedgerStep.Apply, change =>
        {
            foreach (VirtualFunction vf in now)
            {
                if (change.Vf(vf.Label) is not { } row || !IsMine(change, row))
                    continue;
                change.SetClean(row, row.State == VfState.Lost ? Baseline.Of(vf, null) : _claimed[row.Vf].Clean);
                if (!change.Move(row, VfState.Free, "apply").Try(out LedgerVf? free, out Fault? fault))
                    return fault;
                if (strangers.GetValueOrDefault(row.Vf) is { } stranger)
                    change.SetStranger(free, stranger);
                else if (row.IsWarm && row.State != VfState.Lost && vf.Link?.IsUp == true)
                    change.SetWarm(free, true);
            }
            RemoveGone(change, now);
            change.Note("apply", $"{Label}: put back");
            return Outcome<Unit>.Of(Unit.Done);
        });

    /// <summary>
    /// Leaves the claimed VFs to whoever comes, who cleans them: what they are now is not known, and this process may live for long.
    /// </summary>
    public Outcome<Unit> Abandon() => ledger.Change(LedgerStep.Apply, change =>
    {
        foreach (LedgerVf row in Mine(change).Where(row => row.State == VfState.Scrubbing))
            change.SetWorker(row, null);
    });

    private IEnumerable<LedgerVf> Mine(LedgerChange change) =>
        _claimed.Keys.Select(change.Vf).OfType<LedgerVf>().Where(row => IsMine(change, row));

    /// <summary>
    /// True for a VF that is claimed still, and for one that is lost: a step destroyed it. What was made at its place others may have found
    /// since, and may work on it, also in this process: then it is theirs.
    /// </summary>
    private bool IsMine(LedgerChange change, LedgerVf row) =>
        _claimed.TryGetValue(row.Vf, out (Baseline? Clean, DateTimeOffset Since) claim)
        && (row.State == VfState.Lost
            || (row.State == VfState.Scrubbing && row.Worker == change.Actor.Process && row.Since == claim.Since));

    private Outcome<Unit> Settle(LedgerChange change, LedgerVf row, VirtualFunction vf)
    {
        bool isMine = IsMine(change, row);
        if (isMine || (plan.IsDestructive && row is { State: VfState.Free, Stranger: null } or { State: VfState.Quarantined }))
            change.SetClean(row, Baseline.Of(vf, null));
        if (!isMine)
            return Unit.Done;
        Outcome<LedgerVf> freed = change.Move(row, VfState.Free, "apply");
        // What was neither destroyed nor bound anew is as ready as it was; of the rest nothing is.
        if (freed.Succeeded && row.IsWarm && plan.Steps.All(step => step.Kind is PlanStepKind.Mtu or PlanStepKind.VfMtu || !IsHit(step, vf)))
            change.SetWarm(row, true);
        return freed.Map(_ => Unit.Done);
    }

    private static bool IsHit(PlanStep step, VirtualFunction vf) =>
        step.Vfs.Contains(vf.Index) || step.Destroys.Any(hit => hit.Index == vf.Index) || step.Kind == PlanStepKind.EswitchMode;

    private void RemoveGone(LedgerChange change, IReadOnlyList<VirtualFunction> now)
    {
        HashSet<string> present = [.. now.Select(vf => vf.Label)];
        foreach (LedgerVf gone in Mine(change).Where(row => !present.Contains(row.Vf)))
            change.RemoveVf(gone, "apply");
    }

    private Fault? Take(LedgerChange change, LedgerVf row, VirtualFunction vf, VfHit? destroyed)
    {
        switch (row.State)
        {
            case VfState.Free when row.Stranger is null:
                if (destroyed is not null)
                    // Of the VF that will be at its place nothing is known yet but this.
                    change.SetClean(row, new Baseline { Driver = DriverAfter(vf) });
                if (change.Move(row, VfState.Scrubbing, "apply", Steps).Fault is { } stuck)
                    return stuck;
                Note(row.Clean);
                return null;
            case VfState.Free when force && destroyed?.Stranger is not null:
                return null;
            case VfState.Quarantined or VfState.Lost:
                // Nobody has it, and a new VF at its place is no better until somebody looked at it.
                return null;
            case VfState.Scrubbing when row.Worker is not null && row.Worker == change.Actor.Process:
                Note(row.Clean);
                return null;
            case var state when VfTransitions.IsOwned(state) && force && destroyed is not null && destroyed.Allocation == row.Allocation:
                return null;
            default:
                string who = row.Allocation is { } id
                    ? $"{id} of {change.Allocation(id)?.Owner.Name}" : row.Stranger ?? $"it is {row.State}";
                return Fault.Refused($"{Label}: {row.Vf} came into use since this was planned", who,
                    "wait until it ends, or take it back, then apply again", row.Vf);
        }

        // Read again, for the ledger keeps times in milliseconds.
        void Note(Baseline? before) => _claimed[row.Vf] = (before, change.Vf(row.Vf)!.Since);
    }

    private string? DriverAfter(VirtualFunction vf) => plan.Steps.LastOrDefault(step => step.Kind == PlanStepKind.Count)?.Drivers
        .Where(range => range.First <= vf.Index && vf.Index <= range.Last).Select(range => range.Driver).FirstOrDefault()
        ?? Host.Drivers.NativeDriver.Of(plan.Pf.Driver);
}
