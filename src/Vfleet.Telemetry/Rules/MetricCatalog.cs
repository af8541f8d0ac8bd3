using Vfleet.Host.Inventory;
using Vfleet.Node.Census;
using Vfleet.Node.Counters;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;
using Vfleet.Telemetry.Exposition;
using Vfleet.Telemetry.Reading;

namespace Vfleet.Telemetry.Rules;

/// <summary>Names of the series that Prometheus has of Vfleet, so that a rule that would match nothing is found before it is
/// trusted.</summary>
public static class MetricCatalog
{
    /// <summary>Series that Prometheus makes itself for each target and alert.</summary>
    public static IReadOnlySet<string> OfPrometheus { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling", "scrape_series_added",
        "ALERTS", "ALERTS_FOR_STATE",
    };

    /// <summary>The agent's own metrics: families that the room above this one tells; its tests hold the list.</summary>
    public static IReadOnlyList<(string Name, MetricKind Kind)> OfAgent { get; } =
    [
        ("vfleet_agent", MetricKind.Info),
        ("vfleet_agent_passes", MetricKind.Counter),
        ("vfleet_agent_failed_passes", MetricKind.Counter),
        ("vfleet_agent_drift", MetricKind.Counter),
        ("vfleet_agent_last_pass_seconds", MetricKind.Gauge),
        ("vfleet_agent_event_lag_seconds", MetricKind.Gauge),
    ];

    /// <summary>Series that a node tells, on whatever machine.</summary>
    public static IReadOnlySet<string> Told { get; } = ToldSeries();

    /// <summary>Series that a rule may name: told, or Prometheus's own.</summary>
    public static IReadOnlySet<string> Known { get; } = Told.Concat(OfPrometheus).ToHashSet(StringComparer.Ordinal);

    /// <summary>The series of a metric.</summary>
    public static IEnumerable<string> SeriesOf(string name, MetricKind kind) => kind switch
    {
        MetricKind.Counter => [$"{name}_total"],
        MetricKind.Info => [$"{name}_info"],
        MetricKind.Histogram => [$"{name}_bucket", $"{name}_sum", $"{name}_count"],
        _ => [name],
    };

    private static HashSet<string> ToldSeries()
    {
        // A machine without devices tells every metric too, without samples.
        MachineInventory machine = new([], []);
        NodeReading node = new(machine, PoolCatalog.Create([], machine).Value, new Dictionary<string, LedgerVf>(), []);
        TelemetryReading reading = new("", node, new Dictionary<string, VfMeter>()) { HandOuts = new HandOutCounts() };
        return NodeMetrics.Of(reading).Select(family => (family.Name, family.Kind)).Concat(OfAgent)
            .SelectMany(each => SeriesOf(each.Name, each.Kind)).ToHashSet(StringComparer.Ordinal);
    }
}
