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
        yield return new MetricFamily("vfleet_pool_size", MetricKind.Gauge, "VFs of the pool, those that are lost too.", null, sizes);
        yield return new MetricFamily("vfleet_pool_vfs", MetricKind.Gauge, "VFs of the pool by what has become of them; together its size.", null, vfs);
        yield return new MetricFamily("vfleet_pool_prewarmed_vfs", MetricKind.Gauge, "Free VFs of the pool that are kept ready.", null, ready);
        LabelSet host = LabelSet.Of(("host", reading.Host));
        yield return new MetricFamily("vfleet_allocations_open", MetricKind.Gauge, "Hand-outs that have not ended.", null,
            [new Sample(host, reading.Node.Allocations.Count)]);
        yield return new MetricFamily("vfleet_telemetry_read_seconds", MetricKind.Gauge, "How long reading the machine took.", "seconds",
            [new Sample(host, reading.Took.TotalSeconds)]);
        yield return new MetricFamily("vfleet_telemetry_skipped", MetricKind.Gauge, "What could not be read within its deadline.", null,
            [.. reading.Skipped.Select(each => new Sample(host.With(("what", each.What)), 1))]);
    }
}
