using Vfleet.Agent.Loop;
using Vfleet.Telemetry.Exposition;

namespace Vfleet.Agent.Metrics;

/// <summary>How the agent itself fares.</summary>
internal static class AgentFamilies
{
    /// <summary>Metrics of the passes so far.</summary>
    /// <param name="host">Name of the machine.</param>
    /// <param name="version">The program's version.</param>
    /// <param name="status">What the loop has done.</param>
    public static IEnumerable<MetricFamily> Of(string host, string version, LoopStatus status)
    {
        LabelSet labels = LabelSet.Of(("host", host));
        yield return MetricFamily.Info("vfleet_agent", "The agent that runs.", [new Sample(labels.With(("version", version)), 1)]);
        yield return Counter("vfleet_agent_passes", "Passes over the machine since the agent started.", status.Passes);
        yield return Counter("vfleet_agent_failed_passes", "Passes that could not look at the machine.", status.Failed);
        yield return Counter("vfleet_agent_drift", "How often a VF began not to be as it has to be, as passes found it.", status.Drifts);
        yield return Seconds("vfleet_agent_last_pass_seconds", "How long the last pass took.", status.Last?.Took);
        yield return Seconds("vfleet_agent_event_lag_seconds",
            "From a kernel event to the end of the pass that looked at it, the last time.", status.EventLag);

        MetricFamily Counter(string name, string help, long value) =>
            new(name, MetricKind.Counter, help, null, [new Sample(labels, (ulong)value)]);

        MetricFamily Seconds(string name, string help, TimeSpan? value) =>
            new(name, MetricKind.Gauge, help, "seconds", value is { } known ? [new Sample(labels, known.TotalSeconds)] : []);
    }
}
