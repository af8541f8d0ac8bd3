using Vfleet.Host.Health;
using Vfleet.Host.Inventory;
using Vfleet.Node.Census;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Health;

/// <summary>
/// Watches how VFs fare from pass to pass and writes what changed into the ledger, so that a VF that failed is not handed out any more. A watcher
/// that began a moment ago takes nothing back that another one found out, as long as that may be so still: the ledger knows when it was seen
/// last.
/// A driver is missed where the ledger says that there has to be one. Not safe for concurrent use.
/// </summary>
/// <param name="node">The node.</param>
public sealed class HealthKeeper(LocalNode node)
{
    private readonly Dictionary<string, HealthState> _pfs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (HealthState State, DateTimeOffset Since)> _vfs = new(StringComparer.Ordinal);

    /// <summary>Reads and judges every VF once.</summary>
    /// <param name="reading">Machine and ledger.</param>
    /// <param name="isAtWork">True for a VF that somebody works on, or that was put right since it was read: it is not judged now.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>The VFs whose health changed.</returns>
    public async Task<Outcome<IReadOnlyList<HealthChange>>> WatchAsync(
        NodeReading reading, Func<VirtualFunction, bool> isAtWork, CancellationToken cancel = default)
    {
        HealthReader reader = new(node.Host.Kernel, new ReadTimer(node.Host.Options.Time, node.Host.Options.ReadDeadline));
        Outcome<MachineHealthReading> read = await reader.ReadAsync(reading.Machine, cancel).ConfigureAwait(false);
        if (!read.Try(out MachineHealthReading? now, out Fault? fault))
            return fault;
        Dictionary<string, string> failedPfs = JudgePfs(now);
        HashSet<string> atWork = [.. reading.Moved, .. reading.Machine.Vfs.Where(isAtWork).Select(vf => vf.Label)];
        List<HealthChange> seen = [];
        foreach (VfHealthReading vf in now.Vfs.Where(vf => !atWork.Contains(vf.Label)))
        {
            if (reading.Vfs.GetValueOrDefault(vf.Label) is { } row && Judge(vf, row, failedPfs.GetValueOrDefault(vf.Pf)) is { } change)
                seen.Add(change);
        }
        foreach (string gone in _vfs.Keys.Except(now.Vfs.Select(vf => vf.Label)).ToArray())
            _vfs.Remove(gone);
        if (seen.Count > 0 && node.Ledger.Change(LedgerStep.Repair, ledger => Write(ledger, seen)).Fault is { } unwritten)
            return unwritten;
        return Outcome<IReadOnlyList<HealthChange>>.Of([.. seen.Where(change => change.From != change.To)]);
    }

    private Dictionary<string, string> JudgePfs(MachineHealthReading now)
    {
        Dictionary<string, string> failed = new(StringComparer.Ordinal);
        foreach (PfHealthReading pf in now.Pfs)
        {
            (HealthState state, HealthVerdict verdict) = HealthJudge.Step(
                _pfs.GetValueOrDefault(pf.Label, HealthState.Begin), pf, new Pools.HealthThresholds(), node.Host.Options.Time.GetUtcNow());
            _pfs[pf.Label] = state;
            if (verdict.Level == HealthLevel.Failed)
                failed[pf.Label] = string.Join("; ", verdict.Evidence.Select(each => each.What));
        }
        return failed;
    }

    /// <returns>What is to be written; null where nothing is.</returns>
    private HealthChange? Judge(VfHealthReading vf, LedgerVf row, string? failedPf)
    {
        DateTimeOffset now = node.Host.Options.Time.GetUtcNow();
        (HealthState before, DateTimeOffset since) = _vfs.GetValueOrDefault(vf.Label, (HealthState.Begin, now));
        // Unbound on purpose, it is not ill; and whoever begins to watch misses a driver too.
        string? wanted = WantedDriver(row);
        before = before with { Driver = wanted is null ? null : before.Driver ?? wanted };
        Pools.HealthThresholds thresholds = node.Definitions.RulesOf(row.Pool).Health;
        (HealthState state, HealthVerdict verdict) = HealthJudge.Step(before, vf, thresholds, now);
        _vfs[vf.Label] = (state, since);
        HealthLevel level = failedPf is null ? verdict.Level : HealthLevel.Failed;
        string? evidence = failedPf is not null
            ? $"its PF {vf.Pf} failed: {failedPf}"
            : level == HealthLevel.Healthy ? null : string.Join("; ", verdict.Evidence.Select(each => each.What));
        TimeSpan? unseen = now - row.HealthAt;
        if (level == row.Health)
            // As bad as it was: later watchers have to know that it was so until now.
            return level == HealthLevel.Healthy || unseen < thresholds.Recovery ? null : new HealthChange(vf.Label, level, level, evidence);
        if (level > row.Health || now - since >= thresholds.Recovery || unseen >= thresholds.Window + thresholds.Recovery)
            return new HealthChange(vf.Label, row.Health, level, evidence);
        // From when it was first looked at, where nobody wrote down when that was.
        return row.HealthAt is null ? new HealthChange(vf.Label, row.Health, row.Health, row.HealthEvidence) : null;
    }

    private static string? WantedDriver(LedgerVf row) => row switch
    {
        { State: VfState.Attached } => row.Held?.Driver,
        { IsAvailable: true } => row.Clean?.Driver,
        _ => null,
    };

    private static void Write(LedgerChange ledger, List<HealthChange> changes)
    {
        foreach (HealthChange change in changes)
        {
            if (ledger.Vf(change.Vf) is { } row)
                ledger.SetHealth(row, change.To, change.Evidence);
        }
    }
}

/// <summary>A VF that fares otherwise than before.</summary>
/// <param name="Vf">The VF.</param>
/// <param name="From">How it fared.</param>
/// <param name="To">How it fares.</param>
/// <param name="Evidence">Why; null for a healthy one.</param>
public sealed record HealthChange(string Vf, HealthLevel From, HealthLevel To, string? Evidence);
