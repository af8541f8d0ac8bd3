using Vfleet.Cni.Config;
using Vfleet.Cni.Protocol;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Node.Release;

namespace Vfleet.Cni.Commands;

/// <summary>GC: what this network has attached and the runtime does not name any more goes back; nothing of other networks and front doors.</summary>
/// <param name="run">The call.</param>
internal sealed class GcCommand(CniRun run)
{
    public async Task<CniOutcome<byte[]>> RunAsync(CancellationToken cancel)
    {
        if (!CniVersion.IsAtLeast(run.Config.CniVersion, "1.1.0"))
            return new CniError(CniCode.IncompatibleVersion, $"GC does not exist in cniVersion {run.Config.CniVersion}", "it came with 1.1.0");
        // Taken for an empty list, a missing one would cost every container its interface.
        if (!run.Config.HasValid)
            return CniJson.Wrong("cni.dev/valid-attachments is missing", "GC would take every attachment of the network; give an empty list to mean that");
        if (!run.Node.Ledger.Read(view => view.OpenAllocations()).Try(out IReadOnlyList<LedgerAllocation>? open, out Fault? fault))
            return CniError.Of(fault);
        List<string> left = [];
        CniDoor door = new(run.Options);
        foreach (LedgerAllocation allocation in open)
        {
            if (CniWorkload.Of(allocation) is not { } workload || workload.Network != run.Config.Name
                || run.Config.Valid.Contains((workload.ContainerId, workload.InterfaceName)))
                continue;
            FrontDoorUndo undo = new(allocation.Id, allocation.Owner, [.. allocation.Vfs.Select(vf => vf.Vf)]);
            if ((await door.UndoAsync(undo, cancel).ConfigureAwait(false)).Fault is { } kept)
                left.Add(kept.Error);
            if (await GivenInterface.RemoveBondAsync(run, allocation, cancel).ConfigureAwait(false) is { } bonded)
                left.Add(bonded.Error);
            Outcome<ReleaseResult> released = await run.Node.ReleaseAsync(allocation.Id, "GC", cancel).ConfigureAwait(false);
            if (released.Fault is { } stuck)
                left.Add(stuck.Error);
        }
        if (run.Config.IpamType is not null && (await run.IpamAsync("GC", cancel).ConfigureAwait(false)).Error is { } ipam)
            left.Add(ipam.Message);
        return left.Count == 0 ? CniRun.Nothing : new CniError(CniCode.Other, "not everything could be taken back", string.Join("; ", left));
    }
}
