using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vfleet.Agent.Api;
using Vfleet.Agent.Docker;
using Vfleet.Agent.History;
using Vfleet.Agent.Log;
using Vfleet.Agent.Loop;
using Vfleet.Agent.Metrics;
using Vfleet.Agent.Recent;
using Vfleet.Agent.Sockets;
using Vfleet.Agent.Systemd;
using Vfleet.Containers.Docker;
using Vfleet.Host;
using Vfleet.Linux.Real;
using Vfleet.Linux.Sockets;
using Vfleet.Node;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Telemetry.Probes;
using Vfleet.Telemetry.Recent;

namespace Vfleet.Agent;

/// <summary>What an agent is started with.</summary>
public sealed record AgentOptions
{
    /// <summary>Where its socket is.</summary>
    public string SocketPath { get; init; } = AgentSocket.DefaultPath;

    /// <summary>The program's version.</summary>
    public required string Version { get; init; }

    /// <summary>Who it is in the ledger.</summary>
    public required Actor Actor { get; init; }

    /// <summary>The front doors that are asked and told when an owner is gone.</summary>
    public FrontDoors Doors { get; init; } = FrontDoors.None;

    /// <summary>How often passes are made.</summary>
    public LoopOptions Loop { get; init; } = new();

    /// <summary>What the service manager said.</summary>
    public ServiceEnvironment Service { get; init; } = ServiceEnvironment.None;

    /// <summary>What one caller of the API may take.</summary>
    public ApiLimits Limits { get; init; } = new();

    /// <summary>The pass; the node's when null.</summary>
    public Func<LocalNode, IReconcilePass>? Pass { get; init; }

    /// <summary>Where Docker's network driver is served; null for nowhere.</summary>
    public string? DockerSocket { get; init; }

    /// <summary>The socket of dockerd's API.</summary>
    public string DockerEngineSocket { get; init; } = DockerEngine.DefaultPath;

    /// <summary>Where metrics are served; null for nowhere.</summary>
    public IPEndPoint? Metrics { get; init; }

    /// <summary>How metrics are kept from others.</summary>
    public MetricsSecurity MetricsSecurity { get; init; } = new();

    /// <summary>What one caller of the metrics may take.</summary>
    public ApiLimits MetricsLimits { get; init; } = ApiLimits.ForMetrics;

    /// <summary>Keeps what VFs did lately, in memory.</summary>
    public bool KeepsRecent { get; init; } = true;

    /// <summary>Name of the machine, as metrics carry it.</summary>
    public string HostName { get; init; } = "";

    /// <summary>Tells who is at the other end of a connection; the kernel when null.</summary>
    public Func<Socket, Outcome<PeerIdentity>>? Peer { get; init; }
}

/// <summary>The node's daemon: there is one for each machine. It makes passes, serves the API, and tells the service manager how it
/// is.</summary>
/// <param name="kernel">The kernel of the machine.</param>
/// <param name="host">Deadlines and the state directory.</param>
/// <param name="options">What it is started with.</param>
/// <param name="log">Its log.</param>
public sealed class NodeAgent(IKernel kernel, HostOptions host, AgentOptions options, AgentLog log)
{
    private readonly TimeProvider _time = host.Time;
    private ReconcileLoop? _loop;
    private ServiceNotifier? _notifier;

    /// <summary>Runs until cancelled.</summary>
    /// <returns>Why it could not start, or had to end; Done where it was cancelled.</returns>
    public async Task<Outcome<Unit>> RunAsync(CancellationToken cancel)
    {
        if (!AgentSocket.Prepare(options.SocketPath).Try(out string? path, out Fault? fault)
            || !Lock(path, $"{path}.lock").Try(out AgentLock? socketLock, out fault))
            return fault;
        using (socketLock)
        {
            if (!Lock(path, Path.Combine(host.StateDirectory, "agent.lock")).Try(out AgentLock? stateLock, out fault))
                return fault;
            using (stateLock)
            {
                ServiceNotifier notifier = new(options.Service, _time, log);
                PassPulse pulse = new(notifier, _time);
                using DockerEngine engine = new(options.DockerEngineSocket);
                // Also where the driver is not served any more: containers it was served to may live.
                FrontDoors doors = options.Doors.With(new DockerDoor(engine, _time));
                if (!LocalNode.Open(pulse.On(kernel), host, options.Actor, doors).Try(out LocalNode? node, out fault))
                    return fault;
                using (node)
                    return await ServeWithDockerAsync(node, engine, path, notifier, pulse, cancel).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Makes a pass with documents read anew, as SIGHUP asks for, and tells the service manager.</summary>
    public async Task ReloadAsync(CancellationToken cancel)
    {
        if (_loop is not { } loop || _notifier is not { } notifier)
            return;
        log.Info("reload");
        notifier.Reloading();
        try
        {
            await loop.PassNowAsync("reload", cancel).ConfigureAwait(false);
            notifier.Ready("serving");
        }
        catch (OperationCanceledException)
        {
            // The agent ends before the pass was made.
        }
    }

    private Outcome<AgentLock> Lock(string socket, string file) =>
        AgentLock.Take(file, AgentLock.Who(Environment.ProcessId, socket, _time.GetUtcNow()));

    private async Task<Outcome<Unit>> ServeWithDockerAsync(
        LocalNode node, DockerEngine engine, string path, ServiceNotifier notifier, PassPulse pulse, CancellationToken cancel)
    {
        if (options.DockerSocket is not { } socket)
            return await ServeAsync(node, path, notifier, pulse, cancel).ConfigureAwait(false);
        Outcome<DockerServer> started = await DockerServer.StartAsync(socket, engine, kernel, host, options, log).ConfigureAwait(false);
        if (!started.Try(out DockerServer? docker, out Fault? fault))
            return fault;
        await using (docker.ConfigureAwait(false))
        {
            log.Info("docker's network driver is served", ("socket", socket), ("dockerd", options.DockerEngineSocket));
            return await ServeAsync(node, path, notifier, pulse, cancel).ConfigureAwait(false);
        }
    }

    private async Task<Outcome<Unit>> ServeAsync(
        LocalNode node, string path, ServiceNotifier notifier, PassPulse pulse, CancellationToken cancel)
    {
        uint? readers = UnixGroup.Find(new LinuxKernel().Files, AccessRule.GroupName);
        if (!AgentSocket.Bind(path, readers).Try(out Socket? listener, out Fault? fault))
            return fault;
        IReconcilePass pass = options.Pass?.Invoke(node) ?? new NodePass(node);
        ReconcileLoop loop = new(new PulsingPass(pass, pulse), options.Loop, _time, log);
        AnchorKeeper anchors = new(node.Ledger, new LedgerOptions { StateDirectory = host.StateDirectory, Time = _time }, _time, log);
        (_loop, _notifier) = (loop, notifier);
        loop.Passed = pass => Passed(pass, notifier, anchors);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using HistoryFeed feed = new(node.Ledger, _time);
        using ReadingCache readings = new(node, _time);
        Prober prober = new(node);
        Outcome<MetricsRun> started = await MetricsRun.StartAsync(node, prober, () => loop.Status, options, _time, log).ConfigureAwait(false);
        if (!started.Try(out MetricsRun? metrics, out fault))
        {
            listener.Dispose();
            File.Delete(path);
            return fault;
        }
        await using ConfiguredAsyncDisposable ended = metrics.ConfigureAwait(false);
        AgentFacts about = new(options.Version, Environment.ProcessId, _time.GetUtcNow(), _time.GetTimestamp());
        NodeApi api = new(node, loop, readings, about, _time);
        RecentHistory? recent = options.KeepsRecent ? new RecentHistory(_time) : null;
        IReadOnlyList<ApiRoute> routes = ApiRoutes.All(api, new EventsApi(node.Ledger, feed, end.Token), new RecentApi(node, recent));
        // Streams are open before the first pass reads: nothing is missed in between.
        Task events = new EventPump(kernel, _time, log, loop.Wake).RunAsync(end.Token);
        ApiServer server = await ApiServer.StartAsync(listener, path, routes, new AccessRule(UnixGroup.OwnUser, readers),
            options.Peer ?? PeerIdentity.Read, options.Limits, log).ConfigureAwait(false);
        Task passes = loop.RunAsync(end.Token);
        Task samples = recent is null ? Task.CompletedTask
            : new RecentSampler(new RecentReader(node) { LatencyP99 = prober.NewestP99 }.ReadAsync, recent, _time, log).RunAsync(end.Token);
        Task probes = Task.Run(() => prober.RunAsync(
            fault => log.Warn("the machine could not be looked at for probes", ("fault", fault.ToString())), end.Token), CancellationToken.None);
        using PosixSignalRegistration hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            _ = ReloadAsync(end.Token);
        });
        log.Info("agent serves", ("version", options.Version), ("socket", path), ("state", host.StateDirectory), ("kernel", kernel.Name),
            ("readers", readers));
        await ReadyAsync(loop, notifier).ConfigureAwait(false);
        await passes.ConfigureAwait(false);
        notifier.Stopping();
        await end.CancelAsync().ConfigureAwait(false);
        await server.DisposeAsync().ConfigureAwait(false);
        await events.ConfigureAwait(false);
        await samples.ConfigureAwait(false);
        await probes.ConfigureAwait(false);
        anchors.Write();
        File.Delete(path);
        log.Info("agent ends");
        return Unit.Done;
    }

    private static async Task ReadyAsync(ReconcileLoop loop, ServiceNotifier notifier)
    {
        try
        {
            await loop.FirstPass.ConfigureAwait(false);
            notifier.Ready("serving");
        }
        catch (OperationCanceledException)
        {
            // It ends before it was ready.
        }
    }

    /// <summary>The manager's patience is renewed by passes that succeed, and by the steps of one that takes long: an agent that only
    /// answers is dead.</summary>
    private static void Passed(PassRecord pass, ServiceNotifier notifier, AnchorKeeper anchors)
    {
        if (pass.Fault is null)
            notifier.Alive();
        anchors.WriteWhenDue();
    }

    private sealed class PulsingPass(IReconcilePass pass, PassPulse pulse) : IReconcilePass
    {
        public Task<Outcome<PassSummary>> PassAsync(CancellationToken cancel) => pulse.RunAsync(() => pass.PassAsync(cancel));
    }
}
