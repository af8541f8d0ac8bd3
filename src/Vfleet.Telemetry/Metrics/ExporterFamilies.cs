using Vfleet.Host.Inventory;
using Vfleet.Node.Counters;
using Vfleet.Node.Ledger;
using Vfleet.Telemetry.Exposition;
using Vfleet.Telemetry.Reading;

namespace Vfleet.Telemetry.Metrics;

/// <summary>
/// The metrics of the Kubernetes project's exporter (sriov-network-metrics-exporter), with its names and labels, so that dashboards keep
/// working. They count from when the VF was first seen, whoever had it; where that exporter tells zeros because nothing counts, these are
/// left out.
/// </summary>
internal static class ExporterFamilies
{
    private static readonly IReadOnlyList<(VfCounter Counter, string Name)> Statistics =
    [
        (VfCounter.ReceiveBroadcast, "rx_broadcast"),
        (VfCounter.ReceiveBytes, "rx_bytes"),
        (VfCounter.ReceiveDropped, "rx_dropped"),
        (VfCounter.ReceiveMulticast, "rx_multicast"),
        (VfCounter.ReceivePackets, "rx_packets"),
        (VfCounter.TransmitBytes, "tx_bytes"),
        (VfCounter.TransmitDropped, "tx_dropped"),
        (VfCounter.TransmitPackets, "tx_packets"),
    ];

    public static IEnumerable<MetricFamily> Of(TelemetryReading reading)
    {
        (VirtualFunction Vf, LabelSet Labels, CounterValues Now)[] vfs =
            [.. reading.Node.Machine.Vfs.Select(vf => (vf, Labels(vf), CounterReading.Of(vf)))];
        foreach ((VfCounter counter, string name) in Statistics)
        {
            Sample[] samples =
            [
                .. from each in vfs
                   where each.Now[counter] is not null
                   let total = reading.Meters.GetValueOrDefault(each.Vf.Label)?.Total[counter]
                   select new Sample(each.Labels, total ?? each.Now[counter]!.Value),
            ];
            yield return MetricFamily.OldCounter($"sriov_vf_{name}", $"Statistic {name}.", [.. samples, .. OfFiles(name)]);
        }
        foreach (string name in reading.VendorFiles.Values.SelectMany(files => files.Keys).Distinct().Order(StringComparer.Ordinal)
            .Where(name => Statistics.All(each => each.Name != name)))
            yield return MetricFamily.OldCounter($"sriov_vf_{name}", $"Statistic {name}.", [.. OfFiles(name)]);
        yield return MetricFamily.OldCounter("sriov_kubepoddevice", "VFs of pods.",
            [.. reading.VfsWithOwners().Select(each => PodDevice(each.Vf, each.Allocation)).OfType<Sample>()]);
        Dictionary<int, string> nodes = reading.CpuNodes.ToDictionary(each => each.Cpu, each => each.Node);
        yield return MetricFamily.OldCounter("sriov_kubepodcpu", "CPUs of pods.",
        [
            .. from pod in reading.PodCpus
               from cpu in pod.Cpus.Cpus
               select new Sample(LabelSet.Whole(("container_id", pod.ContainerId), ("cpu_id", VfLabels.Text(cpu)),
                   ("numa_node", nodes.GetValueOrDefault(cpu)), ("uid", pod.PodUid)), 1),
        ]);
        yield return MetricFamily.OldCounter("sriov_cpu_info", "NUMA nodes of CPUs.",
            [.. reading.CpuNodes.Select(each => new Sample(LabelSet.Whole(("cpu", VfLabels.Text(each.Cpu)), ("numa_node", each.Node)), 1))]);

        // A counter that the kernel has too is told once.
        IEnumerable<Sample> OfFiles(string name) =>
            from each in vfs
            where reading.VendorFiles.GetValueOrDefault(each.Vf.Label)?.ContainsKey(name) == true
                && Statistics.All(known => known.Name != name || each.Now[known.Counter] is null)
            select new Sample(each.Labels, reading.VendorFiles[each.Vf.Label][name]);
    }

    /// <summary>The order is the one in which client libraries write labels: by name.</summary>
    private static LabelSet Labels(VirtualFunction vf) => LabelSet.Whole(
        ("numa_node", VfLabels.Text(vf.NumaNode)), ("pciAddr", vf.Address?.ToString()), ("pf", vf.Pf.Label),
        ("vf", VfLabels.Text(vf.Index)));

    /// <summary>Which of a pod's containers uses the VF nobody is told who attaches it: they share the pod's namespace.</summary>
    private static Sample? PodDevice(VirtualFunction vf, LedgerAllocation? allocation) => VfLabels.PodOf(allocation) is ({ } space, { } pod)
        ? new Sample(LabelSet.Whole(("container", null), ("dev_type", allocation!.Pool), ("namespace", space),
            ("pciAddr", vf.Address?.ToString()), ("pod", pod)), 1)
        : null;
}
