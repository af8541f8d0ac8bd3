using Vfleet.Host.Inventory;
using Vfleet.Host.State;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Census;

/// <summary>
/// Lets the clean state of free VFs follow what somebody who runs the machine did to them, such as another driver or VLAN: else they
/// would look dirty, and the next release would take it back.
/// </summary>
public static class CleanFollower
{
    /// <summary>Records the state of VFs as the one to go back to; those that have an owner, or a stranger, are left.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="vfs">The VFs as they were read after the change.</param>
    public static Outcome<Unit> Follow(NodeLedger ledger, IReadOnlyList<VirtualFunction> vfs) => ledger.Change(LedgerStep.Repair, change =>
    {
        foreach (VirtualFunction vf in vfs)
        {
            if (change.Vf(vf.Label) is { IsAvailable: true } row)
                change.SetClean(row, Baseline.Of(vf));
        }
    });
}
