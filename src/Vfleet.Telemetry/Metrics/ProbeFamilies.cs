using Vfleet.Host.Inventory;
using Vfleet.Node.Ledger;
using Vfleet.Telemetry.Exposition;
using Vfleet.Telemetry.Probes;
using Vfleet.Telemetry.Reading;

namespace Vfleet.Telemetry.Metrics;

/// <summary>How long the way through VFs takes.</summary>
internal static class ProbeFamilies
{
    public static IEnumerable<MetricFamily> Of(TelemetryReading reading)
    {
        Dictionary<string, VirtualFunction> vfs = reading.Node.Machine.Vfs.ToDictionary(vf => vf.Label, StringComparer.Ordinal);
        Dictionary<string, LedgerAllocation> open = reading.Node.Allocations.ToDictionary(each => each.Id, StringComparer.Ordinal);
        List<Sample> trips = [], failures = [], overheads = [];
        foreach ((ProbeKey key, ProbeCounts counts) in reading.Probes)
        {
            if (!vfs.TryGetValue(key.Vf, out VirtualFunction? vf) || !open.TryGetValue(key.Allocation, out LedgerAllocation? allocation))
                continue;
            LabelSet labels = VfLabels.Of(reading.Host, vf, allocation.Pool, allocation).With(("target", key.Target.ToString()), ("protocol", key.Target.Word));
            trips.AddRange(HistogramSamples.Of(labels, ProbeSeries.Bounds, counts.Buckets, counts.Sum));
            overheads.Add(new Sample(labels, counts.Overhead));
            failures.AddRange(counts.Failures.Select(each => new Sample(labels.With(("reason", each.Key)), each.Value)));
        }
        yield return new MetricFamily("vfleet_vf_probe_round_trip_seconds", MetricKind.Histogram,
            "Round trips from the owner's network namespace over the VF to a target of its pool's policy.", "seconds", trips);
        yield return new MetricFamily("vfleet_vf_probe_overhead_seconds", MetricKind.Counter,
            "What measuring would have added to those round trips, and is not in them.", "seconds", overheads);
        yield return MetricFamily.Counter("vfleet_vf_probe_failures", "Questions to a target that got no answer, by reason.", failures);
    }
}
