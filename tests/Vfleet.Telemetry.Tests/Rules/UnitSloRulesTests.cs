using Vfleet.Telemetry.Objectives;
using Vfleet.Telemetry.Rules;

namespace Vfleet.Telemetry.Tests.Rules;

public sealed class UnitSloRulesTests
{
    private static readonly Objective Drops = new()
    {
        Name = "packet-drops",
        Target = 99.9m,
        Indicator = new RatioIndicator("rate(bad[{{.window}}])", false, "rate(all[{{.window}}])"),
    };

    [Fact]
    public void TheSameObjectivesMakeTheSameBytes() =>
        Assert.Equal(SloRules.Write([Drops]), SloRules.Write([Drops with { Labels = new Dictionary<string, string>() }]));

    [Fact]
    public void EachWindowIsRecordedAndBurnsAreTheGuides()
    {
        string rules = SloRules.Write([Drops]);
        foreach (string window in (string[])["5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d"])
            Assert.Contains($"record: slo:sli_error:ratio_rate{window}\n", rules, StringComparison.Ordinal);
        string[] alerts = rules.Split("- alert: VfleetSloPacketDrops\n");
        Assert.Equal(3, alerts.Length);
        Assert.Contains("severity: page", alerts[1], StringComparison.Ordinal);
        foreach ((string brief, string longer, string factor) in ((string, string, string)[])[("5m", "1h", "14.4"), ("30m", "6h", "6"),
            ("2h", "1d", "3")])
            Assert.True(Burns(alerts[1], brief, factor) && Burns(alerts[1], longer, factor), factor);
        Assert.Contains("severity: ticket", alerts[2], StringComparison.Ordinal);
        Assert.True(Burns(alerts[2], "6h", "1") && Burns(alerts[2], "3d", "1"));
        Assert.DoesNotContain("14.4", alerts[2], StringComparison.Ordinal);

        static bool Burns(string alert, string window, string factor) => alert.Contains(
            $"slo:sli_error:ratio_rate{window}{{slo=\"packet-drops\", slo_service=\"vfleet\"}} > ({factor} * 0.001)",
                StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsNotCriticalPagesNobody() =>
        Assert.DoesNotContain("severity: page", SloRules.Write([Drops with { IsCritical = false }]), StringComparison.Ordinal);

    [ProgramFact("promtool")]
    public async Task WordsOfAnyKindMakeRulesThatPrometheusReads()
    {
        string hostile = "a \"quoted\" {{ $labels.x }} text:\n- with 'all' \\ of # it\u2028 \u0001 {{";
        Objective[] objectives =
        [
            Drops with { Description = hostile, Labels = new Dictionary<string,
                string> { ["note"] = hostile, ["no"] = "yes", ["n"] = "1e3" } },
            Drops with { Name = "good",
                Indicator = new RatioIndicator("rate(good[{{.window}}])\n# said\n", true, "rate(all[{{.window}}])") },
            Drops with { Name = "0", Indicator = new ThresholdIndicator("a\n/ b", ThresholdOperator.AtLeast, -0.5m),
                Runbook = "https://runbooks.example.com/x" },
        ];
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, SloRules.Write(objectives));
            (int code, string said) = await DeployedFiles.RunAsync("promtool", "check", "rules", file);
            Assert.True(code == 0, said);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void FilesTakeTheirPlaceTogetherOrNotAtAll()
    {
        string folder = Directory.CreateTempSubdirectory("vfleet-rules-").FullName;
        try
        {
            _ = GeneratedFiles.Write(folder, [("a", "1"), ("b", "1")]).Value;
            Assert.NotNull(GeneratedFiles.Write(folder, [("a", "2"), ("no/b", "2")]).Fault);
            Directory.CreateDirectory(Path.Combine(folder, "c"));
            Assert.Equal(Linux.FaultKind.Refused, GeneratedFiles.Write(folder, [("a", "2"), ("c", "2")]).Fault!.Kind);
            Assert.Equal("1", File.ReadAllText(Path.Combine(folder, "a")));
            Assert.Equal(2, Directory.GetFiles(folder).Length);
            Assert.Equal(Linux.FaultKind.NotFound, GeneratedFiles.Write(Path.Combine(folder, "gone"), [("a", "1")]).Fault!.Kind);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
