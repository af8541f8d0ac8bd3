using Vfleet.Cni.Protocol;
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
        CniError? kept = run.Config.IpamType is null ? null : (await run.IpamAsync("DEL", cancel).ConfigureAwait(false)).Error;
        if (!run.Find().Try(out LedgerAllocation? allocation, out Fault? fault))
            return CniError.Of(fault);
        if (allocation is null)
            return kept ?? (CniOutcome<byte[]>)CniRun.Nothing;
        Outcome<ReleaseResult> released = await run.Node.ReleaseAsync(allocation.Id, "DEL", cancel).ConfigureAwait(false);
        if (!released.Try(out ReleaseResult? result, out fault))
            return CniError.Of(fault);
        // The container is gone as far as the runtime is concerned; the VF waits for somebody who looks at it.
        foreach ((string vf, string evidence) in result.Quarantined)
            run.Warn($"{vf} did not become clean and is quarantined: {evidence}");
        return kept ?? (CniOutcome<byte[]>)CniRun.Nothing;
    }
}
