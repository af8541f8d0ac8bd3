using Vfleet.Host.State;
using Vfleet.Host.Warm;
using Vfleet.Node.Census;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;
using Vfleet.Node.Reconcile;

namespace Vfleet.Node.Prewarm;

/// <summary>What a look at the pools came to.</summary>
/// <param name="Warmed">VFs that were made ready.</param>
/// <param name="Cooled">VFs that were ready and are as before.</param>
/// <param name="Faults">What could not be done, also by an earlier look, until it succeeds.</param>
public sealed record PrewarmReport(IReadOnlyList<string> Warmed, IReadOnlyList<string> Cooled, IReadOnlyList<Fault> Faults)
{
    /// <summary>True where nothing had to be done.</summary>
    public bool IsQuiet => Warmed.Count == 0 && Cooled.Count == 0 && Faults.Count == 0;
}

/// <summary>
/// Keeps as many VFs of each pool ready as its rule says: clean, on the pool's driver, up and quiet, so that a hand-out has nothing of
/// that to do. A VF is claimed like one that is cleaned, one at a time, so that at most one VF cannot be had for a moment; whoever finds
/// the claim of a dead process cleans the VF. Not safe for concurrent use.
/// </summary>
/// <param name="node">The node.</param>
public sealed class Prewarmer(LocalNode node)
{
    /// <summary>How long a VF that could not be made ready is left alone.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, (Fault Fault, long At)> _failed = new(StringComparer.Ordinal);

    private NodeLedger Ledger => node.Ledger;

    /// <summary>Compares the pools with their rules, and does what is missing.</summary>
    /// <param name="reading">Machine and ledger.</param>
    /// <param name="windows">What is under maintenance; that is left.</param>
    /// <param name="cancel">Ends it between two VFs.</param>
    public async Task<Outcome<PrewarmReport>> RunAsync(
        NodeReading reading, IReadOnlyList<MaintenanceWindow> windows, CancellationToken cancel = default)
    {
        if (!node.Definitions.Rules().Try(out IReadOnlyDictionary<string, PoolRules>? rules, out Fault? fault))
            return fault;
        PrewarmPlan plan = PrewarmPlan.Make(
            reading, rules, vf => node.Host.Warmer.Differences(vf).Count == 0, pf => Maintenance.Covers(windows, pf));
        foreach (string past in _failed.Keys.Except(plan.Warm.Select(wish => wish.Row.Vf)).ToArray())
            _failed.Remove(past);
        Outcome<IReadOnlyList<string>> cooled = await CoolAsync(plan.Cool).ConfigureAwait(false);
        Outcome<List<string>> warmed = await WarmAsync(plan, cancel).ConfigureAwait(false);
        List<Fault> faults = [.. _failed.Values.Select(each => each.Fault)];
        if (cooled.Fault is { } notCooled)
            faults.Add(notCooled);
        if (warmed.Fault is { } notWarmed)
            faults.Add(notWarmed);
        return new PrewarmReport(warmed.Or(null) ?? [], cooled.Or(null) ?? [], faults);
    }

    private async Task<Outcome<List<string>>> WarmAsync(PrewarmPlan plan, CancellationToken cancel)
    {
        Dictionary<string, int> missing = new(plan.Missing, StringComparer.Ordinal);
        List<string> done = [];
        foreach (WarmWish wish in plan.Warm)
        {
            cancel.ThrowIfCancellationRequested();
            if (missing[wish.Row.Pool] == 0 || IsHopeless(wish.Row.Vf))
                continue;
            Outcome<LedgerVf?> claimed = Ledger.Change(LedgerStep.Prewarm, change => Claim(change, wish.Row, "prewarm"));
            if (!claimed.Try(out LedgerVf? mine, out Fault? fault))
                return fault;
            if (mine is null)
                continue;
            // What is claimed is finished, whoever loses patience; each step has a deadline.
            WarmResult warm = await node.Host.Warmer.WarmAsync(
                mine.Vf, wish.Driver, mine.Clean!, () => IsStillMine(mine), CancellationToken.None).ConfigureAwait(false);
            if (await EndAsync(wish.Row, mine, warm).ConfigureAwait(false) is { } stuck)
                return stuck;
            if (warm.Fault is { } failed)
            {
                _failed[mine.Vf] = (failed, node.Host.Options.Time.GetTimestamp());
                continue;
            }
            _failed.Remove(mine.Vf);
            missing[mine.Pool]--;
            done.Add(mine.Vf);
        }
        return done;
    }

    /// <summary>It is free again: ready, or as it was, or cleaned where it is half of it.</summary>
    private async Task<Fault?> EndAsync(LedgerVf before, LedgerVf mine, WarmResult warm)
    {
        if (warm is { Fault: not null, IsTouched: true })
            return (await node.Releaser.ScrubAsync([mine]).ConfigureAwait(false)).Fault;
        if (Ledger.Change(LedgerStep.Prewarm, change => Settle(change, before, warm)).Fault is not { } notDurable)
            return null;
        // Nobody's work: the next call cleans it.
        return Ledger.Change(LedgerStep.Repair, change =>
        {
            if (change.Vf(mine.Vf) is { State: VfState.Scrubbing } row && row.Worker == change.Actor.Process)
                change.SetWorker(row, null);
        }).Fault ?? notDurable;
    }

    private async Task<Outcome<IReadOnlyList<string>>> CoolAsync(IReadOnlyList<LedgerVf> rows)
    {
        if (rows.Count == 0)
            return Outcome<IReadOnlyList<string>>.Of([]);
        Outcome<List<LedgerVf>> claimed = Ledger.Change<List<LedgerVf>>(LedgerStep.Prewarm, change =>
        {
            List<LedgerVf> mine = [];
            foreach (LedgerVf row in rows)
            {
                if (!Claim(change, row, "prewarm ends").Try(out LedgerVf? moved, out Fault? refused))
                    return refused;
                if (moved is not null)
                    mine.Add(moved);
            }
            return mine;
        });
        return claimed.Try(out List<LedgerVf>? all, out Fault? fault)
            ? (await node.Releaser.ScrubAsync(all).ConfigureAwait(false)).Map(result => result.Free)
            : fault;
    }

    private bool IsHopeless(string vf) => _failed.TryGetValue(vf, out (Fault Fault, long At) last)
        && node.Host.Options.Time.GetElapsedTime(last.At) < Patience;

    /// <summary>False where the VF was destroyed since, or another process took it over; and where the ledger does not tell.</summary>
    private bool IsStillMine(LedgerVf mine) =>
        Ledger.Read(view => view.Vf(mine.Vf) is { State: VfState.Scrubbing } now && now.Worker == Ledger.Actor.Process).Or(false);

    /// <summary>From here on whoever scrubs it takes back what may have made it ready.</summary>
    /// <returns>Null where somebody else has it by now.</returns>
    private static Outcome<LedgerVf?> Claim(LedgerChange change, LedgerVf row, string reason)
    {
        if (change.Vf(row.Vf) is not { IsAvailable: true, Clean: not null } now || now.Pool != row.Pool)
            return Outcome<LedgerVf?>.Of(null);
        change.SetWarm(now, true);
        return change.Move(now with { IsWarm = true }, VfState.Scrubbing, reason).Map(moved => (LedgerVf?)moved);
    }

    private static Outcome<Unit> Settle(LedgerChange change, LedgerVf before, WarmResult warm)
    {
        if (change.Vf(before.Vf) is not { State: VfState.Scrubbing } row || row.Worker != change.Actor.Process)
            return Fault.Refused($"{before.Vf} was taken over while it was made ready", target: before.Vf);
        // Of its clean state only the driver can be another than before.
        if (warm.Vf is { } vf && row.Clean!.Driver != vf.Driver)
            change.SetClean(row, Baseline.Of(vf));
        string reason = warm.Fault is null ? "ready" : "left";
        if (!change.Move(row, VfState.Free, reason, warm.Fault?.Error).Try(out LedgerVf? free, out Fault? refused))
            return refused;
        change.SetWarm(free, warm.Fault is null || before.IsWarm);
        return Unit.Done;
    }
}
