using Vfleet.Host;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Release;

/// <summary>Finds the allocation that somebody means.</summary>
internal static class ReleaseTarget
{
    /// <param name="host">The machine, for VFs that are named as PF/index.</param>
    /// <param name="ledger">The ledger.</param>
    /// <param name="idOrVf">An allocation's id, or a VF.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>The allocation's id.</returns>
    public static async Task<Outcome<string>> FindAsync(SriovHost host, NodeLedger ledger, string idOrVf, CancellationToken cancel)
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
        return row?.Allocation is { } id && VfTransitions.IsOwned(row.State)
            ? id
            : Fault.NotFound($"{idOrVf} has no owner", row is null ? "see `vfleet vf list`" : $"it is {row.State}; see `vfleet ledger history {row.Vf}`", idOrVf);
    }

    private static Outcome<string> Open(LedgerAllocation allocation) => allocation.ReleasedAt is { } ended
        ? Fault.NotFound($"{allocation.Id} ended already", $"released {ended:yyyy-MM-dd HH:mm:ss}Z: {allocation.Reason}", allocation.Id)
        : allocation.Id;
}
