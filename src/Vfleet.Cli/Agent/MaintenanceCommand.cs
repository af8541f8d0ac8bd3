using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vfleet.Agent.Api;
using Vfleet.Cli.Session;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Node;
using Vfleet.Node.Ledger;
using Vfleet.Node.Reconcile;

namespace Vfleet.Cli.Agent;

/// <summary><c>vfleet maintenance …</c>; written into the ledger, where the agent and every other process find it.</summary>
internal static class MaintenanceCommand
{
    public static Command Create()
    {
        Command maintenance = new("maintenance", "Keep passes from repairing what is worked on by hand");
        maintenance.Subcommands.Add(CreateStart());
        maintenance.Subcommands.Add(CreateEnd());
        maintenance.Subcommands.Add(CreateShow());
        return maintenance;
    }

    /// <summary>A window in words.</summary>
    public static string Words(MaintenanceReport window)
    {
        string scope = window.Scope == Reports.Machine ? "the machine" : window.Scope;
        string why = window.Reason is null ? "" : $": {window.Reason}";
        return $"{scope} since {window.Since:yyyy-MM-dd HH:mm:ss}Z by {window.By ?? "somebody"}{why}";
    }

    private static Argument<string?> Pf() =>
        new("PF") { Description = "Only this PF; the whole machine without it", Arity = ArgumentArity.ZeroOrOne };

    private static Command CreateStart()
    {
        Argument<string?> pf = Pf();
        Option<string?> reason = new("--reason") { Description = "Why, for those who find it" };
        Command start = new("start", "Begin maintenance: what happens is written down and not repaired") { pf, reason };
        start.SetAction((parsed, cancel) =>
            RunAsync(parsed, parsed.GetValue(pf), (ledger, scope, now) => Maintenance.Start(ledger, scope, parsed.GetValue(reason), now),
                "begins", cancel));
        return start;
    }

    private static Command CreateEnd()
    {
        Argument<string?> pf = Pf();
        Command end = new("end", "End maintenance: the next pass repairs what differs") { pf };
        end.SetAction((parsed, cancel) =>
            RunAsync(parsed, parsed.GetValue(pf), (ledger, scope, _) => Maintenance.End(ledger, scope), "ends", cancel));
        return end;
    }

    private static Command CreateShow()
    {
        Command show = new("show", "Show what is in maintenance");
        show.SetAction((parsed, _) => HostSession.RunAsync(parsed, session =>
        {
            if (!session.NodeToLookAt().Try(out LocalNode? node, out Fault? fault))
                return Task.FromResult<Fault?>(fault);
            if (!Maintenance.Read(node.Ledger).Try(out IReadOnlyList<MaintenanceWindow>? windows, out fault))
                return Task.FromResult<Fault?>(fault);
            session.Output.List<MaintenanceReport>([.. windows.Select(Reports.Of)], [new("IN MAINTENANCE", Words)], Json,
                "nothing is in maintenance");
            return Task.FromResult<Fault?>(null);
        }));
        return show;
    }

    private static Task<int> RunAsync(
        ParseResult parsed, string? pf, Func<NodeLedger, string?, DateTimeOffset, Outcome<MaintenanceWindow>> change,
        string what, CancellationToken cancel) =>
        HostSession.RunAsync(parsed, async session =>
        {
            string? scope = null;
            if (pf is not null)
            {
                Outcome<PhysicalFunction> found = await session.Host.FindPfAsync(pf, cancel).ConfigureAwait(false);
                if (!found.Try(out PhysicalFunction? device, out Fault? unknown))
                    return unknown;
                // Kept by device name, which stays when the interface is renamed.
                scope = device.DeviceName;
            }
            if (!session.Node().Try(out LocalNode? node, out Fault? fault))
                return fault;
            if (!change(node.Ledger, scope, session.Host.Options.Time.GetUtcNow()).Try(out MaintenanceWindow? window, out fault))
                return fault;
            MaintenanceReport report = Reports.Of(window);
            session.Output.Done($"maintenance {what}: {Words(report)}", Json(report).AsObject());
            return null;
        });

    private static JsonNode Json(MaintenanceReport report) => JsonSerializer.SerializeToNode(report, AgentJson.Default.MaintenanceReport)!;
}
