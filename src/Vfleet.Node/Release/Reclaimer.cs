using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Node.Reconcile;

namespace Vfleet.Node.Release;

/// <summary>What was reclaimed.</summary>
/// <param name="Orders">Allocations that were ended, with the reason.</param>
/// <param name="Result">What became of their VFs.</param>
/// <param name="Unclear">
/// Owners of whom nobody can tell whether they live, with the reason: nothing was taken from them. And what a front door could not undo yet.
/// </param>
public sealed record ReclaimReport(IReadOnlyList<ReleaseOrder> Orders, ReleaseResult Result, IReadOnlyList<string> Unclear)
{
    /// <summary>What could not be finished now, such as a VF that the kernel does not give back; the next call tries again.</summary>
    public IReadOnlyList<Fault> Left { get; init; } = [];

    /// <summary>What waits for the end of maintenance, in words, by VF.</summary>
    public IReadOnlyDictionary<string, string> Paused { get; init; } = new Dictionary<string, string>();
}

/// <summary>
/// Finishes what a process left undone when it died, and takes back what dead owners had. Every front door calls it before it does its own work,
/// so it happens with or without an agent. What is on a PF under maintenance waits for its end.
/// </summary>
/// <param name="ledger">The ledger.</param>
/// <param name="releaser">Takes VFs back.</param>
/// <param name="life">Asks whether owners live.</param>
/// <param name="owed">What front doors have to undo.</param>
public sealed class Reclaimer(NodeLedger ledger, Releaser releaser, OwnerLife life, OwedUndos owed)
{
    /// <summary>Looks at every open allocation and every VF that somebody works on.</summary>
    public async Task<Outcome<ReclaimReport>> ReclaimAsync(CancellationToken cancel = default)
    {
        Outcome<(IReadOnlyList<LedgerVf> Vfs, IReadOnlyList<LedgerAllocation> Open)> read = ledger.Read(view => (view.Vfs(), view.OpenAllocations()));
        if (!read.Try(out (IReadOnlyList<LedgerVf> Vfs, IReadOnlyList<LedgerAllocation> Open) now, out Fault? fault)
            || !Maintenance.Read(ledger).Try(out IReadOnlyList<MaintenanceWindow>? windows, out fault))
            return fault;
        Dictionary<string, string> paused = new(StringComparer.Ordinal);
        ILookup<string?, LedgerVf> vfs = now.Vfs.ToLookup(vf => vf.Allocation);
        List<ReleaseOrder> orders = [];
        List<string> unclear = [];
        foreach (LedgerAllocation allocation in now.Open)
        {
            if (await ReasonAsync(allocation, [.. vfs[allocation.Id]], unclear, cancel).ConfigureAwait(false) is not { } reason)
                continue;
            LedgerVf[] waiting = [.. vfs[allocation.Id].Where(vf => Maintenance.Covers(windows, vf.Pf))];
            foreach (LedgerVf vf in waiting)
                paused[vf.Vf] = $"{allocation.Id} of {allocation.Owner.Name} is left under maintenance: {reason}";
            if (waiting.Length > 0)
                continue;
            orders.Add(new ReleaseOrder(allocation.Id, reason));
        }
        // One VF that is stuck, or gone before the census noticed, must not keep everybody from every other VF: it is told of, and tried again.
        List<Fault> left = [];
        Outcome<ReleaseResult> released = orders.Count == 0
            ? ReleaseResult.Nothing
            : await releaser.ReleaseAsync(orders, owesUndo: true, cancel).ConfigureAwait(false);
        ReleaseResult result = OrLeft(released, left);
        ReleaseResult more = OrLeft(await FinishScrubsAsync(windows, paused, cancel).ConfigureAwait(false), left);
        // Last: it may take its time, and the VFs are back by now.
        if ((await owed.TryAsync(cancel).ConfigureAwait(false)).Try(out IReadOnlyDictionary<string, string>? notUndone, out fault))
            unclear.AddRange(notUndone.Values);
        else
            left.Add(fault);
        return new ReclaimReport(orders, new ReleaseResult([.. result.Free, .. more.Free], [.. result.Quarantined, .. more.Quarantined]), unclear)
        {
            Left = left,
            Paused = paused,
        };
    }

    private static ReleaseResult OrLeft(Outcome<ReleaseResult> outcome, List<Fault> left)
    {
        if (outcome.Try(out ReleaseResult? result, out Fault? fault))
            return result;
        left.Add(fault);
        return ReleaseResult.Nothing;
    }

    /// <returns>Why it has to end; null for an allocation that goes on, or on which somebody works.</returns>
    private async Task<string?> ReasonAsync(
        LedgerAllocation allocation, IReadOnlyList<LedgerVf> vfs, List<string> unclear, CancellationToken cancel)
    {
        foreach (LedgerVf vf in vfs.Where(vf => VfTransitions.IsWork(vf.State)))
        {
            // Held for an owner that takes it as it is: no work.
            if (vf.State == VfState.Reserved && allocation.ReadyAt is not null)
                continue;
            if (!await IsLeftAsync(vf, cancel).ConfigureAwait(false))
                return null;
            return vf.State == VfState.Releasing ? "release was interrupted" : "attach was interrupted";
        }
        Life answer = await life.AskAsync(allocation.Owner, allocation.FrontDoor, cancel).ConfigureAwait(false);
        if (answer.State == LifeState.Unknown)
            unclear.Add($"{allocation.Id} of {allocation.Owner.Name}: {answer.Reason}");
        return answer.State == LifeState.Dead ? $"owner is gone: {answer.Reason}" : null;
    }

    /// <summary>True where nobody works on the VF any more: whoever did gave up, or died.</summary>
    private async Task<bool> IsLeftAsync(LedgerVf vf, CancellationToken cancel) => vf.Worker is null || releaser.IsStranded(vf)
        || (await life.AskAsync(vf.Worker, cancel: cancel).ConfigureAwait(false)).State == LifeState.Dead;

    private async Task<Outcome<ReleaseResult>> FinishScrubsAsync(
        IReadOnlyList<MaintenanceWindow> windows, Dictionary<string, string> paused, CancellationToken cancel)
    {
        if (!ledger.Read(view => view.Vfs()).Try(out IReadOnlyList<LedgerVf>? vfs, out Fault? fault))
            return fault;
        HashSet<string> left = new(StringComparer.Ordinal);
        foreach (LedgerVf vf in vfs.Where(vf => vf.State == VfState.Scrubbing))
        {
            if (!await IsLeftAsync(vf, cancel).ConfigureAwait(false))
                continue;
            if (Maintenance.Covers(windows, vf.Pf))
                paused[vf.Vf] = $"{vf.Vf} is left under maintenance: its cleaning was interrupted";
            else
                left.Add(vf.Vf);
        }
        if (left.Count == 0)
            return ReleaseResult.Nothing;
        // Two that find the same VF: the second sees the first as its worker.
        Outcome<List<LedgerVf>> claimed = ledger.Change(LedgerStep.Scrubbing, change => Outcome<List<LedgerVf>>.Of(Claim(change, vfs, left)));
        return claimed.Try(out List<LedgerVf>? mine, out fault) ? await releaser.ScrubAsync(mine).ConfigureAwait(false) : fault;
    }

    private static List<LedgerVf> Claim(LedgerChange change, IReadOnlyList<LedgerVf> before, HashSet<string> left)
    {
        List<LedgerVf> mine = [];
        foreach (LedgerVf old in before.Where(vf => left.Contains(vf.Vf)))
        {
            if (change.Vf(old.Vf) is not { State: VfState.Scrubbing } row || row.Worker != old.Worker)
                continue;
            change.SetWorker(row, change.Actor.Process);
            mine.Add(row);
        }
        return mine;
    }
}
