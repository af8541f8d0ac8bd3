using Vfleet.Host.Inventory;
using Vfleet.Host.Repair;
using Vfleet.Host.Scrub;
using Vfleet.Linux.Route;
using Vfleet.Node.Census;
using Vfleet.Node.Health;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Node.Plans;
using Vfleet.Node.Prewarm;
using Vfleet.Node.Release;

namespace Vfleet.Node.Reconcile;

/// <summary>
/// Keeps a machine true: finishes what died, takes back what dead owners had, and puts back what somebody changed by hand, on VFs in use and on
/// free ones. One pass does all of it; passes may be repeated at any time, by any process. Not safe for concurrent use.
/// </summary>
/// <param name="node">The node.</param>
public sealed class Reconciler(LocalNode node)
{
    private readonly HealthKeeper _health = new(node);
    private readonly PolicyKeeper _policies = new(node);
    private readonly Prewarmer _prewarmer = new(node);
    private readonly Dictionary<string, string> _told = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _paused = new(StringComparer.Ordinal);

    /// <summary>Looks at everything once.</summary>
    /// <returns>A fault where machine or ledger could not be read; what could not be repaired is in the report.</returns>
    public async Task<Outcome<PassReport>> PassAsync(CancellationToken cancel = default)
    {
        TimeProvider time = node.Host.Options.Time;
        long started = time.GetTimestamp();
        List<Fault> faults = [];
        Outcome<ReclaimReport> reclaimed = await node.ReclaimAsync(cancel).ConfigureAwait(false);
        if (reclaimed.Fault is { } stuck)
            faults.Add(stuck);
        Outcome<NodeReading> read = await node.Census.TakeAsync(isThorough: true, cancel).ConfigureAwait(false);
        if (!read.Try(out NodeReading? reading, out Fault? fault)
            || !Maintenance.Read(node.Ledger).Try(out IReadOnlyList<MaintenanceWindow>? windows, out fault))
            return fault;
        Outcome<PolicyReport> kept = await _policies.RunAsync(reading, windows, cancel).ConfigureAwait(false);
        if (kept.Fault is { } unkept)
            faults.Add(unkept);
        if (kept.Or(null) is { Applied.Count: > 0 })
        {
            read = await node.Census.TakeAsync(isThorough: true, cancel).ConfigureAwait(false);
            if (!read.Try(out reading, out fault))
                return fault;
        }
        List<Drift> drifts = [];
        List<(LedgerVf Row, Drift Drift)> dirty = [];
        foreach (VirtualFunction vf in reading.Machine.Vfs)
        {
            // What changed while it was read is compared by the next pass.
            if (reading.Vfs.GetValueOrDefault(vf.Label) is not { } row || reading.Moved.Contains(vf.Label))
                continue;
            bool isLeft = Maintenance.Covers(windows, vf.Pf.DeviceName);
            if (row is { State: VfState.Attached, Held: not null })
                await RepairAsync(vf, row, reading, isLeft, drifts, cancel).ConfigureAwait(false);
            else if (row is { IsAvailable: true, Clean: { } clean } && CleanState.Differences(vf, clean) is { Count: > 0 } differences)
                dirty.Add((row, new Drift(vf.Label, null, differences, isLeft ? DriftOutcome.Left : DriftOutcome.Repaired)));
        }
        drifts.AddRange(dirty.Where(each => each.Drift.Outcome == DriftOutcome.Left).Select(each => each.Drift));
        drifts.AddRange(await ScrubAsync([.. dirty.Where(each => each.Drift.Outcome == DriftOutcome.Repaired)], cancel).ConfigureAwait(false));
        HashSet<string> changed = [.. drifts.Where(drift => drift.Outcome == DriftOutcome.Repaired).Select(drift => drift.Vf)];
        Outcome<IReadOnlyList<HealthChange>> watched = await _health.WatchAsync(
            reading, vf => changed.Contains(vf.Label) || Maintenance.Covers(windows, vf.Pf.DeviceName), cancel).ConfigureAwait(false);
        if (watched.Fault is { } unwatched)
            faults.Add(unwatched);
        if ((Tell(drifts).Fault ?? TellPaused(reclaimed.Or(null)?.Paused).Fault) is { } untold)
            faults.Add(untold);
        // Last: nobody who waits for a repair waits for this.
        Outcome<PrewarmReport> ready = await _prewarmer.RunAsync(reading, windows, cancel).ConfigureAwait(false);
        faults.AddRange(ready.Fault is { } unready ? [unready] : ready.Value.Faults);
        return new PassReport
        {
            Drifts = drifts,
            Reclaimed = reclaimed.Or(null),
            Health = watched.Or(null) ?? [],
            Policies = kept.Or(null),
            Prewarm = ready.Or(null),
            Faults = faults,
            Took = time.GetElapsedTime(started),
        };
    }

    /// <summary>
    /// The state an attached VF has to be in, and where its owner's namespace is now; null where it cannot be told for sure: a path or number that
    /// was given again must not get somebody's VF.
    /// </summary>
    internal static async Task<HeldState?> HeldAsync(LocalNode node, LedgerVf row, LedgerAllocation? allocation, CancellationToken cancel)
    {
        HeldState held = new()
        {
            Vf = row.Vf,
            State = row.Held!,
            Addresses = [.. row.Held!.Addresses
                .Select(each => IPNetworkAddress.TryParse(each.Address, out IPNetworkAddress? parsed) ? parsed : null).OfType<IPNetworkAddress>()],
        };
        if (row.Held.Name is null || row.Record is not { } record || record.NamespacePath == node.Host.Options.OwnNamespacePath)
            return held;
        if (allocation?.Owner is { Kind: OwnerKind.Namespace } owner)
        {
            Life life = await node.Life.AskAsync(owner, allocation.FrontDoor, cancel).ConfigureAwait(false);
            return life.State == LifeState.Alive ? held with { NamespacePath = life.NamespacePath ?? record.NamespacePath } : null;
        }
        if (node.Host.Kernel.OpenNamespace(record.NamespacePath).Or(null) is not { } space)
            return null;
        using (space)
            return space.Inode == record.NamespaceInode ? held with { NamespacePath = record.NamespacePath } : null;
    }

    private async Task RepairAsync(
        VirtualFunction vf, LedgerVf row, NodeReading reading, bool isLeft, List<Drift> drifts, CancellationToken cancel)
    {
        LedgerAllocation? allocation = reading.Allocations.FirstOrDefault(each => each.Id == row.Allocation);
        if (await HeldAsync(node, row, allocation, cancel).ConfigureAwait(false) is not { } held)
            return;
        IReadOnlyList<string> differences = held.Differences(node.Host.Kernel, vf);
        if (differences.Count == 0)
        {
            if (allocation is not null)
                await TuneAsync(vf, row, allocation.Owner, isLeft, drifts, cancel).ConfigureAwait(false);
            return;
        }
        if (isLeft)
        {
            drifts.Add(new Drift(vf.Label, allocation?.Owner.Name, differences, DriftOutcome.Left));
            return;
        }
        Outcome<IReadOnlyList<string>> repaired = await node.Host.Repairer.RepairAsync(held, () => IsStillHeld(row), cancel).ConfigureAwait(false);
        if (!repaired.Try(out IReadOnlyList<string>? put, out Fault? fault))
            drifts.Add(new Drift(vf.Label, allocation?.Owner.Name, differences, DriftOutcome.Failed, fault));
        else if (put.Count > 0)
            drifts.Add(new Drift(vf.Label, allocation?.Owner.Name, put, DriftOutcome.Repaired));
    }

    private bool IsStillHeld(LedgerVf row) =>
        // The state it has to be in is another one after `vfleet vf set`.
        node.Ledger.Read(view => view.Vf(row.Vf)).Or(null) is { State: VfState.Attached } now && now.Allocation == row.Allocation
        && LedgerRows.Json(now.Held) == LedgerRows.Json(row.Held);

    private async Task TuneAsync(VirtualFunction vf, LedgerVf row, Owner owner, bool isLeft, List<Drift> drifts, CancellationToken cancel)
    {
        Outcome<IReadOnlyList<string>> verified = await node.Tuner.VerifyAsync(vf, row, owner, cancel).ConfigureAwait(false);
        if (verified.Or(null) is not { Count: > 0 } differences)
            return;
        if (isLeft)
        {
            drifts.Add(new Drift(vf.Label, owner.Name, differences, DriftOutcome.Left) { IsTuning = true });
            return;
        }
        Outcome<IReadOnlyList<string>> tuned =
            await node.Tuner.RepairAsync(row, owner, () => IsStillHeld(row), cancel).ConfigureAwait(false);
        if (!tuned.Try(out IReadOnlyList<string>? put, out Fault? fault))
            drifts.Add(new Drift(vf.Label, owner.Name, differences, DriftOutcome.Failed, fault) { IsTuning = true });
        else if (put.Count > 0)
            drifts.Add(new Drift(vf.Label, owner.Name, put, DriftOutcome.Repaired) { IsTuning = true });
    }

    /// <summary>A free VF that somebody changed is cleaned like one that came back.</summary>
    private async Task<IReadOnlyList<Drift>> ScrubAsync(IReadOnlyList<(LedgerVf Row, Drift Drift)> dirty, CancellationToken cancel)
    {
        if (dirty.Count == 0)
            return [];
        Outcome<List<LedgerVf>> claimed = node.Ledger.Change<List<LedgerVf>>(LedgerStep.Scrubbing, change =>
        {
            List<LedgerVf> mine = [];
            foreach ((LedgerVf row, Drift drift) in dirty)
            {
                // Somebody may have taken it meanwhile: then it is theirs.
                if (change.Vf(row.Vf) is not { IsAvailable: true } now)
                    continue;
                if (!change.Move(now, VfState.Scrubbing, "drift", string.Join("; ", drift.Differences)).Try(out LedgerVf? moved, out Fault? refused))
                    return refused;
                mine.Add(moved);
            }
            return mine;
        });
        if (!claimed.Try(out List<LedgerVf>? rows, out Fault? fault))
            return [.. dirty.Select(each => each.Drift with { Outcome = DriftOutcome.Failed, Fault = fault })];
        Outcome<ReleaseResult> scrubbed = await node.Releaser.ScrubAsync(rows).ConfigureAwait(false);
        HashSet<string> clean = [.. scrubbed.Or(null)?.Free ?? []];
        return
        [
            .. dirty.Where(each => rows.Exists(row => row.Vf == each.Row.Vf)).Select(each => clean.Contains(each.Row.Vf)
                ? each.Drift
                : each.Drift with
                {
                    Outcome = DriftOutcome.Failed,
                    Fault = scrubbed.Fault ?? Fault.Refused($"{each.Row.Vf} was quarantined", node.Ledger.Read(view => view.Vf(each.Row.Vf)).Or(null)?.Evidence),
                }),
        ];
    }

    /// <summary>Writes drift into history: what was put back each time, what was left or failed once as long as it stays the same.</summary>
    private Outcome<Unit> Tell(List<Drift> drifts)
    {
        foreach (string quiet in _told.Keys.Except(drifts.Select(drift => drift.Vf)).ToArray())
            _told.Remove(quiet);
        (Drift Drift, string Text)[] news = [.. drifts.Select(drift => (drift, Text(drift)))
            .Where(each => each.drift.Outcome == DriftOutcome.Repaired || _told.GetValueOrDefault(each.drift.Vf) != each.Item2)];
        if (news.Length == 0)
            return Unit.Done;
        return node.Ledger.Change(LedgerStep.Repair, change =>
        {
            foreach ((Drift drift, string text) in news)
            {
                _told[drift.Vf] = text;
                if (change.Vf(drift.Vf) is { } row)
                    change.Note("drift", text, row);
            }
        });
    }

    /// <summary>Marks in history what waits for the end of maintenance, once.</summary>
    private Outcome<Unit> TellPaused(IReadOnlyDictionary<string, string>? paused)
    {
        if (paused is null)
            return Unit.Done;
        foreach (string ended in _paused.Keys.Except(paused.Keys).ToArray())
            _paused.Remove(ended);
        KeyValuePair<string, string>[] news = [.. paused.Where(each => _paused.GetValueOrDefault(each.Key) != each.Value)];
        return news.Length == 0 ? Unit.Done : node.Ledger.Change(LedgerStep.Repair, change =>
        {
            foreach ((string vf, string text) in news)
            {
                _paused[vf] = text;
                if (change.Vf(vf) is { } row)
                    change.Note("maintenance", text, row);
            }
        });
    }

    private static string Text(Drift drift) => drift.Outcome switch
    {
        DriftOutcome.Repaired => $"put back: {string.Join("; ", drift.Differences)}",
        DriftOutcome.Left => $"left, under maintenance: {string.Join("; ", drift.Differences)}",
        _ => $"could not be put back: {string.Join("; ", drift.Differences)}; {drift.Fault?.Error}",
    };
}
