using Vfleet.Host;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Release;

/// <summary>What a release would end.</summary>
/// <param name="Allocation">The allocation; null for a VF that is quarantined and has no owner any more.</param>
/// <param name="Quarantined">That VF.</param>
/// <param name="IsForced">A VF that a program holds open is taken back too, and a quarantined one freed without being clean.</param>
public sealed record ReleasePlan(LedgerAllocation? Allocation, LedgerVf? Quarantined, bool IsForced = false)
{
    /// <summary>The VFs.</summary>
    public IReadOnlyList<string> Vfs => Allocation is null ? [Quarantined!.Vf] : [.. Allocation.Vfs.Select(vf => vf.Vf)];
}

/// <summary>Finds what somebody means who releases.</summary>
internal static class ReleaseTarget
{
    /// <param name="host">The machine, for VFs that are named as PF/index.</param>
    /// <param name="ledger">The ledger.</param>
    /// <param name="idOrVf">An allocation's id, or a VF.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public static async Task<Outcome<ReleasePlan>> FindAsync(SriovHost host, NodeLedger ledger, string idOrVf, CancellationToken cancel)
    {
        Outcome<(LedgerAllocation? Allocation, LedgerVf? Vf)> read = ledger.Read(view => (view.Allocation(idOrVf), view.Vf(idOrVf)));
        if (!read.Try(out (LedgerAllocation? Allocation, LedgerVf? Vf) found, out Fault? fault))
            return fault;
        if (found.Allocation is { } allocation)
            return Open(allocation);
        LedgerVf? row = found.Vf;
        if (row is null)
        {
            if (LedgerRows.Number(idOrVf) is not null)
                return Fault.NotFound($"no allocation {idOrVf}", "see `vfleet ledger list`", idOrVf);
            Outcome<VfAmongSiblings> named = await host.FindVfAsync(idOrVf, cancel).ConfigureAwait(false);
            if (!named.Try(out VfAmongSiblings? place, out fault))
                return fault;
            row = ledger.Read(view => view.Vf(place.Vf.Label)).Or(null);
        }
        if (row?.State == VfState.Quarantined)
            return new ReleasePlan(null, row);
        LedgerAllocation? its = row?.Allocation is { } id && VfTransitions.IsOwned(row.State)
            ? ledger.Read(view => view.Allocation(id)).Or(null)
            : null;
        return its is not null
            ? new ReleasePlan(its, null)
            : Fault.NotFound($"{idOrVf} has no owner", row is null ? "see `vfleet vf list`" : $"it is {row.State}; see `vfleet ledger history {row.Vf}`", idOrVf);
    }

    /// <summary>Why a program that works on one of the VFs is in the way; null where none does.</summary>
    public static async Task<Fault?> HeldOpenAsync(SriovHost host, ReleasePlan plan, CancellationToken cancel)
    {
        foreach (string name in plan.Vfs)
        {
            // A VF that is gone is held by nobody.
            if ((await host.FindVfAsync(name, cancel).ConfigureAwait(false))
                .Or(null)?.Vf is not { VfioDevice: { } node, IommuGroup: { } group })
                continue;
            Outcome<bool> open = host.Kernel.IsVfioGroupOpen(group);
            if (open.Fault is { Kind: not FaultKind.NotFound } unknown)
                return unknown;
            if (open.Or(false))
            {
                return Fault.Refused($"{name} is in use: a program holds {node} open", "a virtual machine or DPDK works on it",
                    "end that program first; `vfleet release --force` takes the VF from under it", name);
            }
        }
        return null;
    }

    private static Outcome<ReleasePlan> Open(LedgerAllocation allocation) => allocation.ReleasedAt is { } ended
        ? Fault.NotFound($"{allocation.Id} ended already", $"released {ended:yyyy-MM-dd HH:mm:ss}Z: {allocation.Reason}", allocation.Id)
        : new ReleasePlan(allocation, null);
}
