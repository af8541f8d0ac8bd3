using Vfleet.Cli.Session;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Node;
using Vfleet.Node.Ledger;

namespace Vfleet.Cli.Run;

/// <summary>
/// Who looked into whose packets, and when: a row of the ledger's history before it begins, and one with what came of it. Nothing is looked
/// at without the first.
/// </summary>
internal sealed class ToolAudit
{
    private readonly LocalNode _node;
    private readonly string _vf, _what;

    private ToolAudit(LocalNode node, string vf, string what, LedgerVf? row, LedgerAllocation? allocation)
    {
        (_node, _vf, _what) = (node, vf, what);
        (Pool, Allocation) = (row?.Pool, allocation);
    }

    /// <summary>The VF's pool; null for none.</summary>
    public string? Pool { get; }

    /// <summary>Who has the VF; null for nobody.</summary>
    public LedgerAllocation? Allocation { get; }

    /// <summary>Writes down that it begins.</summary>
    /// <param name="session">The machine.</param>
    /// <param name="vf">The VF.</param>
    /// <param name="what">The row's reason: <c>capture</c> or <c>trace</c>.</param>
    /// <param name="detail">What exactly.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public static async Task<Outcome<ToolAudit>> BeginAsync(
        HostSession session, VirtualFunction vf, string what, string detail, CancellationToken cancel)
    {
        if (await session.KnowVfsAsync(cancel).ConfigureAwait(false) is { } unknown)
            return unknown;
        if (!session.Node().Try(out LocalNode? node, out Fault? fault))
            return fault;
        return node.Ledger.Change<ToolAudit>(LedgerStep.Repair, change =>
        {
            LedgerVf? row = change.Vf(vf.Label);
            Note(change, vf.Label, row, what, detail);
            return new ToolAudit(node, vf.Label, what, row, row?.Allocation is { } id ? change.Allocation(id) : null);
        });
    }

    /// <summary>Writes down what came of it.</summary>
    /// <returns>Why that could not be written.</returns>
    public Fault? End(string detail, Action<LedgerChange>? further = null) => _node.Ledger.Change(LedgerStep.Repair, change =>
    {
        Note(change, _vf, change.Vf(_vf), $"{_what} ended", detail);
        further?.Invoke(change);
    }).Fault;

    /// <summary>A VF of no pool has no row of its own.</summary>
    private static void Note(LedgerChange change, string vf, LedgerVf? row, string what, string detail) =>
        change.Note(what, row is null ? $"{vf}: {detail}" : detail, row);
}
