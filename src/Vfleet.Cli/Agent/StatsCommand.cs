using System.CommandLine;
using System.Text.Json.Nodes;
using Vfleet.Agent.Api;
using Vfleet.Agent.Client;
using Vfleet.Cli.Session;
using Vfleet.Cli.Views;
using Vfleet.Linux;
using Vfleet.Telemetry.Recent;

namespace Vfleet.Cli.Agent;

/// <summary><c>vfleet stats</c></summary>
internal static class StatsCommand
{
    /// <summary>Lines that a screen holds.</summary>
    private const int MostLines = 30;

    public static Command Create()
    {
        Argument<string> vf = new("VF") { Description = "The VF: PCI address, PF/index, or interface" };
        Option<string> since = new("--since") { Description = "How long ago it begins: 5s to 1d", DefaultValueFactory = _ => "10m" };
        Option<string?> step = new("--step")
        {
            Description = "Time that a sample stands for: a multiple of 5s, of 1m where --since is longer than 1h",
        };
        Command stats = new("stats", "Show what a VF did lately, as the agent has kept it") { vf, AgentPlace.Socket, since, step };
        stats.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            string from = parsed.GetValue(since)!, socket = parsed.GetValue(AgentPlace.Socket)!;
            string? each = parsed.GetValue(step);
            if (!RecentQuery.Parse(from, each).Try(out RecentQuery query, out Fault? fault))
                return fault;
            // Programs get what is kept, people what they can read.
            if (each is null && session.Output.IsForPeople)
                each = RecentQuery.StepFor(query.Since, MostLines);
            using AgentClient agent = new(socket);
            Outcome<RecentReport> asked = await agent.RecentAsync(parsed.GetValue(vf)!, from, each, cancel).ConfigureAwait(false);
            if (!asked.Try(out RecentReport? report, out fault))
                return WithoutAgent(fault, socket) ?? fault;
            if (!session.Output.IsForPeople)
            {
                session.Output.Object(StatsView.Json(report));
                return null;
            }
            if (report.Samples.Count > 0)
                session.Output.List(report.Samples, StatsView.Columns, _ => new JsonObject(), "");
            session.Output.Line(StatsView.Summary(report));
            return null;
        }));
        return stats;
    }

    /// <summary>Other commands go on without an agent; what nobody kept cannot be read.</summary>
    private static Fault? WithoutAgent(Fault fault, string socket) => fault is { Kind: FaultKind.NotFound } && fault.Target == socket
        ? fault with
        {
            Error = $"recent history is kept by the agent, and none runs at {socket}",
            Remedy = "start one with `vfleet agent`, or systemctl start vfleet-agent: it keeps what it reads from then on",
        }
        : null;
}
