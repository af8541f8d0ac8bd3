using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vfleet.Agent.Api;
using Vfleet.Cli.Output;
using Vfleet.Cli.Session;
using Vfleet.Linux;

namespace Vfleet.Cli.Agent;

/// <summary><c>vfleet top</c></summary>
internal static class TopCommand
{
    public static readonly IReadOnlyList<Column<PoolReport>> PoolColumns =
    [
        new("POOL", pool => pool.Name),
        new("TOTAL", pool => Number(pool.Total)),
        new("FREE", pool => Number(pool.Free)),
        new("RESERVED", pool => Number(pool.Reserved)),
        new("ATTACHED", pool => Number(pool.Attached)),
        new("RELEASING", pool => Number(pool.Releasing)),
        new("QUARANTINED", pool => Number(pool.Quarantined)),
        new("LOST", pool => Number(pool.Lost)),
        new("STRANGERS", pool => Number(pool.Strangers)),
        new("UNHEALTHY", pool => Number(pool.Unhealthy), OnlyWide: true),
        new("PREWARMED", pool => Number(pool.Prewarmed), OnlyWide: true),
    ];

    private static readonly IReadOnlyList<Column<TopRow>> VfColumns =
        [.. TopColumns.All.Select(column => new Column<TopRow>(column.Title, row => column.Text(row) is { } text ? PlainText.Of(text) : null))];

    public static Command Create()
    {
        Option<int> interval = new("--interval")
        {
            Description = "Seconds from one reading to the next, 1 to 3600",
            DefaultValueFactory = _ => 2,
            CustomParser = result =>
            {
                if (int.TryParse(result.Tokens[^1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds is >= 1 and <= 3600)
                    return seconds;
                result.AddError("--interval takes 1 to 3600 seconds");
                return 0;
            },
        };
        Option<string?> sort = new("--sort")
        {
            Description = "Sort VFs by a column: rx, tx, packets, drops, irq, p99 (the largest first), owner, vf, pf, pool, state, tenant, since",
        };
        Option<string?> filter = new("--filter") { Description = "Only VFs with this text in VF, PF, pool, owner or tenant" };
        Option<bool> reverse = new("--reverse") { Description = "Sort the other way round" };
        Command top = new("top", "Show pools and VFs and what they do, refreshed on a terminal")
        {
            AgentPlace.Socket, interval, sort, filter, reverse,
        };
        top.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            if (!TopColumns.Named(parsed.GetValue(sort)).Try(out string? by, out Fault? fault))
                return fault;
            TopWish wish = new(by, parsed.GetValue(filter)) { IsReversed = parsed.GetValue(reverse) };
            using NodeSource source = new(session, parsed.GetValue(AgentPlace.Socket)!);
            bool isLive = session.Output.IsForPeople && !Console.IsOutputRedirected
                && Terminal.Create(Console.Out, isRedirected: false).Profile.Capabilities.Ansi;
            return isLive
                ? await TopLive.RunAsync(session, source, wish, TimeSpan.FromSeconds(parsed.GetValue(interval)), cancel).ConfigureAwait(false)
                : await OnceAsync(session, source, wish, cancel).ConfigureAwait(false);
        }));
        return top;
    }

    private static async Task<Fault?> OnceAsync(HostSession session, NodeSource source, TopWish wish, CancellationToken cancel)
    {
        if (!(await source.ReadAsync(cancel).ConfigureAwait(false)).Try(out NodeShown? shown, out Fault? fault))
            return fault;
        IReadOnlyList<TopRow> rows = TopColumns.Arrange(shown.Rows(), wish.Sort, wish.IsReversed, wish.Filter);
        if (!session.Output.IsForPeople)
        {
            session.Output.Object(Json(shown, rows));
            return null;
        }
        session.Output.List(shown.Pools, PoolColumns, _ => new JsonObject(), "no pools: no PF has VFs");
        session.Output.List(rows, VfColumns, _ => new JsonObject(), wish.Filter is null
            ? "no VFs; create some with `vfleet vf create PF COUNT`"
            : $"no VF has \"{PlainText.Of(wish.Filter)}\" in its names, pool, owner or tenant");
        if (shown is { IsAgent: true, NoRates: { } why })
            session.Output.Line($"no rates: {why}");
        return null;
    }

    private static JsonObject Json(NodeShown shown, IReadOnlyList<TopRow> rows)
    {
        NewestReport[] recent = [.. rows.Where(row => row.Sample is not null).Select(row => new NewestReport(row.Vf.Vf, row.Sample!))];
        return new JsonObject
        {
            ["agent"] = shown.IsAgent,
            ["pools"] = JsonSerializer.SerializeToNode(shown.Pools, AgentJson.Default.IReadOnlyListPoolReport),
            ["vfs"] = JsonSerializer.SerializeToNode([.. rows.Select(row => row.Vf)], AgentJson.Default.IReadOnlyListVfReport),
            ["recent"] = JsonSerializer.SerializeToNode(recent, AgentJson.Default.IReadOnlyListNewestReport),
        };
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
