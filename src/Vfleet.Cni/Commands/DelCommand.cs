using Vfleet.Cni.Protocol;
using Vfleet.Cni.Upgrade;
using Vfleet.Node.Ledger;

namespace Vfleet.Cni.Commands;

/// <summary>
/// DEL: the address back, the VF back and clean. What is not there any more is no error; what did not work leaves the allocation open, so
/// that the runtime's next DEL goes on.
/// </summary>
/// <param name="run">The call.</param>
internal sealed class DelCommand(CniRun run)
{
    public async Task<CniOutcome<byte[]>> RunAsync(CancellationToken cancel)
    {
        // Both are tried: an address plugin that fails must not keep the VF from the next pod.
        CniError? kept = await run.GiveAddressBackAsync(run.Call, cancel).ConfigureAwait(false);
        if (!run.Find().Try(out LedgerAllocation? allocation, out Fault? fault))
            return CniError.Of(fault);
        Outcome<OldAttachment?> read = OldAttachment.Find(run.Options, run.Call, run.Config);
        OldAttachment? old = read.Or(null);
        if (allocation is null)
        {
            if (read.Fault is { } unread)
                return CniError.Of(unread);
            if (old is not null)
            {
                Outcome<TakenOver> taken = await TakeBack.TakeOverAsync(run, old, run.Workload, cancel).ConfigureAwait(false);
                if (!taken.Try(out TakenOver? over, out fault))
                    return CniError.Of(fault);
                (allocation, old) = (over.Allocation, over.Left);
            }
        }
        if (allocation is null)
        {
            run.Log.Write(CniLogLevel.Debug, "nothing is attached");
            if (await TakeBack.FinishAsync(run, cancel).ConfigureAwait(false) is { } unread)
                return CniError.Of(unread);
            // Of a plugin that is not there nobody got an address by a call that succeeded.
            return Ended(old, run.MissingIpam is null ? kept : null);
        }
        if (await TakeBack.RunAsync(run, allocation, "DEL", cancel).ConfigureAwait(false) is { } stuck)
            return CniError.Of(stuck);
        // What the ledger knows goes back whatever became of the other plugin's files; that is told afterwards.
        return read.Fault is { } unseen ? kept ?? CniError.Of(unseen) : Ended(old, kept);
    }

    /// <summary>What the plugin before kept is needed until nothing has to be repeated.</summary>
    private static CniOutcome<byte[]> Ended(OldAttachment? old, CniError? kept)
    {
        if (kept is not null)
            return kept;
        return old?.Forget().Fault is { } stuck ? CniError.Of(stuck) : CniRun.Nothing;
    }
}
