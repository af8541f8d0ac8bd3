using Vfleet.Cni.Protocol;
using Vfleet.Cni.Upgrade;
using Vfleet.Node.Ledger;
using Vfleet.Node.Release;

namespace Vfleet.Cni.Commands;

/// <summary>
/// DEL: the address back, the VF back and clean. What is not there any more is no error; what did not work leaves the allocation open, so that the
/// runtime's next DEL goes on.
/// </summary>
/// <param name="run">The call.</param>
internal sealed class DelCommand(CniRun run)
{
    public async Task<CniOutcome<byte[]>> RunAsync(CancellationToken cancel)
    {
        // Both are tried: an address plugin that fails must not keep the VF from the next pod.
        CniError? kept = await run.GiveAddressBackAsync(run.Call, cancel).ConfigureAwait(false);
        if (!run.Find().Try(out LedgerAllocation? allocation, out Fault? fault)
            || !OldAttachment.Find(run.Options, run.Call, run.Config).Try(out OldAttachment? old, out fault))
            return CniError.Of(fault);
        if (allocation is null && old is not null)
        {
            Outcome<LedgerAllocation?> adopted = await TakeOverAsync(old, cancel).ConfigureAwait(false);
            if (!adopted.Try(out allocation, out fault))
                return CniError.Of(fault);
        }
        if (allocation is null)
        {
            // Of a plugin that is not there nobody got an address by a call that succeeded.
            return Ended(old, run.MissingIpam is null ? kept : null);
        }
        if (await GivenInterface.RemoveBondAsync(run, allocation, cancel).ConfigureAwait(false) is { } bonded)
            return CniError.Of(bonded);
        Outcome<ReleaseResult> released = await ReleaseAsync(allocation.Id, cancel).ConfigureAwait(false);
        if (!released.Try(out ReleaseResult? result, out fault))
            return CniError.Of(fault);
        // The container is gone as far as the runtime is concerned; the VF waits for somebody who looks at it.
        foreach ((string vf, string evidence) in result.Quarantined)
            run.Warn($"{vf} did not become clean and is quarantined: {evidence}");
        return Ended(old, kept);
    }

    /// <summary>What the plugin before kept is needed until nothing has to be repeated.</summary>
    private static CniOutcome<byte[]> Ended(OldAttachment? old, CniError? kept)
    {
        if (kept is not null)
            return kept;
        return old?.Forget().Fault is { } stuck ? CniError.Of(stuck) : CniRun.Nothing;
    }

    /// <summary>Takes over what the plugin before attached, so that it goes back by the road of any other. Null where nothing is left to take back.</summary>
    private async Task<Outcome<LedgerAllocation?>> TakeOverAsync(OldAttachment old, CancellationToken cancel)
    {
        Owner owner = new() { Name = run.Call.ContainerId, Workload = run.Workload.ToJson() };
        Outcome<LedgerAllocation> adopted = await run.Node.AdoptAsync(old.Vf, owner, null, old.Before, cancel).ConfigureAwait(false);
        if (!adopted.Try(out LedgerAllocation? allocation, out Fault? fault))
        {
            if (fault.Kind != FaultKind.NotFound && run.Node.Ledger.Read(view => view.Vf(old.Vf)).Or(null) is not { State: not VfState.Free })
                return fault;
            run.Warn($"{old.File} is out of date: {fault.Error}");
            return Outcome<LedgerAllocation?>.Of(null);
        }
        return allocation;
    }

    private async Task<Outcome<ReleaseResult>> ReleaseAsync(string allocation, CancellationToken cancel)
    {
        Outcome<ReleaseResult> released = await run.Node.ReleaseAsync(allocation, "DEL", cancel).ConfigureAwait(false);
        // A namespace may end between two steps, and the kernel brings the interface back: the second look finds it on the host.
        if (released.Fault is { Kind: FaultKind.NotFound })
            released = await run.Node.ReleaseAsync(allocation, "DEL", cancel).ConfigureAwait(false);
        if (released.Fault is not { Kind: FaultKind.NotFound })
            return released;
        // The VF went with its PF, or was destroyed: whoever looks at the machine ends the allocation, and nothing is left to take back.
        if ((await run.Node.Census.TakeAsync(cancel: cancel).ConfigureAwait(false)).Fault is { } unread)
            return unread;
        return run.Node.Ledger.Read(view => view.Allocation(allocation)).Or(null) is { ReleasedAt: not null } ? ReleaseResult.Nothing : released;
    }
}
