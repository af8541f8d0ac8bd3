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
    /// <summary>Tunes a VF for its owner; nothing where its pool has no tuning.</summary>
    /// <param name="vf">The VF as it is called.</param>
    /// <param name="allocation">The allocation that has it.</param>
    /// <param name="cancel">Ends the work; what was changed is put back first.</param>
    /// <returns>A refusal that names driver and setting; the VF is then as before, or what it was stays in the ledger.</returns>
    public async Task<Outcome<Unit>> ApplyAsync(string vf, LedgerAllocation allocation, CancellationToken cancel = default)
    {
        if (Wanted(allocation.Pool, allocation.Owner) is not { IsEmpty: false } tuning)
            return Unit.Done;
        return await host.LockedAsync(vf, async (now, left) =>
        {
            VfTuner tuner = Tuner(left);
            Outcome<TuningBaseline> read = await tuner.ReadAsync(now, tuning, cancel).ConfigureAwait(false);
            if (!read.Try(out TuningBaseline? before, out Fault? fault))
                return fault;
            if (Keep(vf, allocation.Id, before).Fault is { } notDurable)
                return notDurable;
            Outcome<Unit> applied = await tuner.ApplyAsync(now, tuning, before, cancel).ConfigureAwait(false);
            // Put back by now where it could be; asked again, for what could not must not be forgotten.
            if (applied.Succeeded || !(await tuner.RestoreAsync(now, before, CancellationToken.None).ConfigureAwait(false)).Succeeded)
                return applied;
            return Keep(vf, allocation.Id, null).Fault is { } kept ? kept : applied;
        }, cancel).ConfigureAwait(false);
    }

    /// <summary>What is not as the pool's rules want it; empty for a VF that was not tuned.</summary>
    public async Task<Outcome<IReadOnlyList<string>>> VerifyAsync(VirtualFunction vf, LedgerVf row, Owner owner, CancellationToken cancel = default)
    {
        if (row.Tuning is null || Wanted(row.Pool, owner) is not { IsEmpty: false } tuning)
            return Outcome<IReadOnlyList<string>>.Of([]);
        Outcome<IReadOnlyList<TuningDifference>> seen = await Tuner(new UnendedWork())
            .VerifyAsync(vf, tuning, cancel).ConfigureAwait(false);
        return seen.Map<IReadOnlyList<string>>(all => [.. all.Select(each => each.ToString())]);
    }

    /// <summary>Looks at a VF under its lock and tunes again what somebody changed; what was before stays what it was.</summary>
    /// <param name="row">The VF.</param>
    /// <param name="owner">Whom it belongs to.</param>
    /// <param name="isStillHeld">Asked under the lock: false where it has gone to somebody else since, and then nothing is done.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>What differed, in words; empty where nothing did.</returns>
    public Task<Outcome<IReadOnlyList<string>>> RepairAsync(
        LedgerVf row,
        Owner owner,
        Func<bool> isStillHeld,
        CancellationToken cancel = default) => host.LockedAsync(row.Vf, async (now, left) =>
    {
        if (!isStillHeld())
            return Outcome<IReadOnlyList<string>>.Of([]);
        Outcome<IReadOnlyList<string>> seen = await VerifyAsync(now, row, owner, cancel).ConfigureAwait(false);
        if (seen.Or(null) is not { Count: > 0 })
            return seen;
        Outcome<Unit> tuned = await Tuner(left).ApplyAsync(now, Wanted(row.Pool, owner)!, row.Tuning!, cancel).ConfigureAwait(false);
        return tuned.Fault is { } refused ? refused : seen;
    }, cancel);

    /// <summary>
    /// Puts back what was before on a VF that is back on the host. What was before stays in the ledger until all of it was put back.
    /// </summary>
    public async Task<Outcome<Unit>> RestoreAsync(string vf, TuningBaseline before, CancellationToken cancel = default)
    {
        Outcome<Unit> restored = await host.LockedAsync(vf, async (now, left) => now is { Link: null, IsInterfaceElsewhere: true }
            ? Fault.Refused("its interface cannot be found", "it is in a namespace without a path", target: vf)
            : await Tuner(left).RestoreAsync(now, before, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
        return restored.Fault is { } refused
            ? refused with { Error = $"what {vf} was tuned to could not be put back: {refused.Error}", Target = vf }
            : ledger.Change(LedgerStep.Tuning, change => change.SetTuning(vf, null));
    }

    private VfTuner Tuner(UnendedWork left) => new(host.Kernel, host.Options, left);

    private Outcome<Unit> Keep(string vf, string allocation, TuningBaseline? before) => ledger.Change<Unit>(LedgerStep.Tuning, change =>
    {
        // Between its attach and here somebody may have released it, and another may have got it.
        if (change.Vf(vf)?.Allocation != allocation)
            return Fault.Refused($"{vf} does not belong to {allocation} any more", "somebody released it meanwhile", target: vf);
        change.SetTuning(vf, before);
        return Unit.Done;
    });

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
