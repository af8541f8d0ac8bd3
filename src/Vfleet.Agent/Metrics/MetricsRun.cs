using System.Net;
using Vfleet.Agent.Log;
using Vfleet.Agent.Loop;
using Vfleet.Node;
using Vfleet.Node.Documents;
using Vfleet.Telemetry;
using Vfleet.Telemetry.Drivers;
using Vfleet.Telemetry.Exposition;
using Vfleet.Telemetry.Probes;
using Vfleet.Telemetry.Reading;
using Vfleet.Telemetry.Scrape;

namespace Vfleet.Agent.Metrics;

/// <summary>The agent's metrics, as long as they are served.</summary>
internal sealed class MetricsRun : IAsyncDisposable
{
    private readonly MetricsServer? _server;
    private readonly SharedScrape? _scrape;

    private MetricsRun(MetricsServer? server, SharedScrape? scrape) => (_server, _scrape) = (server, scrape);

    /// <summary>Starts to serve where the agent was told to.</summary>
    /// <param name="node">The node that is read.</param>
    /// <param name="prober">What it measures.</param>
    /// <param name="status">What the agent has done so far.</param>
    /// <param name="options">Where to serve.</param>
    /// <param name="time">Clock.</param>
    /// <param name="log">The agent's log.</param>
    public static async Task<Outcome<MetricsRun>> StartAsync(
        LocalNode node, Prober prober, Func<LoopStatus> status, AgentOptions options, TimeProvider time, AgentLog log)
    {
        if (!MetricsGuard.Open(options.MetricsSecurity, options.Metrics, time, log).Try(out MetricsGuard? guard, out Fault? fault))
            return fault;
        if (options.Metrics is not { } address)
            return new MetricsRun(null, null);
        (CounterMaps maps, IReadOnlyList<DocumentProblem> problems) = CounterMaps.Load(node.Host.Kernel.Files);
        foreach (DocumentProblem problem in problems)
            log.Warn("a map of a driver's counters is passed over", ("problem", problem.ToString()));
        TelemetryReader reader = new(node, options.HostName, maps);
        SharedScrape scrape = new(ReadAsync, time);
        Outcome<MetricsServer> started = await MetricsServer.StartAsync(address, scrape, guard, options.MetricsLimits, log).ConfigureAwait(false);
        if (!started.Try(out MetricsServer? server, out fault))
        {
            scrape.Dispose();
            return fault;
        }
        log.Info("metrics are served", ("address", server.Address), ("tls", guard.Certificate is not null),
            ("token", guard.Token is not null));
        if (guard.Token is null && !IPAddress.IsLoopback(address.Address))
            log.Warn("whoever reaches the address can read the metrics: owners and tenants are named in them", ("address", server.Address));
        return new MetricsRun(server, scrape);

        async Task<Outcome<IReadOnlyList<MetricFamily>>> ReadAsync(CancellationToken cancel) =>
            (await reader.ReadAsync(cancel).ConfigureAwait(false)).Map<IReadOnlyList<MetricFamily>>(reading =>
                [.. NodeMetrics.Of(WithOwn(reading)), .. AgentFamilies.Of(options.HostName, options.Version, status())]);

        TelemetryReading WithOwn(TelemetryReading reading) => reading with
        {
            Drifts = (ulong)status().Drifts,
            Probes = prober.Read(),
            Skipped = prober.IsAtBound ? [.. reading.Skipped, new SkippedPart("probes")] : reading.Skipped,
        };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync().ConfigureAwait(false);
        _scrape?.Dispose();
    }
}
