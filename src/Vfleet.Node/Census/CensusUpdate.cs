using Vfleet.Host.Inventory;
using Vfleet.Host.State;
using Vfleet.Host.Usage;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Census;

/// <summary>What has to change in the ledger's list of VFs so that it is the machine's.</summary>
internal sealed class CensusUpdate
{
    private readonly PoolCatalog _catalog;
    private readonly IReadOnlyDictionary<string, LedgerVf> _known;
    private readonly HashSet<string> _looked;
    private readonly Dictionary<string, string> _strangers;
    private readonly HashSet<string> _present;
    private readonly MachineInventory _machine;

    public CensusUpdate(
        MachineInventory machine, PoolCatalog catalog, IReadOnlyDictionary<string, LedgerVf> known, IEnumerable<VirtualFunction> looked, IEnumerable<VfInUse> used)
    {
        _machine = machine;
        _catalog = catalog;
        _known = known;
        _looked = [.. looked.Select(vf => vf.Label)];
        _strangers = used.ToDictionary(use => use.Vf.Label, use => use.Reason, StringComparer.Ordinal);
        _present = [.. catalog.Members.Select(member => member.Vf.Label)];
    }

    /// <summary>True where the ledger's list is right.</summary>
    public bool IsEmpty => _catalog.Members.All(member => IsRight(member, _known.GetValueOrDefault(member.Vf.Label)))
        && _known.Values.All(row => row.State == VfState.Lost || !IsMissing(row));

    /// <summary>Writes it. Rows are read again: another process may have been here meanwhile.</summary>
    public void Apply(LedgerChange change)
    {
        foreach (PoolMember member in _catalog.Members)
            Update(change, member, change.Vf(member.Vf.Label));
        foreach (LedgerVf row in change.Vfs().Where(IsMissing))
            Miss(change, row);
    }

    private bool IsRight(PoolMember member, LedgerVf? row) => row is not null and not { State: VfState.Lost }
        && (row.State != VfState.Free || (!MayBecomeClean(member, row) && row.Pool == member.Pool.Name && (!_looked.Contains(row.Vf) || row.Stranger == StrangerOf(row.Vf))));

    /// <summary>False for a VF that is still being made: what it is without its driver is not the state to go back to.</summary>
    private static bool IsSettled(VirtualFunction vf) => vf.Driver is not null || vf.Address is null;

    private bool MayBecomeClean(PoolMember member, LedgerVf row) =>
        row.Clean is null && _looked.Contains(row.Vf) && StrangerOf(row.Vf) is null && IsSettled(member.Vf);

    /// <summary>True for a VF that would have been found where the machine was read.</summary>
    private bool IsMissing(LedgerVf row) => !_present.Contains(row.Vf) && (_machine.IsWhole || _machine.Pfs.Any(pf => pf.DeviceName == row.Pf));

    private string? StrangerOf(string vf) => _strangers.GetValueOrDefault(vf);

    private void Update(LedgerChange change, PoolMember member, LedgerVf? row)
    {
        VirtualFunction vf = member.Vf;
        string? stranger = StrangerOf(vf.Label);
        // The state of a VF in use is its user's, not the clean one.
        Baseline? clean = stranger is null && IsSettled(vf) ? Baseline.Of(vf, null) : null;
        if (row is null)
            row = change.AddVf(vf.Label, vf.Pf.DeviceName, vf.Index, member.Pool.Name, clean);
        else if (row.State == VfState.Lost)
            row = Return(change, row, clean);
        if (row.State != VfState.Free)
            return;
        if (row.Pool != member.Pool.Name)
            change.MovePool(row, member.Pool.Name);
        if (!_looked.Contains(vf.Label))
            return;
        if (row.Stranger != stranger)
            change.SetStranger(row, stranger);
        if (row.Clean is null && clean is not null)
            change.SetClean(row, clean);
    }

    private static LedgerVf Return(LedgerChange change, LedgerVf row, Baseline? clean)
    {
        change.ForgetFunction(row);
        // It is another VF: what the one before it had as its clean state is not this one's.
        change.SetClean(row, clean);
        return change.Move(row with { Clean = clean }, VfState.Free, "found", "it was lost and came back").Or(row)!;
    }

    private void Miss(LedgerChange change, LedgerVf row)
    {
        // A row that changed since the machine was read is of a VF that came meanwhile.
        if (_known.GetValueOrDefault(row.Vf) is not { } before || before.State != row.State || before.Since != row.Since)
            return;
        if (row.State != VfState.Lost)
            LedgerAttachmentStore.Destroyed(change, row, "gone from the kernel");
    }
}
