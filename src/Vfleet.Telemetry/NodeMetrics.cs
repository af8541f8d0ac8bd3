using Vfleet.Telemetry.Exposition;
using Vfleet.Telemetry.Metrics;
using Vfleet.Telemetry.Reading;
using Vfleet.Telemetry.Tracing;

namespace Vfleet.Telemetry;

/// <summary>The metrics of a reading.</summary>
public static class NodeMetrics
{
    /// <summary>Every metric, each name once.</summary>
    public static IReadOnlyList<MetricFamily> Of(TelemetryReading reading) =>
        [.. TrafficFamilies.Of(reading), .. DeviceFamilies.Of(reading), .. HealthFamilies.Of(reading), .. FaultFamilies.Of(reading),
            .. CpuFamilies.Of(reading), .. ProbeFamilies.Of(reading), .. TraceFamilies.Of(reading.Host, reading.Traces), .. IsolationFamilies.Of(reading), .. NodeFamilies.Of(reading), .. ExporterFamilies.Of(reading)];
}
