using static Vfleet.Telemetry.Dashboards.Selectors;
using static Vfleet.Telemetry.Rules.MetricNames;

namespace Vfleet.Telemetry.Dashboards;

/// <summary>Everything about one VF.</summary>
internal static class DebugDashboard
{
    public const string Uid = "vfleet-debug";

    private const string Traces = """
        Traces run for one VF at a time, on its host, and only while somebody looks:

        ```sh
        vfleet trace latency --vf $pf/$vf --for 10s      # interrupt to poll, poll to socket, as histograms
        vfleet trace drops --vf $pf/$vf --for 10s        # where packets are dropped, by the kernel's reason
        vfleet trace interrupts --vf $pf/$vf --for 10s   # which CPU takes them
        vfleet capture --vf $pf/$vf --write vf.pcapng --for 10s
        ```
        """;

    public static Dashboard Create() => new(Uid, "Vfleet: debug",
        "For engineers: one VF, from its traffic to the CPUs that take its interrupts.",
        [Hosts, Pfs, Vfs, Tenants],
        [
            new Row("Traffic",
                new Panel(PanelKind.TimeSeries, "Per-VF throughput", "Received, and sent.",
                    new Query($"{ReceiveRate}{OfVfTenant} * 8", "{{host}} {{pf}}/{{vf}} received"),
                    new Query($"{TransmitRate}{OfVfTenant} * 8", "{{host}} {{pf}}/{{vf}} sent")) { Unit = "bps" },
                new Panel(PanelKind.TimeSeries, "Packets", "Received, and sent.",
                    new Query($"max by (host, pf, vf) (rate({VfReceivePackets}{OfVfTenant}[$__rate_interval]))",
                        "{{host}} {{pf}}/{{vf}} received"),
                    new Query($"max by (host, pf, vf) (rate({VfTransmitPackets}{OfVfTenant}[$__rate_interval]))",
                        "{{host}} {{pf}}/{{vf}} sent"))
                { Unit = "pps" },
                new Panel(PanelKind.TimeSeries, "Drops and errors by cause", "As the driver's counters tell them.",
                    new Query($"sum by (host, pf, vf, direction, cause) (rate({VfFaults}{OfVf}[$__rate_interval]))",
                        "{{host}} {{pf}}/{{vf}} {{direction}} {{cause}}")) { Unit = "pps" },
                new Panel(PanelKind.TimeSeries, "Errors", "Packets with an error.",
                    new Query($"max by (host, pf, vf) (rate({VfReceiveErrors}{OfVfTenant}[$__rate_interval]))",
                        "{{host}} {{pf}}/{{vf}} received"),
                    new Query($"max by (host, pf, vf) (rate({VfTransmitErrors}{OfVfTenant}[$__rate_interval]))",
                        "{{host}} {{pf}}/{{vf}} sent"))
                { Unit = "pps" }),
            new Row("Latency",
                new Panel(PanelKind.TimeSeries, "Per-VF latency", "Round trips of probes: median, 99th and 99.9th percentile.",
                    new Query($"{RoundTripMedian}{OfVfTenant}", "{{host}} {{pf}}/{{vf}} p50"),
                    new Query($"{RoundTrip99}{OfVfTenant}", "{{host}} {{pf}}/{{vf}} p99"),
                    new Query($"{RoundTrip999}{OfVfTenant}", "{{host}} {{pf}}/{{vf}} p99.9")) { Unit = "s" },
                new Panel(PanelKind.Heatmap, "Round trips", "How many probes took how long.",
                    new Query($"sum by (le) (increase({ProbeBuckets}{OfVfTenant}[$__rate_interval]))", "{{le}}")),
                new Panel(PanelKind.TimeSeries, "Queues", "Packets of each queue. One that takes all makes the latency of all.",
                    new Query($"sum by (host, pf, vf, queue, direction) (rate({QueuePackets}{OfVf}[$__rate_interval]))",
                        "{{host}} {{pf}}/{{vf}} {{direction}} {{queue}}")) { Unit = "pps" },
                new Panel(PanelKind.TimeSeries, "Probes without an answer", "By target and reason.",
                    new Query($"sum by (host, pf, vf, target, reason) (rate({ProbeFailures}{OfVfTenant}[$__rate_interval]))",
                        "{{host}} {{pf}}/{{vf}} {{target}} {{reason}}")) { Unit = "cps" }),
            new Row("Interrupts and CPU",
                new Panel(PanelKind.Table, "Interrupt affinity", "Each vector: the CPUs that may take it, and how often they do.",
                    new Query($"sum by (host, pf, vf, vector) (rate({VectorInterrupts}{OfVf}[5m])) "
                        + $"* on (host, pf, vf, vector) group_left (cpus) max by (host, pf, vf, vector, cpus) ({VectorInfo}{OfVf})", "interrupts/s")),
                new Panel(PanelKind.TimeSeries, "Interrupts", "Of each VF, a second.",
                    new Query($"{InterruptRate}{OfVfTenant}", "{{host}} {{pf}}/{{vf}}")) { Unit = "cps" },
                new Panel(PanelKind.TimeSeries, "Softirqs", "CPU time of each VF's softirqs, estimated.",
                    new Query($"sum by (host, pf, vf) (rate({VfSoftirq}{OfVf}[$__rate_interval]))",
                        "{{host}} {{pf}}/{{vf}}")) { Unit = "percentunit" }),
            new Row("Device",
                new Panel(PanelKind.Pie, "NIC firmware versions",
                    "PFs by driver and firmware. A fleet with many is a fleet with surprises.",
                    new Query($"count by (driver, firmware_version) ({PfInfo}{OfHost})", "{{driver}} {{firmware_version}}")) { Width = 8 },
                new Panel(PanelKind.Table, "Settings", "As the PF's driver reports them.",
                    new Query($"max by (host, pf, vf, mac, vlan, spoof_check, trust, link_state, max_tx_rate_mbps) ({VfSettingsInfo}{OfVf})"))
                { Width = 16 },
                new Panel(PanelKind.Table, "Owners", "Whom each VF is for, and on which NUMA node it is.",
                    new Query($"max by (host, pf, vf, bdf, numa_node, pool, tenant, owner, namespace, pod, state) ({VfInfo}{OfVfTenant})")) { Width = 16 },
                new Panel(PanelKind.TimeSeries, "Carrier losses", "Of each VF's interface.",
                    new Query($"sum by (host, pf, vf) (increase({VfCarrierLosses}{OfVf}[$__rate_interval]))",
                        "{{host}} {{pf}}/{{vf}}")) { Width = 8 },
                new Panel(PanelKind.Table, "Unknown counters", "What nothing on the machine counts for a VF: unknown, not zero.",
                    new Query($"max by (host, pf, vf, counter) ({CounterUnavailable}{OfVf})")),
                new Panel(PanelKind.TimeSeries, "Setup time", "99th percentile by stage of hand-outs.",
                    new Query($"histogram_quantile(0.99, sum by (host, stage, le) (rate({AllocationStageBuckets}{OfHost}[$__rate_interval])))",
                        "{{host}} {{stage}}")) { Unit = "s" }),
            new Row("Traces",
                new Panel(PanelKind.Text, "eBPF trace snippets", "How the kernel treats this VF's packets.") { Width = 24, Height = 7,
                    Markdown = Traces }),
        ]);
}
