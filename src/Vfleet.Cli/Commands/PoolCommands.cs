using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Vfleet.Cli.Output;
using Vfleet.Cli.Session;
using Vfleet.Linux;
using Vfleet.Node;
using Vfleet.Node.Census;
using Vfleet.Node.Pools;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet pool …</c></summary>
internal static class PoolCommands
{
    private static readonly IReadOnlyList<Column<Row>> Columns =
    [
        new("POOL", row => row.Status.Pool),
        new("TOTAL", row => Text(row.Status.Total)),
        new("FREE", row => Text(row.Status.Free)),
        new("RESERVED", row => Text(row.Status.Reserved)),
        new("ATTACHED", row => Text(row.Status.Attached)),
        new("QUARANTINED", row => Text(row.Status.Quarantined)),
        new("STRANGERS", row => Text(row.Status.Strangers)),
        new("POLICY", row => row.Policy),
        new("ORIGIN", row => row.Definition?.Origin, OnlyWide: true),
        new("RELEASING", row => Text(row.Status.Releasing), OnlyWide: true),
        new("LOST", row => Text(row.Status.Lost), OnlyWide: true),
        new("UNHEALTHY", row => Text(row.Status.Unhealthy), OnlyWide: true),
        new("PREWARMED", row => Text(row.Status.Prewarmed), OnlyWide: true),
    ];

    public static Command Create()
    {
        Command pool = new("pool", "Pools: groups of VFs that are handed out alike");
        pool.Subcommands.Add(CreateList());
        return pool;
    }

    private static Command CreateList()
    {
        Command list = new("list", "List pools and what has become of their VFs");
        list.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            if (!session.Node().Try(out LocalNode? node, out Fault? fault))
                return fault;
            Outcome<NodeReading> read = await node.Census.TakeAsync(isThorough: true, cancel).ConfigureAwait(false);
            if (!read.Try(out NodeReading? reading, out fault))
                return fault;
            Dictionary<string, PoolDefinition> definitions = reading.Pools.Pools.ToDictionary(each => each.Name, StringComparer.Ordinal);
            Row[] rows = [.. PoolStatus.Of(reading.Pools, reading.Standings())
                .Select(status => new Row(status, definitions.GetValueOrDefault(status.Pool)))];
            session.Output.List(rows, Columns, Json, "no pools: no PF here has VFs; create some with `vfleet vf create PF COUNT`");
            return null;
        }));
        return list;
    }

    private static JsonObject Json(Row row) => new()
    {
        ["pool"] = row.Status.Pool,
        ["origin"] = row.Definition?.Origin,
        ["total"] = row.Status.Total,
        ["free"] = row.Status.Free,
        ["reserved"] = row.Status.Reserved,
        ["attached"] = row.Status.Attached,
        ["releasing"] = row.Status.Releasing,
        ["quarantined"] = row.Status.Quarantined,
        ["lost"] = row.Status.Lost,
        ["strangers"] = row.Status.Strangers,
        ["unhealthy"] = row.Status.Unhealthy,
        ["prewarmed"] = row.Status.Prewarmed,
        ["policy"] = row.Policy,
    };

    private static string Text(int count) => count.ToString(CultureInfo.InvariantCulture);

    /// <param name="Status">The counts.</param>
    /// <param name="Definition">The pool; null for one that only the ledger still knows of.</param>
    private sealed record Row(PoolStatus Status, PoolDefinition? Definition)
    {
        public string? Policy => Definition?.Rules.Allocation.ToString().ToLowerInvariant();
    }
}
