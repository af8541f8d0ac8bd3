using System.Text.Json.Nodes;
using Vfleet.Agent.Api;
using Vfleet.Cli.Output;
using Vfleet.Cli.Views;
using Vfleet.Telemetry.Recent;

namespace Vfleet.Cli.Tests.Commands;

/// <summary>What <c>vfleet stats</c> prints, from fixed readings.</summary>
public sealed class UnitStatsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly RecentReport Report = new()
    {
        Vf = "0000:01:10.0", SinceSeconds = 600, StepSeconds = 30, QuietSeconds = 0,
        Samples =
        [
            new RecentSampleReport
            {
                At = Noon, ReceiveBytesPerSecond = 125_000_000, TransmitBytesPerSecond = 0, ReceivePacketsPerSecond = 1000, OwnerChanged = false,
                TransmitPacketsPerSecond = 500, ReceiveDroppedPerSecond = 2.5, Owner = "blue", Tenant = "acme",
            },
            new RecentSampleReport
            {
                At = Noon.AddSeconds(90), ReceiveBytesPerSecond = 0, TransmitBytesPerSecond = 2_000_000, ReceivePacketsPerSecond = 0,
                TransmitPacketsPerSecond = 0, ReceiveDroppedPerSecond = 0, GapSeconds = 60, OwnerChanged = true, LatencyP99Seconds = 0.00045,
            },
        ],
    };

    [Fact]
    public void ATableHasRatesOwnersAndGaps()
    {
        using StringWriter text = new();
        new ResultWriter(OutputFormat.Table, text).List(Report.Samples, StatsView.Columns, _ => new JsonObject(), "");
        string[] lines = text.ToString().Split('\n');
        Assert.Matches(@"^2026-03-01 12:00:00Z +1000\.00 +0\.00 +1500 +2\.5 +- +- +- +blue$", lines[1]);
        Assert.Matches(@"^2026-03-01 12:01:30Z +0\.00 +16\.00 +0 +0 +- +- +450 µs +- +after a gap of 1 min, another owner$", lines[2]);
    }

    [Fact]
    public void TheSummaryHasMeanAndPeak()
    {
        Assert.Equal(
            "average rx 500.00 tx 8.00 Mbit/s, 750 packets/s, 1.3 drops/s, - errors/s, - IRQ/s; "
            + "peak rx 1000.00 tx 16.00 Mbit/s, 1500 packets/s, 2.5 drops/s, - errors/s, - IRQ/s (means of 30 s)",
            StatsView.Summary(Report));
        Assert.EndsWith("; nothing is known of the last 95 s", StatsView.Summary(Report with { QuietSeconds = 95 }), StringComparison.Ordinal);
        Assert.StartsWith("nothing is known of 0000:01:10.0 within the last 10 min: ",
            StatsView.Summary(Report with { Samples = [] }), StringComparison.Ordinal);
    }

    [Fact]
    public void JsonHasTheSamplesAndNullForWhatIsNotKnown()
    {
        JsonObject json = StatsView.Json(Report);
        Assert.Equal(62_500_000, json["average"]!["receiveBytesPerSecond"]!.GetValue<double>());
        Assert.Equal(1500, json["peak"]!["packetsPerSecond"]!.GetValue<double>());
        Assert.Null(json["average"]!["errorsPerSecond"]);
        Assert.Equal((2, 60), (json["samples"]!.AsArray().Count, json["samples"]![1]!["gapSeconds"]!.GetValue<double>()));
        Assert.True(json["samples"]![0]!.AsObject().ContainsKey("latencyP99Seconds"));
        Assert.Null(StatsView.Json(Report with { Samples = [] })["peak"]!["packetsPerSecond"]);
    }

    [Theory]
    [InlineData(5, "5s")]
    [InlineData(150, "5s")]
    [InlineData(600, "30s")]
    [InlineData(3600, "120s")]
    [InlineData(3660, "300s")]
    [InlineData(86400, "3600s")]
    public void PeopleGetAsManyLinesAsAScreenHas(int since, string step)
    {
        Assert.Equal(step, RecentQuery.StepFor(TimeSpan.FromSeconds(since), 30));
        Assert.True(RecentQuery.Parse($"{since}s", step).Succeeded);
    }
}
