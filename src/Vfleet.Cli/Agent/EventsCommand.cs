using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vfleet.Agent.Api;
using Vfleet.Agent.Client;
using Vfleet.Agent.History;
using Vfleet.Cli.Output;
using Vfleet.Cli.Session;
using Vfleet.Linux;
using Vfleet.Node;
using Vfleet.Node.Ledger;

namespace Vfleet.Cli.Agent;

/// <summary><c>vfleet events</c></summary>
internal static class EventsCommand
{
    private static readonly IReadOnlyList<Column<HistoryReport>> Columns =
    [
        new("SEQUENCE", row => row.Sequence.ToString(CultureInfo.InvariantCulture)),
        new("AT", row => row.At.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
        new("VF", row => row.Vf),
        new("STATE", row => row.From == row.To ? row.To : $"{row.From ?? "-"} → {row.To ?? "-"}"),
        new("OWNER", row => row.Owner),
        new("BY", row => row.User is null ? row.FrontDoor : $"{row.FrontDoor}/{row.User}"),
        new("REASON", row => row.Reason),
        new("DETAIL", row => row.Detail),
        new("TENANT", row => row.Tenant, OnlyWide: true),
        new("ALLOCATION", row => row.Allocation, OnlyWide: true),
    ];

    public static Command Create()
    {
        Option<bool> follow = new("--follow", "-f") { Description = "Go on with what comes" };
        Option<string?> since = new("--since")
        {
            Description = "Only what came after: a sequence, a time such as 2026-01-31T12:00Z, or an age such as 90s, 15m, 2h, 7d",
        };
        Command events = new("events", "Show what happened to VFs, from the ledger") { AgentPlace.Socket, follow, since };
        events.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            if (!EventsSince.Parse(parsed.GetValue(since), session.Host.Options.Time).Try(out EventsSince? from, out Fault? fault)
                || !(parsed.GetValue(follow) ? session.Node() : session.NodeToLookAt()).Try(out LocalNode? node, out fault))
                return fault;
            if (!node.Ledger.Read(view => view.History(from.Sequence)).Try(out IReadOnlyList<HistoryRow>? rows, out fault))
                return fault;
            HistoryReport[] reports = [.. rows.Where(row => row.At >= from.Time).Select(Reports.Of)];
            if (!parsed.GetValue(follow))
            {
                session.Output.List(reports, Columns, Json, "nothing happened yet");
                return null;
            }
            foreach (HistoryReport report in reports)
                Print(session, report);
            long last = rows.Count > 0 ? rows[^1].Sequence : node.Ledger.Read(view => view.Head().Sequence).Or(0);
            return await FollowAsync(session, node, parsed.GetValue(AgentPlace.Socket)!, last, cancel).ConfigureAwait(false);
        }));
        return events;
    }

    /// <summary>Through the agent as long as it runs and takes one more; else from the ledger itself, where nothing is missed.</summary>
    private static async Task<Fault?> FollowAsync(HostSession session, LocalNode node, string socket, long last, CancellationToken cancel)
    {
        try
        {
            using AgentClient agent = new(socket);
            await foreach (Outcome<HistoryReport?> next in agent.FollowAsync(last, cancel).ConfigureAwait(false))
            {
                if (!next.Try(out HistoryReport? row, out Fault? fault))
                {
                    if (fault.Kind is not (FaultKind.NotFound or FaultKind.NotPermitted or FaultKind.Refused))
                        return fault;
                    // The agent has as many readers as it takes; the ledger takes any.
                    if (fault.Kind == FaultKind.Refused)
                        await Console.Error.WriteLineAsync($"vfleet: warning: the agent refuses: {fault.Error}; the ledger is read instead")
                            .ConfigureAwait(false);
                    break;
                }
                if (row is null)
                    continue;
                Print(session, row);
                last = row.Sequence;
            }
            using HistoryFeed feed = new(node.Ledger, session.Host.Options.Time);
            await foreach (Outcome<HistoryRow?> next in feed.FollowAsync(last, cancel).ConfigureAwait(false))
            {
                if (!next.Try(out HistoryRow? row, out Fault? fault))
                    return fault;
                if (row is not null)
                    Print(session, Reports.Of(row));
            }
            return null;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Ctrl-C is how it is left.
            return null;
        }
    }

    /// <summary>A row that is followed is a line, as JSON too, so that a reader need not wait for the end of an array.</summary>
    private static void Print(HostSession session, HistoryReport row)
    {
        string text = session.Output.Format switch
        {
            OutputFormat.Json => JsonSerializer.Serialize(row, AgentJson.Default.HistoryReport),
            OutputFormat.Yaml => $"---\n{YamlText.Of(Json(row)).TrimEnd()}",
            _ => string.Join("  ",
                Columns.Where(column => !column.OnlyWide
                    || session.Output.Format == OutputFormat.Wide).Select(column => PlainText.Of(column.Value(row) ?? "-"))),
        };
        Console.Out.WriteLine(text);
        Console.Out.Flush();
    }

    private static JsonNode Json(HistoryReport row) => JsonSerializer.SerializeToNode(row, AgentJson.Default.HistoryReport)!;
}

/// <summary>From where on history is shown.</summary>
/// <param name="Sequence">After this sequence.</param>
/// <param name="Time">Not before this time.</param>
internal sealed record EventsSince(long Sequence, DateTimeOffset Time)
{
    /// <summary>Reads <c>--since</c>.</summary>
    public static Outcome<EventsSince> Parse(string? text, TimeProvider time)
    {
        if (text is null)
            return new EventsSince(0, DateTimeOffset.MinValue);
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long sequence))
            return new EventsSince(sequence, DateTimeOffset.MinValue);
        if (text.Length > 1 && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture,
            out int number) && Unit(text[^1]) is { } unit)
            return number * unit.TotalDays <= 36_500
                ? new EventsSince(0, time.GetUtcNow() - (number * unit))
                : Fault.Usage($"--since \"{text}\" is longer ago than a hundred years");
        return TimeText.Read("--since", text, time).Map(at => new EventsSince(0, at));
    }

    private static TimeSpan? Unit(char letter) => letter switch
    {
        's' => TimeSpan.FromSeconds(1),
        'm' => TimeSpan.FromMinutes(1),
        'h' => TimeSpan.FromHours(1),
        'd' => TimeSpan.FromDays(1),
        _ => null,
    };
}
