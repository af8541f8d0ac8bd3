using Vfleet.Agent.Loop;
using Vfleet.Agent.Metrics;
using Vfleet.Telemetry.Rules;

namespace Vfleet.Agent.Tests;

public sealed class UnitAgentFamiliesTests
{
    /// <summary>Rules and dashboards name the agent's metrics, and live in a room that does not know the agent.</summary>
    [Fact]
    public void TheCatalogKnowsTheAgentsMetrics() => Assert.Equal(
        AgentFamilies.Of("node7", "1", new LoopStatus(null, 0, 0, null)).Select(family => (family.Name, family.Kind)),
            MetricCatalog.OfAgent);
}
