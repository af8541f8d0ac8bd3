using System.Globalization;
using Vfleet.Telemetry.Exposition;

namespace Vfleet.Telemetry.Tracing;

/// <summary>Traces of the last hour as metrics.</summary>
public static class TraceFamilies
{
    private const double PerSecond = 1e9;

    /// <summary>Every metric of traces, each name once.</summary>
    /// <param name="host">Name of the machine.</param>
    /// <param name="results">What <see cref="TraceResults.Read"/> gave.</param>
    public static IEnumerable<MetricFamily> Of(string host, IReadOnlyList<TraceResult> results)
    {
        (TraceResult Result, LabelSet Labels)[] traces = [.. results.Select(each => (each, Labels(host, each)))];
        yield return new MetricFamily("vfleet_trace_seconds", MetricKind.Histogram,
            "How long packets and interrupts took in the last trace of a VF, of the last hour.", "seconds",
            [.. traces.SelectMany(each => each.Result.Histograms.SelectMany(histogram => Buckets(each.Labels, histogram)))]);
        yield return MetricFamily.Gauge("vfleet_trace_drops", "Packets the kernel dropped in the last trace of a VF, by its reason.",
            [.. Counts(traces, TraceKind.Drops, "reason", (count, _) => count)]);
        yield return MetricFamily.Gauge("vfleet_trace_interrupts_per_second", "Interrupts in the last trace of a VF, by vector.",
            [.. Counts(traces, TraceKind.Interrupts, "vector", (count, seconds) => count / seconds)]);
        yield return new MetricFamily("vfleet_trace_end_timestamp_seconds", MetricKind.Gauge, "When the last trace of a VF ended.", "seconds",
            [.. traces.Select(each => Sample(each, each.Result.To.ToUnixTimeMilliseconds() / 1e3))]);
        yield return new MetricFamily("vfleet_trace_duration_seconds", MetricKind.Gauge, "How long the last trace of a VF took.", "seconds",
            [.. traces.Select(each => Sample(each, Seconds(each.Result)))]);
        yield return MetricFamily.Gauge("vfleet_trace_lost_events", "Events of the last trace of a VF that there was no room for.",
            [.. traces.Select(each => Sample(each, each.Result.Lost))]);
    }

    private static LabelSet Labels(string host, TraceResult result) => LabelSet.Of(("host", host), ("pf", result.Pf),
        ("vf", result.Index.ToString(CultureInfo.InvariantCulture)), ("bdf", result.Bdf), ("allocation", result.Allocation));

    private static Sample Sample((TraceResult Result, LabelSet Labels) each, double value) =>
        new(each.Labels.With(("kind", TraceJson.Word(each.Result.Kind))), value);

    private static IEnumerable<Sample> Counts(
        (TraceResult Result, LabelSet Labels)[] traces, TraceKind kind, string label, Func<long, double, double> value) =>
        from each in traces
        where each.Result.Kind == kind
        from count in each.Result.Counts
        select new Sample(each.Labels.With((label, count.Name)), value(count.Count, Seconds(each.Result)));

    private static IEnumerable<Sample> Buckets(LabelSet of, TraceHistogram histogram)
    {
        LabelSet labels = of.With(("stage", histogram.Name), ("vector", histogram.Vector?.ToString(CultureInfo.InvariantCulture)));
        long upTo = 0;
        foreach (TraceBucket bucket in histogram.Buckets.Where(bucket => bucket.To < long.MaxValue))
        {
            upTo += bucket.Count;
            string bound = ((bucket.To + 1.0) / PerSecond).ToString("R", CultureInfo.InvariantCulture);
            yield return new Sample(labels.With(("le", bound)), (ulong)upTo, "_bucket");
        }
        yield return new Sample(labels.With(("le", "+Inf")), (ulong)histogram.Count, "_bucket");
        yield return new Sample(labels, (ulong)histogram.Count, "_count");
        yield return new Sample(labels, histogram.Total / PerSecond, "_sum");
    }

    private static double Seconds(TraceResult result) => Math.Max(0.001, (result.To - result.From).TotalSeconds);
}
