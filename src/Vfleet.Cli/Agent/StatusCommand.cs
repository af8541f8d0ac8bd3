using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vfleet.Agent.Api;
using Vfleet.Agent.Client;
using Vfleet.Cli.Session;
using Vfleet.Linux;

namespace Vfleet.Cli.Agent;

/// <summary><c>vfleet status</c></summary>
internal static class StatusCommand
{
    private const int NoAgent = 3;

    public static Command Create()
    {
        Command status = new("status", "Show how the agent is; 3 where none runs") { AgentPlace.Socket };
        status.SetAction((parsed, cancel) => HostSession.RunWithCodeAsync(parsed, parsed.GetValue(GlobalOptions.Output)!, async session =>
        {
            string socket = parsed.GetValue(AgentPlace.Socket)!;
            using AgentClient agent = new(socket);
            Outcome<StatusReport> asked = await agent.StatusAsync(cancel).ConfigureAwait(false);
            if (asked.Fault is { Kind: FaultKind.NotFound } none)
            {
                session.Output.Done(
                    $"{none.Error}\nWithout it every command works: what dead owners had is taken back when somebody "
                    + $"next allocates, and `vfleet reconcile` makes a pass.\n{none.Remedy}",
                    new JsonObject { ["running"] = false, ["socket"] = socket });
                return NoAgent;
            }
            if (!asked.Try(out StatusReport? report, out Fault? fault))
                return fault;
            if (session.Output.IsForPeople)
                Show(session, report);
            else
                session.Output.Object(Json(report));
            return 0;
        }));
        return status;
    }

    private static JsonObject Json(StatusReport report)
    {
        JsonObject json = JsonSerializer.SerializeToNode(report, AgentJson.Default.StatusReport)!.AsObject();
        json.Insert(0, "running", true);
        return json;
    }

    private static void Show(HostSession session, StatusReport report)
    {
        session.Output.Line($"agent {report.Version}, process {report.ProcessId}, {report.Kernel}, "
            + $"up {Duration(report.UptimeSeconds)}, ledger in {report.StateDirectory}");
        session.Output.Line(string.Create(CultureInfo.InvariantCulture,
            $"{report.Passes} passes, {report.FailedPasses} failed, history at {report.HistorySequence}"));
        if (report.LastPass is { } last)
            session.Output.Line(Pass(last));
        if (report.EventLagMilliseconds is { } lag)
            session.Output.Line(string.Create(CultureInfo.InvariantCulture, $"last kernel event was dealt with after {lag:0} ms"));
        foreach (MaintenanceReport window in report.Maintenance)
            session.Output.Line($"in maintenance: {MaintenanceCommand.Words(window)}");
        session.Output.List(report.Pools, TopCommand.PoolColumns, _ => new JsonObject(), "no pools: no PF has VFs");
    }

    /// <summary>A pass in a line.</summary>
    public static string Pass(PassReport pass)
    {
        string end = pass.Fault is { } fault ? $"failed: {fault.Error}" : $"{pass.Changes} changes";
        string notes = pass.Notes.Count == 0 ? "" : $"; {string.Join("; ", pass.Notes)}";
        return string.Create(CultureInfo.InvariantCulture,
            $"pass at {pass.At:yyyy-MM-dd HH:mm:ss}Z ({pass.Cause}) took {pass.TookMilliseconds:0} ms: {end}{notes}");
    }

    private static string Duration(double seconds)
    {
        TimeSpan time = TimeSpan.FromSeconds((long)seconds);
        return time.Days > 0 ? $"{time.Days} d {time.Hours} h" : time.Hours > 0 ? $"{time.Hours} h {time.Minutes} min" : time.Minutes > 0
            ? $"{time.Minutes} min" : $"{time.Seconds} s";
    }
}
