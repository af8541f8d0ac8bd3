using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Node.Ledger;

namespace Vfleet.Cli.Views;

/// <summary>A VF with who has it.</summary>
/// <param name="Vf">The VF.</param>
/// <param name="Owner">Its owner's name; null where nobody has it, or it is not known.</param>
/// <param name="Allocation">The allocation it belongs to.</param>
internal sealed record VfRow(VirtualFunction Vf, string? Owner = null, string? Allocation = null);

/// <summary>The ledger's word on who has which VF, for the lists.</summary>
internal static class VfOwners
{
    /// <summary>The VFs with their owners.</summary>
    /// <param name="records">Where owners are written down.</param>
    /// <param name="vfs">The VFs.</param>
    /// <returns>
    /// Without owners where the ledger may not be read, because everybody may list VFs. One that is damaged is told of on standard error:
    /// the VFs themselves are the kernel's word.
    /// </returns>
    public static IReadOnlyList<VfRow> Of(StateRecords records, IReadOnlyList<VirtualFunction> vfs)
    {
        if (!Read(records).Try(out Dictionary<string, LedgerAllocation>? owners, out Fault? fault))
        {
            if (fault.Kind != FaultKind.NotPermitted)
                Console.Error.WriteLine($"vfleet: warning: owners are not known: {fault.Error}");
            owners = [];
        }
        return [.. vfs.Select(vf => owners.GetValueOrDefault(vf.Label) is { } allocation
            ? new VfRow(vf, allocation.Owner.Name, allocation.Id) : new VfRow(vf))];
    }

    private static Outcome<Dictionary<string, LedgerAllocation>> Read(StateRecords records)
    {
        if (!records.Ledger().Try(out NodeLedger? ledger, out Fault? fault))
            return fault;
        return ledger is null ? new Dictionary<string, LedgerAllocation>() : ledger.Read(Owners);
    }

    private static Dictionary<string, LedgerAllocation> Owners(LedgerView view)
    {
        Dictionary<string, LedgerAllocation> open = view.OpenAllocations().ToDictionary(each => each.Id, StringComparer.Ordinal);
        return view.Vfs().Where(row => row.Allocation is { } id && VfTransitions.IsOwned(row.State) && open.ContainsKey(id))
            .ToDictionary(row => row.Vf, row => open[row.Allocation!], StringComparer.Ordinal);
    }
}
