using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Spectre.Console.Rendering;
using Vfleet.Agent.Api;
using Vfleet.Agent.Client;
using Vfleet.Cli.Output;
using Vfleet.Cli.Session;
using Vfleet.Linux;
using Vfleet.Node;
using Vfleet.Node.Census;

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

    private static readonly IReadOnlyList<Column<VfReport>> VfColumns =
    [
        new("VF", vf => vf.Vf),
        new("PF", vf => $"{vf.Pf}/{vf.Index}"),
        new("POOL", vf => vf.Pool),
        new("STATE", vf => vf.Stranger is null ? vf.State : "stranger"),
        new("OWNER", vf => vf.Owner),
        new("TENANT", vf => vf.Tenant),
        new("ALLOCATION", vf => vf.Allocation),
        new("SINCE", vf => vf.Since.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
        new("WHY", vf => vf.Evidence ?? vf.Stranger),
    ];

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
        Command top = new("top", "Show pools and VFs, refreshed on a terminal") { AgentPlace.Socket, interval };
        top.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            using NodeSource source = new(session, parsed.GetValue(AgentPlace.Socket)!);
            return session.Output.IsForPeople && !Console.IsOutputRedirected
                ? await LiveAsync(session, source, TimeSpan.FromSeconds(parsed.GetValue(interval)), cancel).ConfigureAwait(false)
                : await OnceAsync(session, source, cancel).ConfigureAwait(false);
        }));
        return top;
    }

    private static async Task<Fault?> OnceAsync(HostSession session, NodeSource source, CancellationToken cancel)
    {
        if (!(await source.ReadAsync(cancel).ConfigureAwait(false)).Try(out NodeShown? shown, out Fault? fault))
            return fault;
        if (!session.Output.IsForPeople)
        {
            session.Output.Object(new JsonObject
            {
                ["agent"] = shown.IsAgent,
                ["pools"] = JsonSerializer.SerializeToNode(shown.Pools, AgentJson.Default.IReadOnlyListPoolReport),
                ["vfs"] = JsonSerializer.SerializeToNode(shown.Vfs, AgentJson.Default.IReadOnlyListVfReport),
            });
            return null;
        }
        session.Output.List(shown.Pools, PoolColumns, _ => new JsonObject(), "no pools: no PF has VFs");
        session.Output.List(shown.Vfs, VfColumns, _ => new JsonObject(), "no VFs; create some with `vfleet vf create PF COUNT`");
        return null;
    }

    private static async Task<Fault?> LiveAsync(HostSession session, NodeSource source, TimeSpan interval, CancellationToken cancel)
    {
        TimeProvider time = session.Host.Options.Time;
        IAnsiConsole console = Terminal.Create(Console.Out, isRedirected: false);
        Fault? failed = null;
        await console.Live(new Text("")).StartAsync(async live =>
        {
            try
            {
                while (true)
                {
                    Outcome<NodeShown> read = await source.ReadAsync(cancel).ConfigureAwait(false);
                    if (!read.Try(out NodeShown? shown, out failed))
                        return;
                    live.UpdateTarget(View(shown, console.Profile.Height, time.GetUtcNow()));
                    await Task.Delay(interval, time, cancel).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException)
            {
                // Ctrl-C is how it is left.
            }
        }).ConfigureAwait(false);
        return failed;
    }

    /// <summary>VFs that are not simply free come first: a screen has fewer lines than a machine VFs.</summary>
    private static Rows View(NodeShown shown, int height, DateTimeOffset now)
    {
        VfReport[] sorted = [.. shown.Vfs.OrderBy(vf => vf.State == "free" && vf.Stranger is null)];
        int room = Math.Max(1, height - shown.Pools.Count - 6);
        List<IRenderable> rows =
        [
            new Text($"{now:HH:mm:ss}Z, {(shown.IsAgent ? "from the agent" : "no agent runs")}; Ctrl-C ends"),
            Table(shown.Pools, PoolColumns),
            Table(sorted.Take(room), VfColumns),
        ];
        if (sorted.Length > room)
            rows.Add(new Text($"… and {sorted.Length - room} more: vfleet vf list"));
        return new Rows(rows);
    }

    private static Table Table<T>(IEnumerable<T> items, IReadOnlyList<Column<T>> columns)
    {
        Table table = new Table().NoBorder();
        foreach (Column<T> column in columns.Where(column => !column.OnlyWide))
            table.AddColumn(new TableColumn(Markup.Escape(column.Title)).NoWrap().PadLeft(0).PadRight(2));
        foreach (T item in items)
            table.AddRow([.. columns.Where(column => !column.OnlyWide).Select(column =>
                Markup.Escape(PlainText.Of(column.Value(item) ?? "-")))]);
        return table;
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Pools and VFs at one time.</summary>
/// <param name="IsAgent">The agent told them.</param>
/// <param name="Pools">Pools.</param>
/// <param name="Vfs">VFs.</param>
internal sealed record NodeShown(bool IsAgent, IReadOnlyList<PoolReport> Pools, IReadOnlyList<VfReport> Vfs);

/// <summary>Asks the agent, or where none runs the machine itself.</summary>
internal sealed class NodeSource(HostSession session, string socket) : IDisposable
{
    private readonly AgentClient _agent = new(socket);
    private LocalNode? _node;

    public async Task<Outcome<NodeShown>> ReadAsync(CancellationToken cancel)
    {
        Outcome<IReadOnlyList<PoolReport>> pools = await _agent.PoolsAsync(cancel).ConfigureAwait(false);
        if (pools.Fault is { Kind: FaultKind.NotFound })
            return await ReadMachineAsync(cancel).ConfigureAwait(false);
        if (!pools.Try(out IReadOnlyList<PoolReport>? of, out Fault? fault))
            return fault;
        return (await _agent.VfsAsync(cancel).ConfigureAwait(false)).Map(vfs => new NodeShown(true, of, vfs));
    }

    public void Dispose() => _agent.Dispose();

    private async Task<Outcome<NodeShown>> ReadMachineAsync(CancellationToken cancel)
    {
        if (_node is null && !session.NodeToLookAt().Try(out _node, out Fault? fault))
            return fault;
        Outcome<NodeReading> read = await _node!.Census.TakeAsync(cancel: cancel).ConfigureAwait(false);
        return read.Map(reading => new NodeShown(false, Reports.Pools(reading), Reports.Vfs(reading)));
    }
}
