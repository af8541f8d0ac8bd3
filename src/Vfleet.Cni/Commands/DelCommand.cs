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
        if (!run.Find().Try(out LedgerAllocation? allocation, out Fault? fault)
            || !OldAttachment.Find(run.Options, run.Call, run.Config).Try(out OldAttachment? old, out fault))
            return CniError.Of(fault);
        if (allocation is null && old is not null
            && !(await TakeBack.TakeOverAsync(run, old, run.Workload, cancel).ConfigureAwait(false)).Try(out allocation, out fault))
            return CniError.Of(fault);
        if (allocation is null)
        {
            run.Log.Write(CniLogLevel.Debug, "nothing is attached");
            if (await TakeBack.FinishAsync(run, cancel).ConfigureAwait(false) is { } unread)
                return CniError.Of(unread);
            // Of a plugin that is not there nobody got an address by a call that succeeded.
            return Ended(old, run.MissingIpam is null ? kept : null);
        }
        return await TakeBack.RunAsync(run, allocation, "DEL", cancel).ConfigureAwait(false) is { } stuck
            ? CniError.Of(stuck)
            : Ended(old, kept);
    }

    /// <summary>What the plugin before kept is needed until nothing has to be repeated.</summary>
    private static CniOutcome<byte[]> Ended(OldAttachment? old, CniError? kept)
    {
        if (kept is not null)
            return kept;
        return old?.Forget().Fault is { } stuck ? CniError.Of(stuck) : CniRun.Nothing;
    }
}
