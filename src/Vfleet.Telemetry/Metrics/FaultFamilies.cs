using Vfleet.Linux.Route;
using Vfleet.Telemetry.Drivers;
using Vfleet.Telemetry.Exposition;
using Vfleet.Telemetry.Reading;

namespace Vfleet.Telemetry.Metrics;

/// <summary>
/// Why packets were lost, queues, and errors of devices: drivers' own counters by their maps, and what the kernel keeps of each interface. They begin
/// anew with the driver. Causes and errors that are 0 are left out: few devices count most of them.
/// </summary>
internal static class FaultFamilies
{
    private static readonly IReadOnlyList<(LinkErrorCause Cause, string Direction, string Name)> OfInterfaces =
    [
        (LinkErrorCause.Collisions, Transmit, "collision"), (LinkErrorCause.RxLength, Receive, "length"), (LinkErrorCause.RxOver, Receive, "over"),
        (LinkErrorCause.RxCrc, Receive, "crc"), (LinkErrorCause.RxFrame, Receive, "frame"), (LinkErrorCause.RxFifo, Receive, "fifo"),
        (LinkErrorCause.RxMissed, Receive, "missed"), (LinkErrorCause.TxAborted, Transmit, "aborted"), (LinkErrorCause.TxCarrier, Transmit, "carrier"),
        (LinkErrorCause.TxFifo, Transmit, "fifo"), (LinkErrorCause.TxHeartbeat, Transmit, "heartbeat"), (LinkErrorCause.TxWindow, Transmit, "window"),
        (LinkErrorCause.RxNoHandler, Receive, "no_handler"), (LinkErrorCause.RxOtherHost, Receive, "other_host"),
    ];

    private const string Receive = "receive", Transmit = "transmit";

    public static IEnumerable<MetricFamily> Of(TelemetryReading reading)
    {
        Device[] vfs = [.. reading.Node.Machine.Vfs.Select(vf => new Device(
            reading.Labels.Of(reading.Host, vf), vf.Link?.Statistics, reading.Devices.GetValueOrDefault(vf.Label) ?? []))];
        Dictionary<string, LinkStatistics?> links = reading.PfHealth.ToDictionary(pf => pf.Label, pf => pf.Statistics, StringComparer.Ordinal);
        Device[] pfs = [.. reading.Node.Machine.Pfs.Select(pf => new Device(
            VfLabels.Of(reading.Host, pf), links.GetValueOrDefault(pf.Label), reading.Devices.GetValueOrDefault(pf.DeviceName) ?? []))];
        foreach ((string prefix, string word, Device[] devices) in ((string, string, Device[])[])[("vfleet_vf", "VF", vfs), ("vfleet_pf", "PF", pfs)])
        {
            yield return MetricFamily.Counter($"{prefix}_faults", $"Packets of the {word} that were lost, damaged or held up, by cause.",
                [.. devices.SelectMany(FaultsOf)]);
            yield return MetricFamily.Counter($"{prefix}_hardware_errors", $"Errors that the {word} has met by itself.",
                [.. devices.SelectMany(each => each.Counters.Where(counter => counter is { Group: CounterGroup.Hardware, Value: > 0 })
                    .Select(counter => new Sample(each.Labels.With(("error", counter.Name)), counter.Value)))]);
            foreach (string unit in (string[])["packets", "bytes", "dropped"])
                yield return MetricFamily.Counter($"{prefix}_queue_{unit}", $"What a queue of the {word} has counted: {unit}.",
                    [.. devices.SelectMany(each => QueuesOf(each, unit))]);
        }
    }

    private static IEnumerable<Sample> FaultsOf(Device device)
    {
        HashSet<(string, string)> told = [];
        foreach (DeviceCounter counter in device.Counters.Where(counter => counter.Group is CounterGroup.Receive or CounterGroup.Transmit))
        {
            string direction = counter.Group == CounterGroup.Receive ? Receive : Transmit;
            told.Add((direction, counter.Name));
            if (counter.Value > 0)
                yield return Fault(device, direction, counter.Name, counter.Value);
        }
        // What the driver counts by itself is in the interface's counters too.
        foreach ((LinkErrorCause cause, string direction, string name) in OfInterfaces)
        {
            if (device.Link?.Causes.TryGetValue(cause, out ulong count) == true && !told.Contains((direction, name)))
                yield return Fault(device, direction, name, count);
        }
    }

    private static Sample Fault(Device device, string direction, string cause, ulong count) =>
        new(device.Labels.With(("direction", direction), ("cause", cause)), count);

    private static IEnumerable<Sample> QueuesOf(Device device, string unit) =>
        from counter in device.Counters
        where counter.Group == CounterGroup.Queues && counter.Name.EndsWith(unit, StringComparison.Ordinal)
        select new Sample(device.Labels.With(("direction", counter.Name[..counter.Name.IndexOf('_', StringComparison.Ordinal)]), ("queue", VfLabels.Text(counter.Queue))),
            counter.Value);

    private sealed record Device(LabelSet Labels, LinkStatistics? Link, IReadOnlyList<DeviceCounter> Counters);
}
