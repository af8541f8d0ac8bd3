using System.CommandLine;
using System.Text.Json.Nodes;
using Vfleet.Cli.Session;
using Vfleet.Linux;
using Vfleet.Telemetry.Dashboards;
using Vfleet.Telemetry.Rules;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet dashboards</c></summary>
internal static class DashboardsCommand
{
    public static Command Create()
    {
        Command dashboards = new("dashboards", "Dashboards for Grafana");
        Option<string?> folder = SloCommand.FolderOption("Write the dashboards into this folder");
        folder.Required = true;
        Command generate = new("generate", "Write the dashboards as Grafana imports and provisions them") { folder };
        generate.SetAction((parsed, _) =>
            HostSession.RunAsync(parsed, session => Task.FromResult(Write(session, parsed.GetValue(folder)!))));
        dashboards.Subcommands.Add(generate);
        return dashboards;
    }

    private static Fault? Write(HostSession session, string folder)
    {
        if (!GeneratedFiles.Write(folder, GrafanaDashboards.Files()).Try(out IReadOnlyList<string>? written, out Fault? fault))
            return fault;
        session.Output.Done($"{folder} holds {written.Count} dashboards",
            new JsonObject { ["paths"] = new JsonArray([.. written.Select(path => (JsonNode)path)]) });
        return null;
    }
}
