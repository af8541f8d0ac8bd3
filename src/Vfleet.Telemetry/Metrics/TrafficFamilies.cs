using Vfleet.Host.Inventory;
using Vfleet.Node.Counters;
using Vfleet.Node.Ledger;
using Vfleet.Telemetry.Exposition;
using Vfleet.Telemetry.Reading;

namespace Vfleet.Telemetry.Metrics;

/// <summary>
/// What VFs received and sent for their owners: totals that begin at 0 with each allocation, one series for each VF and counter. A
/// counter without a source is named and has no value.
/// </summary>
internal static class TrafficFamilies
{
    private static readonly IReadOnlyList<(VfCounter Counter, string Name, string? Unit, string Help)> Counters =
    [
        (VfCounter.ReceiveBytes, "receive_bytes", "bytes", "Bytes the VF received for its owner."),
        (VfCounter.TransmitBytes, "transmit_bytes", "bytes", "Bytes the VF sent for its owner."),
        (VfCounter.ReceivePackets, "receive_packets", "packets", "Packets the VF received for its owner."),
        (VfCounter.TransmitPackets, "transmit_packets", "packets", "Packets the VF sent for its owner."),
        (VfCounter.ReceiveDropped, "receive_dropped_packets", "packets", "Packets that came for the owner and were dropped."),
        (VfCounter.TransmitDropped, "transmit_dropped_packets", "packets", "Packets the owner sent that were dropped."),
        (VfCounter.ReceiveBroadcast, "receive_broadcast_packets", "packets", "Broadcasts the VF received for its owner."),
        (VfCounter.ReceiveMulticast, "receive_multicast_packets", "packets", "Multicasts the VF received for its owner."),
        (VfCounter.ReceiveErrors, "receive_errors", null, "Packets that came for the owner with an error."),
        (VfCounter.TransmitErrors, "transmit_errors", null, "Packets the owner sent that failed with an error."),
    ];

    public static IEnumerable<MetricFamily> Of(TelemetryReading reading)
    {
        List<Sample>[] samples = [.. Counters.Select(_ => new List<Sample>())];
        List<Sample> unavailable = [];
        foreach ((VirtualFunction vf, LedgerAllocation? holder) in reading.VfsWithOwners())
        {
            CounterValues now = CounterReading.Of(vf);
            VfMeter? meter = reading.Meters.GetValueOrDefault(vf.Label);
            // One that was just given to another has the other's totals from the next reading on.
            LedgerAllocation? owner = holder is null || holder.Id == meter?.Allocation ? holder ?? Last(reading, meter) : null;
            LabelSet labels = owner is null ? LabelSet.None : VfLabels.Of(reading.Host, vf, owner.Pool, owner);
            for (int i = 0; i < Counters.Count; i++)
            {
                if (now[Counters[i].Counter] is null)
                    unavailable.Add(new Sample(reading.Labels.Of(reading.Host, vf, "counter", Counters[i].Name), 1));
                if (owner is not null && (holder is null || now[Counters[i].Counter] is not null)
                    && meter!.Owned[Counters[i].Counter] is { } total)
                    samples[i].Add(new Sample(labels, total));
            }
        }
        for (int i = 0; i < Counters.Count; i++)
            yield return new MetricFamily($"vfleet_vf_{Counters[i].Name}", MetricKind.Counter, Counters[i].Help, Counters[i].Unit,
                samples[i]);
        yield return MetricFamily.Gauge("vfleet_vf_counter_unavailable",
            "Counters that nothing on this machine has for the VF: unknown, not zero.", unavailable);
    }

    private static LedgerAllocation? Last(TelemetryReading reading, VfMeter? meter) =>
        meter?.Allocation is { } id ? reading.Ended.GetValueOrDefault(id) : null;
}
