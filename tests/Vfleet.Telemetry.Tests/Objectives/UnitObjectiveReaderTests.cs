using Vfleet.Node.Documents;
using Vfleet.Telemetry.Objectives;

namespace Vfleet.Telemetry.Tests.Objectives;

public sealed class UnitObjectiveReaderTests
{
    private const string Whole = """
        service: vfleet
        labels: {tier: gold}
        objectives:
          - name: drops
            description: Few packets are dropped
            target: 99.99
            window: 30d
            critical: false
            labels: {team: net}
            ratio:
              errors: rate(vfleet_vf_receive_dropped_packets_total[{{.window}}])
              total: rate(vfleet_vf_receive_packets_total[{{ .window }}])
          - name: busy
            target: 99
            threshold: {value: 'rate(vfleet_vf_interrupts_total[5m])', op: lte, limit: 20000}
        """;

    private const string OpenSlo = """
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: drops, displayName: Drops, labels: {team: [a, b]}}
        spec:
          description: Few packets are dropped
          service: vfleet
          budgetingMethod: Occurrences
          timeWindow: [{duration: 30d, isRolling: true}]
          indicator:
            metadata: {name: dropped}
            spec:
              ratioMetric:
                counter: true
                good: {metricSource: {type: Prometheus, spec: {query: 'rate(vfleet_vf_receive_packets_total[{{.window}}])'}}}
                total: {metricSource: {spec: {query: 'rate(vfleet_vf_receive_packets_total[{{.window}}])'}}}
          objectives: [{displayName: good, target: 0.999}]
        """;

    [Fact]
    public void ObjectivesAreRead()
    {
        ObjectiveSet set = Read(Whole);
        Assert.Empty(set.Problems);
        Assert.Equal(["drops", "busy"], set.Objectives.Select(each => each.Name));
        Objective drops = set.Objectives[0];
        Assert.Equal((99.99m, 0.0001m, false, "vfleet"), (drops.Target, drops.Budget, drops.IsCritical, drops.Service));
        Assert.Equal([("team", "net"), ("tier", "gold")], drops.Labels.Select(label => (label.Key, label.Value)));
        Assert.False(Assert.IsType<RatioIndicator>(drops.Indicator).IsGood);
        Assert.Equal(new ThresholdIndicator("rate(vfleet_vf_interrupts_total[5m])", ThresholdOperator.AtMost, 20000),
            set.Objectives[1].Indicator);
        Assert.True(set.Objectives[1].IsCritical);
    }

    [Theory]
    [InlineData("99.99", "100", "6:13", "100 % is no objective")]
    [InlineData("99.99", "100.5", "6:13", "100.5 % is no objective")]
    [InlineData("99.99", "0", "6:13", "0 % is no objective")]
    [InlineData("99.99", "-1", "6:13", "-1 % is no objective")]
    [InlineData("99.99", "\"99\"", "6:13", "a decimal number was expected")]
    [InlineData("99.99", "1e2", "6:13", "a decimal number was expected")]
    [InlineData("99.99", ".nan", "6:13", "a decimal number was expected")]
    [InlineData("window: 30d", "window: 28d", "7:13", "is not 30 days")]
    [InlineData("window: 30d", "window: thirty days", "7:13", "is no duration")]
    [InlineData("window: 30d", "windw: 30d", "7:5", "did you mean window?")]
    [InlineData("name: busy", "name: drops", "13:11", "objective drops is there twice, first in line 4")]
    [InlineData("name: busy", "name: Busy_One", "13:11", "is not 1 to 63 of a-z 0-9 -")]
    [InlineData("team: net", "severity: page", "9:24", "is set by the rules themselves")]
    [InlineData("team: net", "te-am: net", "9:21", "is no name of a label")]
    [InlineData("team: net", "__team: net", "9:22", "is no name of a label")]
    [InlineData("tier: gold", "alertname: x", "2:21", "is set by the rules themselves")]
    [InlineData("op: lte", "op: let", "15:68", "did you mean lte?")]
    [InlineData("errors: rate(v", "errors: ratee(v", "11:15", "did you mean rate?")]
    [InlineData("vfleet_vf_receive_dropped_packets_total", "vfleet_vf_receive_droped_packets_total", "11:20",
        "did you mean vfleet_vf_receive_dropped_packets_total?")]
    [InlineData("dropped_packets_total[{{.window}}]", "dropped_packets_total[5m]", "11:15", "has no {{.window}}")]
    [InlineData("interrupts_total[5m]", "interrupts_total[{{.window}}]", "15:57", "has no {{.window}}")]
    [InlineData("      errors:", "      good: vfleet_pool_size\n      errors:", "11:7", "exclude each other")]
    [InlineData("    threshold: {", "    ratio: {total: 'up + vfleet_pool_size / rate(up[{{.window}}])'}\n    threshold: {", "13:5",
        "exclude each other")]
    public void AMistakeIsToldWithLineAndColumn(string good, string bad, string place, string message)
    {
        ObjectiveSet set = Read(Replace(Whole, good, bad));
        Assert.Empty(set.Objectives);
        Assert.Contains(set.Problems, problem =>
            problem.ToString().Contains(message, StringComparison.Ordinal) && $"{problem.Line}:{problem.Column}" == place);
    }

    [Fact]
    public void AllMistakesAreToldAtOnce()
    {
        string text = Whole.Replace("99.99", "100", StringComparison.Ordinal).Replace("op: lte", "op: x", StringComparison.Ordinal)
            .Replace("30d", "1w", StringComparison.Ordinal).Replace("service:", "servce:", StringComparison.Ordinal);
        Assert.Equal(4, Read(text).Problems.Count);
    }

    [Fact]
    public void ARuleThatWouldMatchNothingIsTakenOnlyWhereItIsWanted()
    {
        string text = Whole.Replace("vfleet_vf_interrupts_total", "http_requests_total", StringComparison.Ordinal);
        DocumentProblem problem = Assert.Single(Read(text).Problems);
        Assert.Contains("would match nothing", problem.Message, StringComparison.Ordinal);
        Assert.Contains("--allow-unknown-metrics", problem.Remedy, StringComparison.Ordinal);
        Assert.Equal(2, ObjectiveReader.Read("x", text, allowsUnknown: true).Objectives.Count);
    }

    [Fact]
    public void AnAlertThatCanNeverFireIsToldOf()
    {
        ObjectiveSet set = Read(Whole.Replace("target: 99\n", "target: 90\n", StringComparison.Ordinal));
        Assert.Empty(set.Problems);
        Assert.Contains("can never fire", Assert.Single(set.Notes).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("objectives: []\n")]
    [InlineData("- a\n")]
    [InlineData("objectives:\n  - 7\n  - name: x\n    target: 200\n")]
    [InlineData("objectives: {\n")]
    [InlineData("kind: Service\napiVersion: openslo/v1\n")]
    public void NothingThatCanBeUsedIsAProblem(string text)
    {
        ObjectiveSet set = Read(text);
        Assert.NotEmpty(set.Problems);
        Assert.Empty(set.Objectives);
    }

    [Fact]
    public void OpenSloRatiosAreRead()
    {
        ObjectiveSet set = Read(OpenSlo);
        Assert.Empty(set.Problems);
        Objective read = Assert.Single(set.Objectives);
        Assert.Equal(("drops", "vfleet", 99.9m, true),
            (read.Name, read.Service, read.Target, Assert.IsType<RatioIndicator>(read.Indicator).IsGood));
    }

    [Fact]
    public void OpenSloThresholdsAreRead()
    {
        string text = OpenSlo[..OpenSlo.IndexOf("      ratioMetric", StringComparison.Ordinal)]
            + "      thresholdMetric: {metricSource: {type: prometheus, spec: {query: 'rate(vfleet_vf_interrupts_total[5m])'}}}\n"
            + "  objectives: [{op: lt, value: 100, targetPercent: 99.5}, {op: lte, value: 200, target: 0.999}]\n";
        ObjectiveSet set = Read(text);
        Assert.Empty(set.Problems);
        Assert.Equal([("drops-0", 99.5m), ("drops-1", 99.9m)], set.Objectives.Select(each => (each.Name, each.Target)));
        Assert.Equal(new ThresholdIndicator("rate(vfleet_vf_interrupts_total[5m])", ThresholdOperator.Below, 100),
            set.Objectives[0].Indicator);
    }

    [Theory]
    [InlineData("target: 0.999", "target: 1", "no share below 1")]
    [InlineData("target: 0.999", "target: 99.9", "no share below 1")]
    [InlineData("target: 0.999", "targetPercent: 100", "100 % is no objective")]
    [InlineData("target: 0.999", "target: 0.9, targetPercent: 90", "one of target and targetPercent")]
    [InlineData("target: 0.999", "target: 0.999, op: lt, value: 3", "belong to a threshold metric")]
    [InlineData("budgetingMethod: Occurrences", "budgetingMethod: Timeslices", "is not Occurrences")]
    [InlineData("isRolling: true", "isRolling: false", "does not roll")]
    [InlineData("duration: 30d", "duration: 7d", "is not 30 days")]
    [InlineData("{duration: 30d, isRolling: true}", "", "one window was expected")]
    [InlineData("        good: {", "        bad: {metricSource: {spec: {query: x}}}\n        good: {", "one of good and bad")]
    [InlineData("kind: SLO", "kind: SLOO", "did you mean SLO?")]
    [InlineData("openslo/v1", "openslo/v1alpha", "is none of openslo/v1")]
    [InlineData("type: Prometheus", "type: Datadog", "is none of Prometheus")]
    [InlineData("description:", "descripton:", "did you mean description?")]
    [InlineData("vfleet_vf_receive_packets_total", "http_requests_total", "would match nothing")]
    [InlineData("  indicator:\n", "  indicatorRef: dropped\n  indicator:\n", "indicators by name")]
    public void WhatIsNotUnderstoodOfOpenSloIsAProblem(string good, string bad, string message)
    {
        ObjectiveSet set = Read(Replace(OpenSlo, good, bad));
        Assert.Empty(set.Objectives);
        Assert.Contains(set.Problems, problem => problem.ToString().Contains(message, StringComparison.Ordinal) && problem.Line > 0);
    }

    [Fact]
    public void TheObjectivesThatComeWithVfleetAreTheGuidesTen()
    {
        ObjectiveSet set = ObjectiveReader.Read(DefaultObjectives.Source, DefaultObjectives.Text);
        Assert.Empty(set.Problems);
        Assert.Empty(set.Notes);
        Assert.Equal(
            ["throughput", "latency", "packet-drops", "interrupts", "allocation", "cpu", "hardware-errors", "setup-time", "migration",
                "isolation"],
            set.Objectives.Select(each => each.Name));
    }

    private static ObjectiveSet Read(string text) => ObjectiveReader.Read("objectives.yaml", text);

    private static string Replace(string text, string good, string bad)
    {
        Assert.Contains(good, text, StringComparison.Ordinal);
        return text.Replace(good, bad, StringComparison.Ordinal);
    }
}
