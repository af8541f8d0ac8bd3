using Vfleet.Host.Inventory;
using Vfleet.Host.Scrub;
using Vfleet.Node.Ledger;

namespace Vfleet.Simulation.Nodes;

/// <summary>A broken invariant.</summary>
/// <param name="Invariant">Which, such as <c>I1</c>.</param>
/// <param name="What">What is wrong.</param>
public sealed record NodeViolation(string Invariant, string What)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Invariant}: {What}";
}

/// <summary>What may be asked for at the moment of a check.</summary>
public sealed record NodeMoment
{
    /// <summary>Nobody works on a VF, and what the dead left was taken back: then more has to hold.</summary>
    public bool IsAtRest { get; init; }

    /// <summary>Free VFs that people changed by hand, which nobody promises to be clean.</summary>
    public IReadOnlySet<string> ChangedByHand { get; init; } = new HashSet<string>();
}

/// <summary>
/// Compares a machine with its ledger: what must hold whatever happened. I1 one owner at most; I2 a free VF is clean and on the host; I4 nobody's VF
/// has a tenant's settings; I6 what is guaranteed is there; I8 the history is whole. I3 and I5 need somebody who remembers: <see cref="NodeModel"/>.
/// </summary>
public static class NodeInvariants
{
    /// <summary>Everything that is wrong; empty for a node as it should be.</summary>
    /// <param name="machine">The machine as it was read, with settings.</param>
    /// <param name="ledger">Its ledger.</param>
    /// <param name="signer">Knows the signature of the history's checkpoints.</param>
    /// <param name="moment">What may be asked for.</param>
    public static Outcome<IReadOnlyList<NodeViolation>> Check(MachineInventory machine, NodeLedger ledger, CheckpointSigner signer, NodeMoment moment)
    {
        if (!LedgerVerifier.Verify(ledger, [], signer).Try(out LedgerVerdict? verdict, out Fault? fault)
            || !ledger.Read(view => (view.Vfs(), view.OpenAllocations()))
                .Try(out (IReadOnlyList<LedgerVf> Vfs, IReadOnlyList<LedgerAllocation> Open) read, out fault))
            return fault;
        Dictionary<string, VirtualFunction> vfs = machine.Vfs.ToDictionary(vf => vf.Label, StringComparer.Ordinal);
        List<NodeViolation> found = [.. verdict.Problems.Select(problem => new NodeViolation("I8", problem))];
        found.AddRange(Owners(read.Vfs, read.Open, moment));
        foreach (LedgerVf row in read.Vfs)
        {
            VirtualFunction? vf = vfs.GetValueOrDefault(row.Vf);
            found.AddRange(row.State == VfState.Free ? Free(row, vf, moment) : Taken(row, vf, moment));
        }
        found.AddRange(Rates(machine, ledger));
        return found;
    }

    /// <summary>I1 within the ledger: each VF with an owner belongs to one open allocation, and each of those has its VFs.</summary>
    private static IEnumerable<NodeViolation> Owners(IReadOnlyList<LedgerVf> rows, IReadOnlyList<LedgerAllocation> open, NodeMoment moment)
    {
        Dictionary<string, LedgerAllocation> byId = open.ToDictionary(each => each.Id, StringComparer.Ordinal);
        Dictionary<string, LedgerVf> byVf = rows.ToDictionary(row => row.Vf, StringComparer.Ordinal);
        foreach (LedgerVf row in rows.Where(row => VfTransitions.IsOwned(row.State)))
        {
            if (row.Allocation is null || !byId.TryGetValue(row.Allocation, out LedgerAllocation? its) || its.Vfs.All(vf => vf.Vf != row.Vf))
                yield return new NodeViolation("I1", $"{row.Vf} is {row.State} for {row.Allocation ?? "nobody"}, which has it not");
        }
        foreach (LedgerAllocation allocation in open)
        {
            if (allocation.Vfs.All(vf => byVf.GetValueOrDefault(vf.Vf)?.Allocation != allocation.Id))
                yield return new NodeViolation("I1", $"{allocation.Id} of {allocation.Owner.Name} is open and has none of its VFs");
        }
        IEnumerable<string> twice = open.SelectMany(each => each.Vfs.Where(vf => byVf.GetValueOrDefault(vf.Vf)?.Allocation == each.Id))
            .GroupBy(vf => vf.Vf, StringComparer.Ordinal).Where(same => same.Count() > 1).Select(same => same.Key);
        foreach (string vf in twice)
            yield return new NodeViolation("I1", $"{vf} is in two open allocations");
        if (!moment.IsAtRest)
            yield break;
        foreach (LedgerVf row in rows.Where(row => VfTransitions.IsWork(row.State)))
        {
            if (row.State != VfState.Reserved || byId.GetValueOrDefault(row.Allocation ?? "")?.ReadyAt is null)
                yield return new NodeViolation("I2", $"{row.Vf} is {row.State}, and nobody is going to finish it");
        }
    }

    /// <summary>I2 and I4: what nobody has is as its pool took it.</summary>
    private static IEnumerable<NodeViolation> Free(LedgerVf row, VirtualFunction? vf, NodeMoment moment)
    {
        if (row.Allocation is not null || row.Record is not null || row.Held is not null || row.Worker is not null || row.Tuning is not null)
            yield return new NodeViolation("I2", $"{row.Vf} is free and keeps something of an owner: {row}");
        if (row.Stranger is not null || vf is null || moment.ChangedByHand.Contains(row.Vf))
            yield break;
        if (vf.NamespacePath is not null || vf.IsInterfaceElsewhere)
            yield return new NodeViolation("I2", $"{row.Vf} is free, and its interface is in {vf.NamespacePath ?? "a namespace that was not found"}");
        if (row.Clean is { } clean && CleanState.Differences(vf, clean) is { Count: > 0 } left)
            yield return new NodeViolation("I4", $"{row.Vf} is free and not clean: {string.Join("; ", left)}");
    }

    /// <summary>I1 between ledger and kernel: a VF is where its owner is, or on the host.</summary>
    private static IEnumerable<NodeViolation> Taken(LedgerVf row, VirtualFunction? vf, NodeMoment moment)
    {
        if (moment.IsAtRest && row.State == VfState.Quarantined && row.Evidence is null)
            yield return new NodeViolation("I2", $"{row.Vf} is quarantined without evidence");
        if (row.State != VfState.Attached || vf?.NamespacePath is null)
            yield break;
        if (row.Record?.NamespacePath != vf.NamespacePath)
            yield return new NodeViolation("I1", $"{row.Vf} was given to {row.Record?.NamespacePath ?? "nobody"} and is in {vf.NamespacePath}");
    }

    /// <summary>I6: neither the ledger nor the kernel promises more than a PF can send.</summary>
    private static IEnumerable<NodeViolation> Rates(MachineInventory machine, NodeLedger ledger)
    {
        foreach (PhysicalFunction pf in machine.Pfs)
        {
            if (pf.LinkSpeedMbps is not { } speed)
                continue;
            long promised = ledger.Read(view => view.GuaranteedOn(pf.DeviceName)).Or(long.MaxValue);
            long kept = machine.Vfs.Where(vf => vf.Pf.DeviceName == pf.DeviceName).Sum(vf => (long)(vf.Settings?.MinTxRateMbps ?? 0));
            if (promised > speed || kept > speed)
                yield return new NodeViolation("I6", $"{pf.Label} sends {speed} Mbit/s; {promised} are promised and {kept} set");
        }
    }
}
