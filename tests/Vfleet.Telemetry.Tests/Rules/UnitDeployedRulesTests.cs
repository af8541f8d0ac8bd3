using System.Text.RegularExpressions;
using Vfleet.Node.Documents;
using Vfleet.Telemetry.Objectives;
using Vfleet.Telemetry.Rules;

namespace Vfleet.Telemetry.Tests.Rules;

/// <summary>deploy/prometheus: what is checked in is what the product makes and tells, and what Prometheus reads.</summary>
public sealed partial class UnitDeployedRulesTests
{
    private static readonly string[] Cases = ["page", "capacity", "errors", "operation", "slo"];

    private static IEnumerable<DeployedRule> Alerts => DeployedFiles.Rules.Where(rule => rule.Alert is not null);

    [Fact]
    public void RulesOfObjectivesAreTheOnesThatAreGenerated()
    {
        string text = DeployedFiles.Text("deploy", "prometheus", "objectives.yaml");
        Assert.Equal(DefaultObjectives.Text, text);
        Assert.Equal(SloRules.Write(ObjectiveReader.Read("objectives.yaml", text).Objectives),
            DeployedFiles.Text("deploy", "prometheus", SloRules.FileName));
    }

    [Fact]
    public void EveryMetricOfARuleIsToldPlannedOrRecorded()
    {
        HashSet<string> recorded = [.. DeployedFiles.Rules.Select(rule => rule.Record).OfType<string>()];
        Assert.All(DeployedFiles.Rules, rule =>
        {
            QueryReader read = QueryReader.Read(rule.Query);
            Assert.Empty(read.Problems);
            Assert.All(read.Metrics, metric => Assert.True(
                MetricCatalog.Known.Contains(metric.Text) || recorded.Contains(metric.Text),
                    $"{rule.Alert ?? rule.Record}: {metric.Text}"));
        });
    }

    [Fact]
    public async Task TheCatalogIsWhatAMachineTells()
    {
        using MeteredMachine machine = await MeteredMachine.CreateAsync();
        string[] told = [.. (await machine.TextAsync()).Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line =>
            line.Split('{', ' ')[0]).Distinct()];
        Assert.NotEmpty(told);
        Assert.All(told, name => Assert.Contains(name, MetricCatalog.Told));
    }

    [Fact]
    public void EveryAlertSaysHowUrgentItIsWhoseAndWhatToDo()
    {
        string[] runbooks = [.. Heading().Matches(DeployedFiles.Text("docs", "runbooks.md")).Select(match => match.Groups["name"].Value)];
        Assert.All(Alerts, alert =>
        {
            Assert.Contains(alert.Label("severity"), (string[])["page", "ticket", "none"]);
            Assert.NotNull(alert.Label("team"));
            Assert.NotNull(alert.Annotation("summary"));
            Assert.NotNull(alert.Annotation("description"));
            string[] runbook = alert.Annotation("runbook")!.Split('#');
            Assert.Equal("docs/runbooks.md", runbook[0]);
            Assert.Contains(runbook[1], runbooks.Select(name => name.ToLowerInvariant()));
            if (alert.File != SloRules.FileName)
                Assert.Contains(alert.Alert!, runbooks);
        });
    }

    /// <summary>The guide: page for latency and isolation, and for a budget that burns three times too fast; ticket for the rest.</summary>
    [Fact]
    public void OnlyLatencyIsolationAndFastBurningBudgetsPage() => Assert.Equal(
        ["VfleetLatencyP99", "VfleetIsolationBreach"],
        Alerts.Where(alert => alert.File != SloRules.FileName && alert.Label("severity") == "page").Select(alert => alert.Alert));

    [Fact]
    public void EveryAlertHasACaseWhereItFiresAndOneWhereItIsSilent()
    {
        List<(string Alert, bool Fires)> cases = [];
        foreach (string file in Cases)
        {
            foreach (MapNode test in ((ListNode)DeployedFiles.Yaml("deploy", "prometheus", "tests",
                $"{file}.yaml").Find("tests")!).Items.Cast<MapNode>())
            {
                MapNode asked = (MapNode)((ListNode)test.Find("alert_rule_test")!).Items[0];
                bool fires = ((ListNode)asked.Find("exp_alerts")!).Items.Count > 0;
                Assert.Equal(DeployedFiles.Word(test, "name")!.Contains(" is silent ", StringComparison.Ordinal), !fires);
                cases.Add((DeployedFiles.Word(asked, "alertname")!, fires));
            }
        }
        Assert.All(Alerts.Select(alert => alert.Alert!).Distinct(), alert =>
        {
            Assert.Contains((alert, true), cases);
            Assert.Contains((alert, false), cases);
        });
    }

    [ProgramFact("promtool")]
    public async Task PrometheusTakesTheRulesAndTheConfiguration()
    {
        (int code, string said) = await DeployedFiles.RunAsync("promtool",
            ["check", "rules", .. DeployedFiles.RuleFiles.Select(file => DeployedFiles.Path("deploy", "prometheus", file))]);
        Assert.True(code == 0, said);
        (code, said) = await DeployedFiles.RunAsync("promtool", "check", "config", "--syntax-only",
            DeployedFiles.Path("deploy", "prometheus", "prometheus.yaml"));
        Assert.True(code == 0, said);
    }

    [ProgramFact("promtool")]
    public async Task EveryCaseEndsAsItSays()
    {
        foreach (string file in Cases)
        {
            (int code, string said) = await DeployedFiles.RunAsync("promtool", "test", "rules",
                DeployedFiles.Path("deploy", "prometheus", "tests", $"{file}.yaml"));
            Assert.True(code == 0, $"{file}: {said}");
        }
    }

    [GeneratedRegex(@"^#+ (?<name>\w+)\s*$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();
}
