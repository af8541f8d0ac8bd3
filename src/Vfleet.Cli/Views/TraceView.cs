using System.Globalization;
using Vfleet.Cli.Output;
using Vfleet.Telemetry.Tracing;

namespace Vfleet.Cli.Views;

/// <summary>A trace for people: counts, then each histogram with bars.</summary>
internal static class TraceView
{
    private const int LongestBar = 40, MostStacks = 5, MostFrames = 6;

    public static void Print(ResultWriter output, TraceResult result)
    {
        double seconds = Math.Max(0.001, (result.To - result.From).TotalSeconds);
        output.Line(string.Create(CultureInfo.InvariantCulture, $"{TraceJson.Word(result.Kind)} of {result.Vf} for {seconds:0.0} s"));
        if (result.Counts.Count > 0)
            output.List(result.Counts, Columns(result.Kind, seconds), each => each.Name, "");
        else if (result.Kind != TraceKind.Latency)
            output.Line(result.Kind == TraceKind.Drops ? "no packet of it was dropped" : "no interrupt of it came");
        foreach (TraceHistogram histogram in result.Histograms)
            Print(output, histogram);
        if (result.Kind == TraceKind.Latency && result.Histograms.Count == 0)
            output.Line("no packet of it came");
        if (result.Kind == TraceKind.Drops)
        {
            foreach (TraceStack stack in result.Stacks.Take(MostStacks))
                output.Line($"{stack.Count}: {string.Join(" < ", stack.Frames.Reverse().Take(MostFrames))}");
        }
        if (result.Lost > 0)
            output.Line($"{result.Lost} events were lost: bpftrace had no room for them");
    }

    /// <summary>Nanoseconds in a word, such as <c>1.5 µs</c>.</summary>
    public static string Time(long nanoseconds) => nanoseconds switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds} ns"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e3:0.#} µs"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e6:0.#} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e9:0.#} s"),
    };

    private static Column<TraceCount>[] Columns(TraceKind kind, double seconds) =>
    [
        new(kind == TraceKind.Drops ? "REASON" : "VECTOR", each => each.Name),
        new("COUNT", each => each.Count.ToString(CultureInfo.InvariantCulture)),
        new("PER SECOND", each => (each.Count / seconds).ToString("0.0", CultureInfo.InvariantCulture)),
    ];

    private static void Print(ResultWriter output, TraceHistogram histogram)
    {
        string of = histogram.Vector is { } vector ? $" of vector {vector}" : "";
        string mean = histogram.Count > 0 ? Time(histogram.Total / histogram.Count) : "-";
        output.Line($"{histogram.Name.Replace('_', ' ')}{of}: {histogram.Count} times, mean {mean}, "
            + $"p50 ≤ {Time(histogram.Quantile(0.5))}, p99 ≤ {Time(histogram.Quantile(0.99))}");
        long most = Math.Max(1, histogram.Buckets.Select(bucket => bucket.Count).DefaultIfEmpty().Max());
        foreach (TraceBucket bucket in histogram.Buckets)
        {
            string bar = new('#', (int)Math.Ceiling(bucket.Count * (double)LongestBar / most));
            output.Line($"  ≤ {Time(bucket.To),-9} {bucket.Count.ToString(CultureInfo.InvariantCulture),9} {bar}");
        }
    }
}
