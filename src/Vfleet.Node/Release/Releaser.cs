using System.Collections.Concurrent;
using Vfleet.Host;
using Vfleet.Host.Attach;
using Vfleet.Host.Scrub;
using Vfleet.Linux.Route;
using Vfleet.Node.Counters;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Node.Pools;
using Vfleet.Node.Tuning;

namespace Vfleet.Node.Release;

/// <summary>
/// Takes VFs back: noted in the ledger, detached by the host, cleaned, free. Each step may be repeated by whoever finds it undone. A VF that does
/// not become clean is quarantined with the evidence.
/// </summary>
/// <param name="host">The machine.</param>
/// <param name="ledger">The ledger.</param>
/// <param name="tuner">Puts back what was tuned.</param>
/// <param name="rules">A pool's rules, by its name.</param>
/// <param name="life">Asks whether whoever works on a VF lives.</param>
public sealed class Releaser(SriovHost host, NodeLedger ledger, NodeTuner tuner, Func<string, PoolRules> rules, OwnerLife life)
{
    private readonly ConcurrentDictionary<string, bool> _stranded = new(StringComparer.Ordinal);

    /// <summary>Ends allocations and cleans their VFs side by side.</summary>
    /// <param name="orders">Which, and why.</param>
    /// <param name="owesUndo">The front door does not know of it, and what it did itself is to be undone: see <see cref="OwedUndos"/>.</param>
    /// <param name="cancel">Ends the waiting before anything is claimed.</param>
    /// <returns>The first fault; the VFs it is about stay as far as they came, and the same call again goes on.</returns>
    public async Task<Outcome<ReleaseResult>> ReleaseAsync(
        IReadOnlyList<ReleaseOrder> orders, bool owesUndo, CancellationToken cancel = default)
    {
        if (!(await DeadWorkersAsync(orders, cancel).ConfigureAwait(false)).Try(out HashSet<Owner>? dead, out Fault? fault))
            return fault;
        Fault? atWork = null;
        if (!ledger.Change(LedgerStep.Releasing, change => Claim(change, orders, owesUndo, dead, out atWork)).Try(out List<LedgerVf>? claimed, out fault))
            return fault;
        // What is claimed is finished, whoever loses patience: each step has a deadline, and a VF left half way would be nobody's to finish as long as
        // this process lives.
        Outcome<DetachResult?>[] detached =
            await Task.WhenAll(claimed.Select(vf => DetachAsync(vf, CancellationToken.None))).ConfigureAwait(false);
        HashSet<string> back = [.. claimed.Where((_, i) => detached[i].Succeeded).Select(vf => vf.Vf)];
        Fault? stuck = detached.FirstOrDefault(each => !each.Succeeded).Fault ?? atWork;
        if (!ledger.Change(LedgerStep.Scrubbing, change => Return(change, orders, claimed, back)).Try(out List<LedgerVf>? dirty, out fault))
            return GiveUp(claimed, fault);
        Outcome<ReleaseResult> scrubbed = await ScrubAsync(dirty).ConfigureAwait(false);
        return stuck is null
            ? scrubbed.Map(result => result with { Detached = [.. detached.Select(each => each.Value).OfType<DetachResult>()] })
            : stuck;
    }

    /// <summary>Frees a VF that is quarantined: cleaned once more, or as it is.</summary>
    /// <param name="vf">The VF as it is called.</param>
    /// <param name="asItIs">It is not cleaned; history says so.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>Refused where it is not quarantined any more.</returns>
    public async Task<Outcome<ReleaseResult>> FreeQuarantinedAsync(string vf, bool asItIs, CancellationToken cancel = default)
    {
        Outcome<LedgerVf> claimed = ledger.Change(LedgerStep.Scrubbing, change =>
        {
            if (change.Vf(vf) is not { State: VfState.Quarantined } row)
                return Fault.Refused($"{vf} is not quarantined any more", "somebody else released it meanwhile",
                    "see `vfleet ledger history`", vf);
            Outcome<LedgerVf> moved = change.Move(row, VfState.Scrubbing, asItIs ? "release by force" : "release", row.Evidence);
            if (!asItIs || !moved.Try(out LedgerVf? scrubbing, out _))
                return moved;
            change.SetTuning(vf, null);
            Outcome<LedgerVf> freed = change.Move(scrubbing, VfState.Free, "free by force", "it was not cleaned");
            // Nobody took back what may have made it ready: forgotten, its being up would be taken for use, and then for its clean state.
            if (freed.Succeeded && row.IsWarm)
                change.SetWarm(row, true);
            return freed;
        });
        if (!claimed.Try(out LedgerVf? mine, out Fault? fault))
            return fault;
        return asItIs ? new ReleaseResult([vf], []) : await ScrubAsync([mine]).ConfigureAwait(false);
    }

    /// <summary>Cleans VFs that are being scrubbed already, or are quarantined, and frees them.</summary>
    /// <param name="rows">The VFs; whoever calls has claimed them.</param>
    public async Task<Outcome<ReleaseResult>> ScrubAsync(IReadOnlyList<LedgerVf> rows)
    {
        if (await ReadLastAsync(rows).ConfigureAwait(false) is { } notKept)
            return GiveUp(rows, notKept);
        List<string> free = [];
        List<(string, string)> quarantined = [];
        Fault? late = null;
        foreach (IGrouping<ScrubRule, LedgerVf> same in rows.GroupBy(row => rules(row.Pool).Scrub))
        {
            ScrubOrder[] orders = [.. same.Select(row => new ScrubOrder(row.Vf, row.Clean ?? FactoryState.Of(row), row.IsWarm))];
            Outcome<IReadOnlyList<ScrubResult>> scrubbed =
                await host.Scrubber.ScrubAsync(orders, same.Key == ScrubRule.Reset, CancellationToken.None).ConfigureAwait(false);
            if (!scrubbed.Try(out IReadOnlyList<ScrubResult>? results, out Fault? fault))
                return GiveUp(rows, fault);
            Outcome<ScrubResult>[] ended = await Task.WhenAll(results.Zip(same, UntuneAsync)).ConfigureAwait(false);
            late ??= ended.FirstOrDefault(each => !each.Succeeded).Fault;
            results = [.. ended.Where(each => each.Succeeded).Select(each => each.Value)];
            string step = results.All(result => result.Fault is null) ? LedgerStep.Free : LedgerStep.Quarantine;
            if (ledger.Change(step, change => Settle(change, results, free, quarantined)).Fault is { } notDurable)
                return GiveUp(rows, notDurable);
        }
        return late is null ? new ReleaseResult(free, quarantined) : GiveUp(rows, late);
    }

    /// <summary>Keeps what VFs counted for those who had them: a scrub begins their counters anew.</summary>
    /// <returns>Why the ledger could not keep it. A VF that cannot be read is the scrub's to tell; its counters end with the reading
    /// before.</returns>
    private async Task<Fault?> ReadLastAsync(IReadOnlyList<LedgerVf> rows)
    {
        Dictionary<string, LedgerVf> owned =
            rows.Where(row => row.Allocation is not null).ToDictionary(row => row.Vf, StringComparer.Ordinal);
        if (owned.Count == 0)
            return null;
        DateTimeOffset at = host.Options.Time.GetUtcNow();
        List<VfAmongSiblings> places = [];
        // One that vanished hides the others of its reading.
        if (!await FindAsync([.. owned.Keys]).ConfigureAwait(false) && owned.Count > 1)
        {
            foreach (string vf in owned.Keys)
                await FindAsync([vf]).ConfigureAwait(false);
        }
        return places.Count == 0 ? null : ledger.Change(LedgerStep.Counters, change =>
            VfMeters.Add(change, places.Select(place => (place.Vf, owned[place.Vf.Label].Allocation)), at)).Fault;

        async Task<bool> FindAsync(string[] names)
        {
            Outcome<IReadOnlyList<VfAmongSiblings>> found =
                await host.FindVfsAsync(names, VfDetail.SettingsAndCounters, CancellationToken.None).ConfigureAwait(false);
            places.AddRange(found.Or(null) ?? []);
            return found.Succeeded;
        }
    }

    /// <summary>Puts back what was tuned, now that the VF is on the host again; one where that fails is not clean.</summary>
    /// <returns>The fault where it could not be tried, as while another process has the lock: nothing speaks against the VF then.</returns>
    private async Task<Outcome<ScrubResult>> UntuneAsync(ScrubResult scrubbed, LedgerVf row)
    {
        if (scrubbed.Fault is not null || row.Tuning is not { } before)
            return scrubbed;
        Fault? fault = (await tuner.RestoreAsync(row.Vf, before, CancellationToken.None).ConfigureAwait(false)).Fault;
        return fault?.Kind == FaultKind.TimedOut ? fault : scrubbed with { Fault = fault };
    }

    /// <summary>Those who are noted as working on the VFs and have ended: what they began is finished by whoever comes.</summary>
    private async Task<Outcome<HashSet<Owner>>> DeadWorkersAsync(IReadOnlyList<ReleaseOrder> orders, CancellationToken cancel)
    {
        Outcome<Owner[]> noted = ledger.Read(view => orders.Select(order => view.Allocation(order.Allocation)).OfType<LedgerAllocation>()
            .SelectMany(allocation => allocation.Vfs).Select(vf => view.Vf(vf.Vf)?.Worker).OfType<Owner>()
            .Where(worker => worker != ledger.Actor.Process).Distinct().ToArray());
        if (!noted.Try(out Owner[]? workers, out Fault? fault))
            return fault;
        HashSet<Owner> dead = [];
        foreach (Owner worker in workers)
        {
            if ((await life.AskAsync(worker, cancel: cancel).ConfigureAwait(false)).State == LifeState.Dead)
                dead.Add(worker);
        }
        return dead;
    }

    /// <summary>Notes that the VFs are going to be taken back. Those of an allocation that another process works on are left to it.</summary>
    private static Outcome<List<LedgerVf>> Claim(
        LedgerChange change, IReadOnlyList<ReleaseOrder> orders, bool owesUndo, HashSet<Owner> dead, out Fault? atWork)
    {
        List<LedgerVf> claimed = [];
        atWork = null;
        foreach (ReleaseOrder order in orders)
        {
            if (change.Allocation(order.Allocation) is not { } allocation)
                return Fault.NotFound($"no allocation {order.Allocation}", "see `vfleet ledger list`", order.Allocation);
            LedgerVf[] vfs = [.. allocation.Vfs.Select(each => change.Vf(each.Vf)).OfType<LedgerVf>().Where(vf => vf.Allocation == allocation.Id)];
            if (vfs.FirstOrDefault(vf => vf.Worker is { } worker && worker != change.Actor.Process && !dead.Contains(worker)) is { } busy)
            {
                atWork = Fault.Refused($"{allocation.Id} is being worked on: {busy.Vf} is {busy.State}", $"by {busy.Worker!.Name}",
                    "try again when that is done; what a process leaves when it ends is finished by the next one", busy.Vf);
                continue;
            }
            int before = claimed.Count;
            if (Claim(change, allocation, vfs, order, claimed) is { } fault)
                return fault;
            // Where nothing was handed out, no front door did anything with it either.
            if (owesUndo && claimed.Count > before)
                OwedUndos.Owe(change, allocation);
        }
        CloseEmpty(change, orders);
        return claimed;
    }

    /// <summary>True where the VF was held and nothing was done with it yet, neither by its owner nor for it.</summary>
    private static bool IsUntouched(LedgerAllocation allocation, LedgerVf vf) =>
        vf is { State: VfState.Reserved, Record: null } && allocation.ReadyAt is null;

    private static Fault? Claim(
        LedgerChange change, LedgerAllocation allocation, IReadOnlyList<LedgerVf> vfs, ReleaseOrder order, List<LedgerVf> claimed)
    {
        foreach (LedgerVf vf in vfs)
        {
            if (IsUntouched(allocation, vf))
            {
                // Whatever it is now, it was not this allocation: cleaning it might take it from somebody.
                if (change.Move(vf, VfState.Free, order.Reason).Fault is { } stuck)
                    return stuck;
            }
            else if (vf.State == VfState.Releasing)
            {
                change.SetWorker(vf, change.Actor.Process);
                claimed.Add(vf);
            }
            else if (VfTransitions.IsAllowed(vf.State, VfState.Releasing))
            {
                if (!change.Move(vf, VfState.Releasing, order.Reason).Try(out LedgerVf? moved, out Fault? fault))
                    return fault;
                claimed.Add(moved);
            }
        }
        return null;
    }

    private async Task<Outcome<DetachResult?>> DetachAsync(LedgerVf vf, CancellationToken cancel)
    {
        // Without a record nothing was changed in the kernel.
        if (vf.Record is null)
            return Outcome<DetachResult?>.Of(null);
        // By its allocation: somebody else may have taken the VF back since it was claimed, and another may have it now.
        return (await host.Detacher.DetachOfAsync(vf.Vf, vf.Allocation!, cancel).ConfigureAwait(false)).Map(result => (DetachResult?)result);
    }

    /// <summary>Notes which VFs are back; the others keep their state, and nobody as worker, so that the next call goes on.</summary>
    private static Outcome<List<LedgerVf>> Return(
        LedgerChange change, IReadOnlyList<ReleaseOrder> orders, List<LedgerVf> claimed, HashSet<string> back)
    {
        List<LedgerVf> dirty = [];
        foreach (LedgerVf was in claimed)
        {
            if (change.Vf(was.Vf) is not { State: VfState.Releasing } row || row.Allocation != was.Allocation || row.Worker != change.Actor.Process)
                continue;
            if (!back.Contains(row.Vf))
                change.SetWorker(row, null);
            else if (change.Move(row, VfState.Scrubbing, "returned").Try(out LedgerVf? moved, out Fault? fault))
                dirty.Add(moved);
            else
                return fault;
        }
        CloseEmpty(change, orders);
        return dirty;
    }

    /// <summary>Ends allocations in the same change in which the last of their VFs leaves them.</summary>
    private static void CloseEmpty(LedgerChange change, IReadOnlyList<ReleaseOrder> orders)
    {
        foreach (ReleaseOrder order in orders)
        {
            LedgerAllocation allocation = change.Allocation(order.Allocation)!;
            if (allocation.ReleasedAt is null && !change.HasVfs(allocation))
                change.Close(allocation, order.Reason);
        }
    }

    private static Outcome<int> Settle(
        LedgerChange change, IReadOnlyList<ScrubResult> results, List<string> free, List<(string, string)> quarantined)
    {
        foreach (ScrubResult result in results)
        {
            if (change.Vf(result.Vf) is not { State: VfState.Scrubbing } row || row.Worker != change.Actor.Process)
                continue;
            VfState to = result.Fault is null ? VfState.Free : VfState.Quarantined;
            if (change.Move(row, to, result.Fault is null ? "clean" : "quarantine", result.Fault?.Error).Fault is { } fault)
                return fault;
            if (result.Fault is null)
                free.Add(result.Vf);
            else
                quarantined.Add((result.Vf, result.Fault.Error));
        }
        return results.Count;
    }

    /// <summary>
    /// True for a VF that this process began to take back, and could not even note that it gave up, as on a full disk: nobody works on it although
    /// the ledger says that this process does.
    /// </summary>
    internal bool IsStranded(LedgerVf vf) => vf.Worker == ledger.Actor.Process && _stranded.ContainsKey(vf.Vf);

    /// <summary>The work could not be noted, or the scrub not begin or end: VFs that are not settled stay where they are, and the next call goes on.</summary>
    private Fault GiveUp(IReadOnlyList<LedgerVf> rows, Fault fault)
    {
        Outcome<Unit> noted = ledger.Change(LedgerStep.Repair, change =>
        {
            foreach (LedgerVf row in rows)
            {
                if (change.Vf(row.Vf) is { State: VfState.Scrubbing or VfState.Releasing } now && now.Worker == change.Actor.Process)
                    change.SetWorker(now, null);
            }
        });
        foreach (LedgerVf row in rows)
        {
            if (noted.Succeeded)
                _ = _stranded.TryRemove(row.Vf, out _);
            else
                _stranded[row.Vf] = true;
        }
        return noted.Fault ?? fault;
    }
}
