using Vfleet.Telemetry.Exposition;

namespace Vfleet.Telemetry.Rules;

/// <summary>A metric that is not told yet.</summary>
/// <param name="Name">Its name as a family has it, without <c>_total</c>.</param>
/// <param name="Kind">What it will be.</param>
/// <param name="Labels">Labels that it will carry.</param>
public sealed record PlannedMetric(string Name, MetricKind Kind, params string[] Labels);

/// <summary>
/// Metrics that rules and dashboards name although no family tells them yet. One that is told leaves this list; a test says which.
/// </summary>
public static class PlannedMetrics
{
    private static readonly string[] Vf = ["host", "pf", "vf", "bdf"];
    private static readonly string[] Owned = [.. Vf, "pool", "tenant", "owner", "allocation"];

    /// <summary>All of them. The histogram of round trips has a bucket at 0.001 s, which the default objective of M2 reads.</summary>
    public static IReadOnlyList<PlannedMetric> All { get; } =
    [
        new("vfleet_vf_probe_round_trip_seconds", MetricKind.Histogram, [.. Owned, "target", "protocol"]),
        new("vfleet_vf_probe_failures", MetricKind.Counter, [.. Owned, "target", "protocol", "reason"]),
        new("vfleet_vf_faults", MetricKind.Counter, [.. Owned, "direction", "cause"]),
        new("vfleet_vf_vector_interrupts", MetricKind.Counter, [.. Vf, "vector", "cpus"]),
        new("vfleet_vf_queue_packets", MetricKind.Counter, [.. Vf, "queue", "direction"]),
        new("vfleet_owner_cpu_seconds", MetricKind.Counter, ["host", "pool", "tenant", "owner", "allocation", "mode"]),
        new("vfleet_vf_softirq_seconds", MetricKind.Counter, Vf),
        new("vfleet_cpu_steal_seconds", MetricKind.Counter, "host", "cpu"),
        new("vfleet_migrations", MetricKind.Counter, "host"),
        new("vfleet_migration_failures", MetricKind.Counter, "host", "reason"),
        new("vfleet_isolation_breaches", MetricKind.Counter, [.. Vf, "kind"]),
        new("vfleet_maintenance", MetricKind.Gauge, "host", "pf"),
        new("vfleet_pf_speed_mbps", MetricKind.Gauge, "host", "pf", "bdf"),
    ];
}
