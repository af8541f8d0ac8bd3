using Vfleet.Node.Counters;
using Vfleet.Node.Pools;
using Vfleet.Telemetry.Exposition;
using Vfleet.Telemetry.Reading;

namespace Vfleet.Telemetry.Metrics;

/// <summary>Pools, the ledger and telemetry itself.</summary>
internal static class NodeFamilies
{
    public static IEnumerable<MetricFamily> Of(TelemetryReading reading)
    {
        List<Sample> sizes = [], vfs = [], ready = [];
        foreach (PoolStatus pool in PoolStatus.Of(reading.Node.Pools, reading.Node.Standings()))
        {
            LabelSet labels = LabelSet.Of(("host", reading.Host), ("pool", pool.Pool));
            sizes.Add(new Sample(labels, pool.Total));
            ready.Add(new Sample(labels, pool.Prewarmed));
            foreach ((string state, int count) in (ReadOnlySpan<(string, int)>)[
                ("free", pool.Free), ("reserved", pool.Reserved), ("attached", pool.Attached), ("releasing", pool.Releasing),
                ("quarantined", pool.Quarantined), ("lost", pool.Lost), ("stranger", pool.Strangers), ("unhealthy", pool.Unhealthy)])
                vfs.Add(new Sample(labels.With(("state", state)), count));
        }
        yield return MetricFamily.Gauge("vfleet_pool_size", "VFs of the pool, those that are lost too.", sizes);
        yield return MetricFamily.Gauge("vfleet_pool_vfs", "VFs of the pool by what has become of them; together its size.", vfs);
        yield return MetricFamily.Gauge("vfleet_pool_prewarmed_vfs", "Free VFs of the pool that are kept ready.", ready);
        LabelSet host = LabelSet.Of(("host", reading.Host));
        yield return MetricFamily.Gauge("vfleet_allocations_open", "Hand-outs that have not ended.",
            [new Sample(host, reading.Node.Allocations.Count)]);
        yield return new MetricFamily("vfleet_telemetry_read_seconds", MetricKind.Gauge, "How long reading the machine took.", "seconds",
            [new Sample(host, reading.Took.TotalSeconds)]);
        foreach (MetricFamily family in OfHandOuts(host, reading.HandOuts))
            yield return family;
    }

    private static IEnumerable<MetricFamily> OfHandOuts(LabelSet host, HandOutCounts counts)
    {
        ulong failed = (ulong)counts.Failed.Values.Sum();
        yield return MetricFamily.Counter("vfleet_allocation_attempts", "Requests for VFs that were answered.",
            [new Sample(host, (ulong)counts.Succeeded + failed)]);
        // A reason that has not come yet is told as 0, so that its first time is seen as an increase.
        yield return MetricFamily.Counter("vfleet_allocation_failures", "Requests for VFs that failed, by reason.",
        [
            .. Enum.GetValues<FaultKind>().Select(kind =>
                new Sample(host.With(("reason", ReasonOf(kind))), (ulong)counts.Failed.GetValueOrDefault(kind))),
        ]);
        yield return new MetricFamily("vfleet_allocation_stage_seconds", MetricKind.Histogram,
            "How long the stages of handing VFs out took.", "seconds",
            [.. counts.Stages.SelectMany(stage => OfStage(host.With(("stage", stage.Stage)), stage))]);
    }

    private static IEnumerable<Sample> OfStage(LabelSet labels, StageTimes stage) => HistogramSamples.Of(labels, HandOutCounts.Bounds,
        stage.Buckets.Select(count => (ulong)count), stage.Sum.TotalSeconds, place => ExemplarOf(stage.Examples[place]));

    private static Exemplar? ExemplarOf(StageExample? example) => example is null ? null
        : new Exemplar(LabelSet.Of(("allocation", example.Allocation)), example.Took.TotalSeconds, example.At);

    private static string ReasonOf(FaultKind kind) => kind switch
    {
        FaultKind.NotFound => "not_found",
        FaultKind.NotPermitted => "not_permitted",
        FaultKind.TimedOut => "timed_out",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
