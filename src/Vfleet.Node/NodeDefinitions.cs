using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;

namespace Vfleet.Node;

/// <summary>The pools that the applied documents define, and their rules. Read anew each time: another process may have applied others.</summary>
/// <param name="ledger">Where documents are kept.</param>
internal sealed class NodeDefinitions(NodeLedger ledger)
{
    /// <summary>The definitions in their order.</summary>
    public Outcome<IReadOnlyList<PoolDefinition>> Read() => ledger.Read<IReadOnlyList<PoolDefinition>>(_ => []);

    /// <summary>A pool's rules; the defaults for a pool without any.</summary>
    public PoolRules RulesOf(string pool) => Read().Or(null)?.FirstOrDefault(each => each.Name == pool)?.Rules ?? new PoolRules();
}
