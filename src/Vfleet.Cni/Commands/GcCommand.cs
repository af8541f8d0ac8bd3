using Vfleet.Cni.Config;
using Vfleet.Cni.Protocol;
using Vfleet.Cni.Upgrade;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;

namespace Vfleet.Cni.Commands;

/// <summary>
/// GC: what this network has attached and the runtime does not name any more goes back, also what the plugin before attached; nothing of
/// other networks and front doors.
/// </summary>
/// <param name="run">The call.</param>
internal sealed class GcCommand(CniRun run)
{
    private readonly List<string> _left = [];

    public async Task<CniOutcome<byte[]>> RunAsync(CancellationToken cancel)
    {
        if (CniVersion.CheckCommand("GC", run.Config.CniVersion, since: "1.1.0") is { } unknown)
            return unknown;
        // Taken for an empty list, a missing one would cost every container its interface.
        if (!run.Config.HasValid)
            return CniJson.Wrong("cni.dev/valid-attachments is missing",
                "GC would take every attachment of the network; give an empty list to mean that");
        if (!run.Node.Ledger.Read(view => view.OpenAllocations()).Try(out IReadOnlyList<LedgerAllocation>? open, out Fault? fault)
            || !OldAttachment.Files(run.Options).Try(out IReadOnlyList<string>? files, out fault))
            return CniError.Of(fault);
        CniDoor door = new(run.Options);
        foreach (LedgerAllocation allocation in open)
        {
            if (CniWorkload.IsUnreadable(allocation))
                run.Warn($"the words of {allocation.Id} cannot be read: it is left; `vfleet release {allocation.Id}` takes its VF back");
            if (CniWorkload.Of(allocation) is not { } workload || workload.Network != run.Config.Name
                || run.Config.Valid.Contains((workload.ContainerId, workload.InterfaceName)))
                continue;
            FrontDoorUndo undo = new(allocation.Id, allocation.Owner, [.. allocation.Vfs.Select(vf => vf.Vf)]);
            if ((await door.UndoAsync(undo, cancel).ConfigureAwait(false)).Fault is { } kept)
                _left.Add(kept.Error);
            if (await TakeBack.RunAsync(run, allocation, "GC", cancel).ConfigureAwait(false) is { } stuck)
                _left.Add(stuck.Error);
        }
        foreach (string file in files.Where(file => !IsNamed(file)))
            await TakeOldAsync(file, cancel).ConfigureAwait(false);
        if (await TakeBack.FinishAsync(run, cancel).ConfigureAwait(false) is { } unread)
            _left.Add(unread.Error);
        if (run.Config.IpamType is not null && (await run.IpamAsync("GC", cancel).ConfigureAwait(false)).Error is { } ipam)
            _left.Add(ipam.Message);
        return _left.Count == 0
            ? CniRun.Nothing
            : new CniError(CniCode.Other, "not everything could be taken back", string.Join("; ", _left));
    }

    /// <summary>True for the cache of an attachment that lives on.</summary>
    private bool IsNamed(string file) => run.Config.Valid.Any(
        valid => OldAttachment.NameOf(valid.ContainerId, valid.InterfaceName) == Path.GetFileName(file));

    /// <summary>Takes back what the plugin before attached, as its DEL would. Its files go last: the next call goes on by them.</summary>
    private async Task TakeOldAsync(string file, CancellationToken cancel)
    {
        if (!OldAttachment.Read(run.Options, file, otherwise: null).Try(out OldAttachment? old, out Fault? fault))
        {
            _left.Add(fault.Error);
            return;
        }
        (string ContainerId, string InterfaceName)[] whose = [.. OldAttachment.AttachmentsOf(file)];
        if (old is null || whose.Length == 0)
        {
            run.Warn($"{file} of the plugin before does not say which VF it is about, or whose that is: it is left");
            return;
        }
        if (old.Network != run.Config.Name)
            return;
        List<string> kept = [];
        // The file's name is that of all of them, and none is valid: at most one has an address, and for the others there is nothing to do.
        foreach ((string container, string name) in whose)
        {
            CniCall call = run.Call with { ContainerId = container, InterfaceName = name };
            if (await run.GiveAddressBackAsync(call, cancel).ConfigureAwait(false) is { } error)
                kept.Add(error.Message);
        }
        CniWorkload workload = run.Workload with { ContainerId = whose[0].ContainerId, InterfaceName = whose[0].InterfaceName };
        Outcome<TakenOver> adopted = await TakeBack.TakeOverAsync(run, old, workload, cancel).ConfigureAwait(false);
        if (adopted.Try(out TakenOver? over, out fault) && over.Allocation is { } allocation)
            fault = await TakeBack.RunAsync(run, allocation, "GC", cancel).ConfigureAwait(false);
        old = over?.Left ?? old;
        if (fault is not null)
            kept.Add(fault.Error);
        if (kept.Count == 0 && old.Forget().Fault is { } stuck)
            kept.Add(stuck.Error);
        _left.AddRange(kept);
    }
}
