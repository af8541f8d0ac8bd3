using System.Reflection;
using System.Text.Json;
using Vfleet.Telemetry.Dashboards;
using Vfleet.Telemetry.Objectives;
using Vfleet.Telemetry.Rules;
using Vfleet.Telemetry.Tests.Rules;

namespace Vfleet.Telemetry.Tests.Dashboards;

/// <summary>deploy/grafana: what Grafana asks of a dashboard's JSON, and that no name in it is stale.</summary>
public sealed class UnitDashboardTests
{
    private static readonly string[] PanelTypes = ["row", "timeseries", "stat", "bargauge", "table", "piechart", "heatmap", "text"];

    [Fact]
    public void WhatIsCheckedInIsWhatIsGenerated()
    {
        Assert.Equal(["vfleet-executive.json", "vfleet-oncall.json", "vfleet-debug.json"],
            GrafanaDashboards.Files().Select(file => file.Name));
        Assert.All(GrafanaDashboards.Files(), file => Assert.Equal(file.Text, DeployedFiles.Text("deploy", "grafana", file.Name)));
        Assert.Equal(3, Directory.GetFiles(DeployedFiles.Path("deploy", "grafana"), "*.json").Length);
    }

    [Fact]
    public void DashboardsFollowTheRulesOfTheirSchema()
    {
        HashSet<string> uids = [];
        foreach (JsonElement dashboard in All())
        {
            Assert.True(uids.Add(dashboard.GetProperty("uid").GetString()!));
            Assert.InRange(dashboard.GetProperty("uid").GetString()!.Length, 1, 40);
            Assert.Equal(39, dashboard.GetProperty("schemaVersion").GetInt32());
            Assert.False(dashboard.TryGetProperty("id", out _), "an id of one Grafana means another dashboard in the next");
            JsonElement[] panels = [.. dashboard.GetProperty("panels").EnumerateArray()];
            Assert.Equal(panels.Length, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
            Assert.All(panels, Check);
            NoneOverlap(panels);
            JsonElement[] variables = [.. dashboard.GetProperty("templating").GetProperty("list").EnumerateArray()];
            Assert.Equal(variables.Length, variables.Select(each => each.GetProperty("name").GetString()).Distinct().Count());
            Assert.Equal("datasource", variables[0].GetProperty("type").GetString());
        }
    }

    [Fact]
    public void LinksLeadToDashboardsAndTheirVariables()
    {
        Dictionary<string, string[]> variables = All().ToDictionary(
            each => each.GetProperty("uid").GetString()!, each => VariablesOf(each).ToArray(), StringComparer.Ordinal);
        string[] urls = [.. All().SelectMany(each => Values(each, "url"))];
        Assert.True(urls.Length > 10);
        Assert.All(urls, url =>
        {
            string[] parts = url.Split('?');
            Assert.StartsWith("/d/", parts[0], StringComparison.Ordinal);
            string[] known = variables[parts[0][3..]];
            Assert.All(parts.Skip(1).SelectMany(part => part.Split('&')).Where(part => part.StartsWith("var-", StringComparison.Ordinal)),
                part => Assert.Contains(part[4..part.IndexOf('=', StringComparison.Ordinal)], known));
        });
        // From the fleet to a VF.
        Assert.Contains(urls, url => url.StartsWith("/d/vfleet-oncall?var-host", StringComparison.Ordinal));
        Assert.Contains(urls, url => url.StartsWith("/d/vfleet-debug?var-host", StringComparison.Ordinal)
            && url.Contains("var-vf", StringComparison.Ordinal));
    }

    [Fact]
    public void QueriesAskForWhatIsToldPlannedOrRecordedAndForChoicesThatAreThere()
    {
        HashSet<string> recorded = [.. DeployedFiles.Rules.Select(rule => rule.Record).OfType<string>()];
        foreach (Dashboard dashboard in GrafanaDashboards.All)
        {
            Assert.All(dashboard.Rows.SelectMany(row => row.Panels).SelectMany(panel => panel.Queries), query =>
            {
                QueryReader read = QueryReader.Read(PanelQueries.Filled(query.Expression));
                Assert.Empty(read.Problems);
                Assert.NotEmpty(read.Metrics);
                Assert.All(read.Metrics, metric =>
                    Assert.True(MetricCatalog.Known.Contains(metric.Text) || recorded.Contains(metric.Text), metric.Text));
                Assert.All(PanelQueries.Choices(query.Expression), name =>
                    Assert.Contains(name, dashboard.Variables.Select(variable => variable.Name)));
            });
        }
    }

    [Fact]
    public void ConstantsOfNamesAreNamesOfSeries()
    {
        HashSet<string> recorded = [.. DeployedFiles.Rules.Select(rule => rule.Record).OfType<string>()];
        FieldInfo[] constants = typeof(MetricNames).GetFields();
        Assert.NotEmpty(constants);
        Assert.All(constants, constant =>
            Assert.True(MetricCatalog.Known.Contains(Name(constant)) || recorded.Contains(Name(constant)), Name(constant)));

        static string Name(FieldInfo constant) => (string)constant.GetRawConstantValue()!;
    }

    /// <summary>The guide's "Recommended dashboards", panel by panel.</summary>
    [Theory]
    [InlineData("vfleet-executive", "Total VF utilization", "SLO compliance", "Incidents by tenant", "Allocation pool usage")]
    [InlineData("vfleet-oncall", "VF errors by host", "Allocation failures", "Top VFs by drops", "CPU of owners and VFs",
        "Interrupts by host", "Migration errors")]
    [InlineData("vfleet-debug", "Per-VF throughput", "Per-VF latency", "Queues", "NIC firmware versions", "Interrupt affinity",
        "eBPF trace snippets")]
    public void TheGuidesPanelsAreThere(string uid, params string[] titles)
    {
        Dashboard dashboard = Assert.Single(GrafanaDashboards.All, each => each.Uid == uid);
        Assert.Empty(titles.Except(dashboard.Rows.SelectMany(row => row.Panels).Select(panel => panel.Title)));
    }

    private static void Check(JsonElement panel)
    {
        string type = panel.GetProperty("type").GetString()!;
        Assert.Contains(type, PanelTypes);
        Assert.NotEmpty(panel.GetProperty("title").GetString()!);
        if (type == "row")
            return;
        Assert.NotEmpty(panel.GetProperty("description").GetString()!);
        if (type == "text")
        {
            Assert.NotEmpty(panel.GetProperty("options").GetProperty("content").GetString()!);
            return;
        }
        JsonElement[] targets = [.. panel.GetProperty("targets").EnumerateArray()];
        Assert.NotEmpty(targets);
        Assert.Equal(targets.Length, targets.Select(target => target.GetProperty("refId").GetString()).Distinct().Count());
        Assert.All(targets.Append(panel), each =>
        {
            Assert.Equal("prometheus", each.GetProperty("datasource").GetProperty("type").GetString());
            Assert.Equal("${datasource}", each.GetProperty("datasource").GetProperty("uid").GetString());
        });
        Assert.All(targets, target =>
            Assert.NotEqual(target.GetProperty("instant").GetBoolean(), target.GetProperty("range").GetBoolean()));
    }

    private static void NoneOverlap(JsonElement[] panels)
    {
        HashSet<(int X, int Y)> taken = [];
        foreach (JsonElement grid in panels.Select(panel => panel.GetProperty("gridPos")))
        {
            (int x, int y, int w, int h) = (Number(grid, "x"), Number(grid, "y"), Number(grid, "w"), Number(grid, "h"));
            Assert.True(x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= 24, grid.GetRawText());
            foreach (int column in Enumerable.Range(x, w))
            {
                foreach (int line in Enumerable.Range(y, h))
                    Assert.True(taken.Add((column, line)), grid.GetRawText());
            }
        }

        static int Number(JsonElement grid, string name) => grid.GetProperty(name).GetInt32();
    }

    private static JsonElement[] All() => [.. GrafanaDashboards.Files().Select(file => JsonDocument.Parse(file.Text).RootElement)];

    private static IEnumerable<string> VariablesOf(JsonElement dashboard) =>
        dashboard.GetProperty("templating").GetProperty("list").EnumerateArray().Select(each => each.GetProperty("name").GetString()!);

    private static IEnumerable<string> Values(JsonElement from, string name) => from.ValueKind switch
    {
        JsonValueKind.Object => from.EnumerateObject().SelectMany(pair =>
            pair.Name == name && pair.Value.ValueKind == JsonValueKind.String ? [pair.Value.GetString()!] : Values(pair.Value, name)),
        JsonValueKind.Array => from.EnumerateArray().SelectMany(item => Values(item, name)),
        _ => [],
    };
}
