using Vfleet.Host.Inventory;
using Vfleet.Node.Documents;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;

namespace Vfleet.Node;

/// <summary>
/// The pools that the applied documents define, and their rules. The documents are read anew each time, because another process may have applied
/// others, and parsed where they are not the same.
/// </summary>
/// <param name="ledger">Where documents are kept.</param>
public sealed class NodeDefinitions(NodeLedger ledger)
{
    /// <summary>Kind under which a device plugin's config.json is kept.</summary>
    public const string DevicePluginKind = "DevicePluginConfig";

    private volatile Parsed? _last;

    /// <summary>What the documents want of these PFs.</summary>
    /// <returns>Usage where a document that was kept cannot be read any more, as after a downgrade.</returns>
    public Outcome<DesiredNode> Desired(IReadOnlyList<PhysicalFunction> pfs) =>
        Documents().Try(out IReadOnlyList<LedgerDocument>? documents, out Fault? fault) ? StateOf(documents).Map(state => state.On(pfs)) : fault;

    /// <summary>The pools in their order: those of policies, then those of device plugins' configurations.</summary>
    public Outcome<IReadOnlyList<PoolDefinition>> Pools(IReadOnlyList<PhysicalFunction> pfs)
    {
        if (!Documents().Try(out IReadOnlyList<LedgerDocument>? documents, out Fault? fault)
            || !StateOf(documents).Try(out DesiredState? state, out fault))
            return fault;
        List<PoolDefinition> pools = [.. state.On(pfs).Pools];
        foreach (LedgerDocument config in documents.Where(each => each.Kind == DevicePluginKind))
            pools.AddRange(DevicePluginConfig.Read(config.Name, config.Text).Pools.Where(pool => pools.TrueForAll(other => other.Name != pool.Name)));
        return pools;
    }

    /// <summary>Rules of pools by name, of those that have any.</summary>
    public Outcome<IReadOnlyDictionary<string, PoolRules>> Rules() =>
        Documents().Try(out IReadOnlyList<LedgerDocument>? documents, out Fault? fault)
            ? StateOf(documents).Map(state => state.Rules)
            : fault;

    /// <summary>A pool's rules; the defaults for a pool without any.</summary>
    public PoolRules RulesOf(string pool) => StateOf(Documents().Or(null) ?? []).Or(null)?.Rules.GetValueOrDefault(pool) ?? new PoolRules();

    private Outcome<IReadOnlyList<LedgerDocument>> Documents() => ledger.Read(view => view.Documents());

    private Outcome<DesiredState> StateOf(IReadOnlyList<LedgerDocument> documents)
    {
        // Documents change seldom, and an agent asks every few seconds for each VF.
        if (_last is not { } last || !last.Documents.SequenceEqual(documents))
        {
            _last = last = new Parsed(documents, DesiredState.Of(DocumentReader.Read(
                documents.Where(each => each.Kind != DevicePluginKind).Select(each => ($"{each.Kind}/{each.Name}", each.Text)))));
        }
        return last.State;
    }

    /// <summary>What documents say, beside the documents themselves.</summary>
    private sealed record Parsed(IReadOnlyList<LedgerDocument> Documents, Outcome<DesiredState> State);
}
