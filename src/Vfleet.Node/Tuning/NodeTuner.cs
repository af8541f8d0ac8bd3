using System.Globalization;
using Vfleet.Host;
using Vfleet.Host.Inventory;
using Vfleet.Host.Tuning;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Tuning;

/// <summary>Tunes VFs as their pool's rules say, with what was before in the ledger first, and puts it back when they are released.</summary>
/// <param name="host">The machine.</param>
/// <param name="ledger">The ledger.</param>
/// <param name="rules">A pool's rules, by its name.</param>
public sealed class NodeTuner(SriovHost host, NodeLedger ledger, Func<string, PoolRules> rules)
{
    private readonly VfTuner _tuner = new(host.Kernel);

    /// <summary>Tunes a VF for its owner; nothing where its pool has no tuning.</summary>
    /// <returns>A refusal that names driver and setting; the VF is then as before.</returns>
    public async Task<Outcome<Unit>> ApplyAsync(VirtualFunction vf, string pool, Owner owner, CancellationToken cancel = default)
    {
        if (Wanted(pool, owner) is not { IsEmpty: false } tuning)
            return Unit.Done;
        Outcome<TuningBaseline> read = await _tuner.ReadAsync(vf, tuning, cancel).ConfigureAwait(false);
        if (!read.Try(out TuningBaseline? before, out Fault? fault))
            return fault;
        if (ledger.Change(LedgerStep.Tuning, change => change.SetTuning(vf.Label, before)).Fault is { } notDurable)
            return notDurable;
        Outcome<Unit> applied = await _tuner.ApplyAsync(vf, tuning, before, cancel).ConfigureAwait(false);
        if (applied.Succeeded)
            return applied;
        return ledger.Change(LedgerStep.Tuning, change => change.SetTuning(vf.Label, null)).Fault is { } left ? left : applied;
    }

    /// <summary>What is not as the pool's rules want it; empty for a VF that was not tuned.</summary>
    public async Task<Outcome<IReadOnlyList<string>>> VerifyAsync(VirtualFunction vf, LedgerVf row, Owner owner, CancellationToken cancel = default)
    {
        if (row.Tuning is null || Wanted(row.Pool, owner) is not { IsEmpty: false } tuning)
            return Outcome<IReadOnlyList<string>>.Of([]);
        Outcome<IReadOnlyList<TuningDifference>> seen = await _tuner.VerifyAsync(vf, tuning, cancel).ConfigureAwait(false);
        return seen.Map<IReadOnlyList<string>>(all => [.. all.Select(each => each.ToString())]);
    }

    /// <summary>Tunes again what somebody changed; what was before stays what it was.</summary>
    public Task<Outcome<Unit>> RepairAsync(VirtualFunction vf, LedgerVf row, Owner owner, CancellationToken cancel = default) =>
        _tuner.ApplyAsync(vf, Wanted(row.Pool, owner)!, row.Tuning!, cancel);

    /// <summary>Puts back what was before; success where nothing was tuned.</summary>
    public async Task<Outcome<Unit>> RestoreAsync(LedgerVf row, CancellationToken cancel = default)
    {
        if (row.Tuning is not { } before)
            return Unit.Done;
        Outcome<VfAmongSiblings> found = await host.FindVfAsync(row.Vf, cancel).ConfigureAwait(false);
        if (!found.Try(out VfAmongSiblings? place, out Fault? fault))
            return fault;
        // What a driver refuses to take back goes with the reset; it must not keep the VF with its owner.
        _ = await _tuner.RestoreAsync(place.Vf, before, cancel).ConfigureAwait(false);
        return ledger.Change(LedgerStep.Tuning, change => change.SetTuning(row.Vf, null));
    }

    private VfTuning? Wanted(string pool, Owner owner)
    {
        if (rules(pool).Tuning is not { } profile)
            return null;
        CpuList? own = profile.Affinity == InterruptAffinity.Owner ? CpusOf(owner) : null;
        return new VfTuning
        {
            Cpus = own,
            NumaNodeCpus = profile.Affinity is not null && own is null,
            Interface = new InterfaceTuning
            {
                CombinedChannels = profile.CombinedChannels,
                RxRing = profile.RxRing,
                TxRing = profile.TxRing,
                RxMicroseconds = profile.CoalesceRxMicroseconds,
                TxMicroseconds = profile.CoalesceTxMicroseconds,
                AdaptiveRx = profile.AdaptiveRx,
            },
        };
    }

    /// <summary>CPUs the owner's process may run on (proc_pid_status(5), Cpus_allowed_list); null where it is not known.</summary>
    private CpuList? CpusOf(Owner owner)
    {
        if (owner.ProcessId is not { } pid)
            return null;
        string status = host.Kernel.Files.ReadText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status")).Or(null) ?? "";
        const string Field = "Cpus_allowed_list:";
        string? line = status.Split('\n').FirstOrDefault(each => each.StartsWith(Field, StringComparison.Ordinal));
        return line is not null && CpuList.TryParse(line[Field.Length..].Trim(), out CpuList? cpus) ? cpus : null;
    }
}
