using System.Net.Http.Json;
using System.Text.Json;
using Vfleet.Telemetry.Dashboards;
using Vfleet.Telemetry.Tests.Rules;

namespace Vfleet.Telemetry.Tests.Dashboards;

/// <summary>Every query of every dashboard, asked of Prometheus itself, which scrapes a node and evaluates the deployed rules.</summary>
public sealed class UnitDashboardQueryTests
{
    [ProgramFact("prometheus")]
    public async Task EveryQueryReturnsData()
    {
        string folder = Directory.CreateTempSubdirectory("vfleet-prometheus-").FullName;
        using SampleNode node = await SampleNode.StartAsync(LocalProgram.FreePort());
        int port = LocalProgram.FreePort();
        await File.WriteAllTextAsync(Path.Combine(folder, "prometheus.yaml"), Configuration(node.Port));
        await using LocalProgram program = LocalProgram.Start("prometheus", folder, "--config.file=prometheus.yaml",
            $"--storage.tsdb.path={folder}/data", $"--web.listen-address=127.0.0.1:{port}", "--log.level=warn");
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        await program.ReadyAsync(client, "-/ready");

        List<string> missing = [.. Queries()];
        Assert.True(missing.Count > 50);
        await program.UntilAsync(async () =>
        {
            foreach (string query in missing.ToArray())
            {
                if (await CountAsync(client, query) > 0)
                    missing.Remove(query);
            }
            return missing.Count == 0;
        }, () => $"no data: {string.Join('\n', missing)}");
    }

    private static IEnumerable<string> Queries() => GrafanaDashboards.All.SelectMany(dashboard =>
        dashboard.Rows.SelectMany(row => row.Panels).SelectMany(panel => panel.Queries).Select(query =>
            PanelQueries.Filled(query.Expression))
            .Concat(dashboard.Variables.Select(variable =>
                $"count by ({variable.Name}) ({variable.Metric}{PanelQueries.Filled(variable.Selector)}) > 0"))).Distinct();

    private static async Task<int> CountAsync(HttpClient client, string query)
    {
        using FormUrlEncodedContent form = new([KeyValuePair.Create("query", query)]);
        using HttpResponseMessage answer = await client.PostAsync("api/v1/query", form);
        JsonElement json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(answer.IsSuccessStatusCode, $"{query}: {json}");
        return json.GetProperty("data").GetProperty("result").GetArrayLength();
    }

    private static string Configuration(int port) => $"""
        global: {"{"}scrape_interval: 1s, evaluation_interval: 1s{"}"}
        rule_files: [{string.Join(", ", DeployedFiles.RuleFiles.Select(file => DeployedFiles.Path("deploy", "prometheus", file)))}]
        scrape_configs:
          - job_name: vfleet
            honor_labels: true
            metrics_path: /
            static_configs:
              - targets: ['127.0.0.1:{port}']
        """;
}
