using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vfleet.Agent.Api;
using Vfleet.Cli.Output;

namespace Vfleet.Cli.Views;

/// <summary>What a VF did lately as columns, a line and JSON. The keys are a promise: docs/cli.md.</summary>
internal static class StatsView
{
    public static readonly IReadOnlyList<Column<RecentSampleReport>> Columns =
    [
        new("TIME", sample => sample.At.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
        new("RX-MBIT/S", sample => RateText.Mbits(sample.ReceiveBytesPerSecond)),
        new("TX-MBIT/S", sample => RateText.Mbits(sample.TransmitBytesPerSecond)),
        new("PACKETS/S", sample => RateText.Each(sample.PacketsPerSecond)),
        new("DROPS/S", sample => RateText.Each(sample.DroppedPerSecond)),
        new("ERRORS/S", sample => RateText.Each(sample.ErrorsPerSecond)),
        new("IRQ/S", sample => RateText.Each(sample.InterruptsPerSecond)),
        new("P99", sample => RateText.Latency(sample.LatencyP99Seconds)),
        new("OWNER", sample => sample.Owner is { } owner ? PlainText.Of(owner) : null),
        new("NOTE", Note),
        new("TENANT", sample => sample.Tenant is { } tenant ? PlainText.Of(tenant) : null, OnlyWide: true),
        new("ALLOCATION", sample => sample.Allocation, OnlyWide: true),
    ];

    private static readonly IReadOnlyList<(string Key, Func<RecentSampleReport, double?> Value)> Sums =
    [
        ("receiveBytesPerSecond", sample => sample.ReceiveBytesPerSecond),
        ("transmitBytesPerSecond", sample => sample.TransmitBytesPerSecond),
        ("packetsPerSecond", sample => sample.PacketsPerSecond),
        ("droppedPerSecond", sample => sample.DroppedPerSecond),
        ("errorsPerSecond", sample => sample.ErrorsPerSecond),
        ("interruptsPerSecond", sample => sample.InterruptsPerSecond),
    ];

    /// <summary>The report with its means and peaks.</summary>
    public static JsonObject Json(RecentReport report)
    {
        JsonObject json = JsonSerializer.SerializeToNode(report, AgentJson.Default.RecentReport)!.AsObject();
        json["average"] = Object(report, values => Math.Round(values.Average(), 3));
        json["peak"] = Object(report, Enumerable.Max);
        return json;
    }

    /// <summary>Means and peaks in a line.</summary>
    public static string Summary(RecentReport report)
    {
        if (report.Samples.Count == 0)
        {
            return $"nothing is known of {report.Vf} within the last {RateText.Length(report.SinceSeconds)}: "
                + "the agent reads every 5 s, and begins anew with each start";
        }
        string quiet = report.QuietSeconds > report.StepSeconds ? $"; nothing is known of the last {RateText.Length(report.QuietSeconds.Value)}" : "";
        return $"average {Words(report, Enumerable.Average)}; peak {Words(report, Enumerable.Max)} "
            + $"(means of {RateText.Length(report.StepSeconds)}){quiet}";
    }

    private static string? Note(RecentSampleReport sample) => (sample.GapSeconds, sample.OwnerChanged) switch
    {
        (null, false) => "",
        ({ } gap, false) => $"after a gap of {RateText.Length(gap)}",
        (null, true) => "another owner",
        ({ } gap, true) => $"after a gap of {RateText.Length(gap)}, another owner",
    };

    private static string Words(RecentReport report, Func<IEnumerable<double>, double> sum)
    {
        double?[] values = [.. Sums.Select(each => Of(report, each.Value, sum))];
        return $"rx {RateText.Mbits(values[0])} tx {RateText.Mbits(values[1])} Mbit/s, {RateText.Each(values[2])} packets/s, "
            + $"{RateText.Each(values[3])} drops/s, {RateText.Each(values[4])} errors/s, {RateText.Each(values[5])} IRQ/s";
    }

    private static JsonObject Object(RecentReport report, Func<IEnumerable<double>, double> sum) =>
        new(Sums.Select(each => KeyValuePair.Create(each.Key, (JsonNode?)Of(report, each.Value, sum))));

    private static double? Of(RecentReport report, Func<RecentSampleReport, double?> value, Func<IEnumerable<double>, double> sum)
    {
        double[] known = [.. report.Samples.Select(value).OfType<double>()];
        return known.Length == 0 ? null : sum(known);
    }
}
