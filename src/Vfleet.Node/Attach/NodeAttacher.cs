using Vfleet.Host;
using Vfleet.Host.Attach;
using Vfleet.Host.Inventory;
using Vfleet.Host.State;
using Vfleet.Host.Usage;
using Vfleet.Linux.Route;
using Vfleet.Node.Allocation;
using Vfleet.Node.Counters;
using Vfleet.Node.Ledger;
using Vfleet.Node.Release;
using Vfleet.Node.Tuning;

namespace Vfleet.Node.Attach;

/// <summary>The whole road of a hand-out: held in the ledger, attached by the host, confirmed. What fails half way goes back the same road.</summary>
/// <param name="host">The machine.</param>
/// <param name="ledger">The ledger.</param>
/// <param name="allocator">Chooses and holds VFs.</param>
/// <param name="releaser">Takes them back.</param>
/// <param name="tuner">Tunes them for their owner.</param>
public sealed class NodeAttacher(SriovHost host, NodeLedger ledger, Allocator allocator, Releaser releaser, NodeTuner tuner)
{
    /// <summary>Allocates VFs and attaches them, all or none.</summary>
    public async Task<Outcome<NodeAttachment>> AttachAsync(AllocationRequest request, AttachOrder order, CancellationToken cancel = default)
    {
        while (true)
        {
            Outcome<NodeAttachment> attached = await TryAsync(request, order, cancel).ConfigureAwait(false);
            // Who asked for a VF by name gets the refusal; who asked for any gets another one.
            if (attached.Fault is not { Kind: FaultKind.Refused, Target: { } vf } || request.Vf is not null
                || !await IsStrangersAsync(vf, cancel).ConfigureAwait(false))
                return attached;
        }
    }

    /// <summary>True where a VF that was refused turned out to be a stranger's; the ledger knows that by now.</summary>
    private async Task<bool> IsStrangersAsync(string name, CancellationToken cancel)
    {
        if ((await host.FindVfAsync(name, cancel).ConfigureAwait(false)).Or(null)?.Vf is not { } vf)
            return false;
        Outcome<IReadOnlyList<VfInUse>> usage = await new VfUsage(host.Kernel, host.Options).FindAsync([vf], cancel).ConfigureAwait(false);
        return usage.Or(null) is [var use] && ledger.Change<bool>(LedgerStep.Census, change =>
        {
            if (change.Vf(vf.Label) is not { IsAvailable: true } row)
                return false;
            change.SetStranger(row, use.Reason);
            return true;
        }).Or(false);
    }

    private async Task<Outcome<NodeAttachment>> TryAsync(AllocationRequest request, AttachOrder order, CancellationToken cancel)
    {
        long started = host.Options.Time.GetTimestamp();
        Outcome<LedgerAllocation> held = await allocator.AllocateAsync(request, isReady: false, cancel).ConfigureAwait(false);
        if (!held.Try(out LedgerAllocation? allocation, out Fault? fault))
            return fault;
        // The same request again, as after an answer that was lost: it is done.
        if (allocation.ReadyAt is not null)
            return new NodeAttachment(allocation, [], []);
        try
        {
            Outcome<NodeAttachment> attached =
                await HandOutAsync(allocation, order, host.Options.Time.GetElapsedTime(started), cancel).ConfigureAwait(false);
            if (attached.Succeeded)
                return attached;
            fault = attached.Fault!;
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C half way: the VFs are taken back before the caller hears of it, and a failure of that weighs more.
            if (await TakeBackAsync(allocation, "interrupted").ConfigureAwait(false) is { } left)
                return left;
            throw;
        }
        Fault? stuck = await TakeBackAsync(allocation, $"attach failed: {fault.Error}").ConfigureAwait(false);
        return stuck is null
            ? fault
            : fault with { Cause = $"{fault.Cause ?? fault.Error}; taking the VF back failed too: {stuck.Error}", Remedy = $"repeat `vfleet release {allocation.Id}`" };
    }

    private async Task<Outcome<NodeAttachment>> HandOutAsync(
        LedgerAllocation allocation, AttachOrder order, TimeSpan held, CancellationToken cancel)
    {
        long started = host.Options.Time.GetTimestamp();
        // Before the first reading: one that somebody makes meanwhile is newer, and stands.
        DateTimeOffset began = host.Options.Time.GetUtcNow();
        List<AttachResult> results = [];
        for (int place = 0; place < allocation.Vfs.Count; place++)
        {
            AttachRequest each = order.For(allocation.Id, allocation.Vfs[place].Vf, place, allocation.Vfs.Count);
            if (allocation.Vfs[place].GuaranteedMbps is > 0 and var guaranteed && each.Settings.MinTxRateMbps is null)
                each = each with { Settings = each.Settings with { MinTxRateMbps = guaranteed } };
            Outcome<AttachResult> attached = await host.Attacher.AttachAsync(each, cancel: cancel).ConfigureAwait(false);
            if (!attached.Try(out AttachResult? result, out Fault? fault))
                return fault;
            results.Add(result);
        }
        (string, TimeSpan)[] times = [("allocate", held), ("attach", host.Options.Time.GetElapsedTime(started))];
        return await ConfirmAsync(allocation, order, results, began, times, cancel).ConfigureAwait(false);
    }

    private async Task<Outcome<NodeAttachment>> ConfirmAsync(
        LedgerAllocation allocation, AttachOrder order, List<AttachResult> results, DateTimeOffset began,
        (string Stage, TimeSpan Took)[] times, CancellationToken cancel)
    {
        long started = host.Options.Time.GetTimestamp();
        VirtualFunction[] vfs = await WithCountersAsync(results, cancel).ConfigureAwait(false);
        List<string> warnings = [];
        foreach (VirtualFunction vf in vfs)
        {
            Outcome<Unit> tuned = await tuner.ApplyAsync(vf.Label, allocation, cancel).ConfigureAwait(false);
            if (tuned.Fault is { } refused)
                warnings.Add($"{vf.Label} was not tuned: {refused.Error}");
        }
        return ledger.Change<NodeAttachment>(LedgerStep.Attached, change =>
        {
            foreach (VirtualFunction vf in vfs)
            {
                // Set first: moving to a state with an owner keeps it.
                Baseline held = Baseline.Of(vf, null);
                // Without a name it is nobody's to be put back to a place; driver and settings are held all the same.
                change.SetHeld(vf.Label, order.NamespacePath is null ? held with { Name = null } : held);
                if (change.Vf(vf.Label) is not { State: VfState.Attaching } row || row.Allocation != allocation.Id)
                    return Fault.Refused($"{vf.Label} was taken from {allocation.Id} while it was attached", "somebody released it meanwhile", target: vf.Label);
                if (change.Move(row, VfState.Attached, "attached").Fault is { } refused)
                    return refused;
            }
            VfMeters.Add(change, vfs.Select(vf => (vf, (string?)allocation.Id)), began);
            change.MarkReady(allocation);
            HandOutCounts.AddSuccess(change);
            foreach ((string stage, TimeSpan took) in times.Append(("tune", host.Options.Time.GetElapsedTime(started))))
                HandOutCounts.AddTime(change, stage, new StageExample(allocation.Id, took, host.Options.Time.GetUtcNow()));
            return new NodeAttachment(change.Allocation(allocation.Id)!, results, warnings);
        });
    }

    /// <summary>
    /// The VFs with what they count as they are handed out. What cannot be read begins with the next reading, and keeps nobody from a VF.
    /// </summary>
    private async Task<VirtualFunction[]> WithCountersAsync(List<AttachResult> results, CancellationToken cancel)
    {
        VirtualFunction[] vfs = [.. results.Select(result => result.Now!)];
        if (!vfs.Any(vf => vf.Pf is { CountsVfs: true, InterfaceIndex: > 0 }) || RouteClient.Open(host.Kernel).Or(null) is not { } route)
            return vfs;
        using (route)
        {
            for (int i = 0; i < vfs.Length; i++)
            {
                if (vfs[i] is not { Pf: { CountsVfs: true, InterfaceIndex: > 0 and var pf }, Settings: { } settings, Index: var index })
                    continue;
                LinkInfo? link = (await route.GetLinkAsync(pf, VfDetail.SettingsAndCounters, cancel).ConfigureAwait(false)).Or(null);
                VfCounters? counters = link?.Vfs.FirstOrDefault(vf => vf.Index == index)?.Counters;
                vfs[i] = vfs[i] with { Settings = settings with { Counters = counters } };
            }
        }
        return vfs;
    }

    private async Task<Fault?> TakeBackAsync(LedgerAllocation allocation, string reason) =>
        (await releaser.ReleaseAsync([new ReleaseOrder(allocation.Id, reason)], owesUndo: false, CancellationToken.None).ConfigureAwait(false)).Fault;
}
