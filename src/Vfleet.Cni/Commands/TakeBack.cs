using Vfleet.Cni.Upgrade;
using Vfleet.Node.Ledger;
using Vfleet.Node.Release;

namespace Vfleet.Cni.Commands;

/// <summary>The road back of an attachment, for every command that takes one back.</summary>
internal static class TakeBack
{
    /// <summary>Removes the bond, where there is one, and releases the VFs; what did not work the next call goes on with.</summary>
    public static async Task<Fault?> RunAsync(CniRun run, LedgerAllocation allocation, string reason, CancellationToken cancel) =>
        await GivenInterface.RemoveBondAsync(run, allocation, cancel).ConfigureAwait(false)
            ?? await ReleaseAsync(run, allocation, reason, cancel).ConfigureAwait(false);

    /// <summary>
    /// Finishes what a call left undone when it was killed: an allocation that has ended is nobody's to delete, and its VF may be half clean.
    /// </summary>
    public static async Task<Fault?> FinishAsync(CniRun run, CancellationToken cancel)
    {
        if (!(await run.Node.ReclaimAsync(cancel).ConfigureAwait(false)).Try(out ReclaimReport? report, out Fault? fault))
            return fault;
        foreach (string left in report.Left.Select(each => each.Error).Concat(report.Unclear))
            run.Warn($"what was left undone could not be finished: {left}");
        return null;
    }

    /// <summary>
    /// Releases the VFs. One that does not become clean waits for somebody who looks at it, and is no failure of the call.
    /// </summary>
    public static async Task<Fault?> ReleaseAsync(CniRun run, LedgerAllocation allocation, string reason, CancellationToken cancel)
    {
        string vfs = string.Join(' ', allocation.Vfs.Select(vf => vf.Vf));
        Outcome<ReleaseResult> released = await TwiceAsync(run, allocation.Id, reason, cancel).ConfigureAwait(false);
        if (!released.Try(out ReleaseResult? result, out Fault? fault))
            return fault;
        foreach ((string vf, string evidence) in result.Quarantined)
            run.Warn($"{vf} did not become clean and is quarantined: {evidence}");
        run.Log.Write(CniLogLevel.Info, $"{vfs} of {allocation.Owner.Name} ({allocation.Id}) was taken back: {reason}");
        return null;
    }

    /// <summary>
    /// Takes over what the plugin before attached, so that it goes back by the road of any other. Its owner is this process from then on:
    /// what it leaves undone when it ends, whoever comes next takes back.
    /// </summary>
    public static async Task<Outcome<TakenOver>> TakeOverAsync(
        CniRun run, OldAttachment old, CniWorkload workload, CancellationToken cancel)
    {
        Outcome<string?> asked = await new OldHolder(run).StrangerAsync(old, cancel).ConfigureAwait(false);
        if (!asked.Try(out string? stranger, out Fault? fault) && fault is { Kind: not FaultKind.NotFound })
            return fault;
        if (stranger is not null)
        {
            run.Warn($"{old.File} is out of date: {old.Vf} is left as it is: {stranger}");
            return new TakenOver(null, old with { Mark = null });
        }
        Owner process = run.Node.Ledger.Actor.Process ?? new Owner { Name = workload.ContainerId };
        Owner owner = process with { Name = workload.ContainerId, Workload = workload.ToJson() };
        Outcome<LedgerAllocation> adopted = await run.Node.AdoptAsync(old.Vf, owner, null, old.Before, cancel).ConfigureAwait(false);
        if (adopted.Try(out LedgerAllocation? allocation, out fault))
            return new TakenOver(allocation, old);
        if (fault.Kind != FaultKind.NotFound && run.Node.Ledger.Read(view => view.Vf(old.Vf)).Or(null) is not { State: not VfState.Free })
            return fault;
        run.Warn($"{old.File} is out of date: {fault.Error}");
        return new TakenOver(null, old);
    }

    private static async Task<Outcome<ReleaseResult>> TwiceAsync(CniRun run, string allocation, string reason, CancellationToken cancel)
    {
        Outcome<ReleaseResult> released = await run.Node.ReleaseAsync(allocation, reason, cancel).ConfigureAwait(false);
        // A namespace may end between two steps, and the kernel brings the interface back: the second look finds it on the host.
        if (released.Fault is { Kind: FaultKind.NotFound })
            released = await run.Node.ReleaseAsync(allocation, reason, cancel).ConfigureAwait(false);
        if (released.Fault is not { Kind: FaultKind.NotFound })
            return released;
        // The VF went with its PF, or was destroyed: whoever looks at the machine ends the allocation, and nothing is left to take back.
        if ((await run.Node.Census.TakeAsync(cancel: cancel).ConfigureAwait(false)).Fault is { } unread)
            return unread;
        return run.Node.Ledger.Read(view => view.Allocation(allocation)).Or(null) is { ReleasedAt: not null }
            ? ReleaseResult.Nothing
            : released;
    }
}

/// <summary>What came of taking over an attachment of the plugin before.</summary>
/// <param name="Allocation">Its allocation now; null where nothing is left to take back.</param>
/// <param name="Left">What that plugin kept of it, to be forgotten when all is done.</param>
internal sealed record TakenOver(LedgerAllocation? Allocation, OldAttachment Left);
