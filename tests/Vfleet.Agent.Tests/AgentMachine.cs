using System.Net.Sockets;
using Vfleet.Agent.Api;
using Vfleet.Agent.Client;
using Vfleet.Agent.Log;
using Vfleet.Agent.Loop;
using Vfleet.Agent.Systemd;
using Vfleet.Host;
using Vfleet.Host.Create;
using Vfleet.Host.Inventory;
using Vfleet.Linux.Route;
using Vfleet.Linux.Sockets;
using Vfleet.Node;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Simulation;

namespace Vfleet.Agent.Tests;

/// <summary>A simulated machine with VFs and an agent on a real socket, within this process.</summary>
internal sealed class AgentMachine : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vfleet-agent-");
    private readonly CancellationTokenSource _end = new();
    private int _pid = 100;

    private AgentMachine(string profile)
    {
        Kernel = SimulationProfiles.Create(profile, new SimulationOptions { LinksUp = true }).Value;
        Options = new HostOptions { StateDirectory = Path.Combine(_folder.FullName, "state") };
        Client = new AgentClient(Socket);
    }

    public SimulatedKernel Kernel { get; }

    public HostOptions Options { get; }

    public string Folder => _folder.FullName;

    public string Socket => Path.Combine(_folder.FullName, "run", "agent.sock");

    public AgentClient Client { get; }

    /// <summary>Where the agent serves metrics; nowhere when null.</summary>
    public System.Net.IPEndPoint? Metrics { get; private init; }

    /// <summary>How its metrics are kept from others.</summary>
    public Vfleet.Agent.Metrics.MetricsSecurity Security { get; private init; } = new();

    /// <summary>Whether the agent keeps recent history.</summary>
    public bool KeepsRecent { get; private init; } = true;

    public string DockerSocket => Path.Combine(_folder.FullName, "plugins", "vfleet.sock");

    public LogLines Log { get; } = new();

    public NodeAgent Agent { get; private set; } = null!;

    public Task<Outcome<Unit>> Running { get; private set; } = Task.FromResult<Outcome<Unit>>(Unit.Done);

    public string Pf { get; private set; } = "";

    /// <summary>Who the agent believes is at the other end; the kernel's word when null.</summary>
    public PeerIdentity? Caller { get; set; }

    /// <summary>What one caller may take of the agent.</summary>
    public ApiLimits Limits { get; private init; } = new();

    public static async Task<AgentMachine> CreateAsync(string profile = "igb", int vfs = 3, ServiceEnvironment? service = null,
        bool starts = true, ApiLimits? limits = null, System.Net.IPEndPoint? metrics = null,
        bool recent = true, Vfleet.Agent.Metrics.MetricsSecurity? security = null)
    {
        AgentMachine machine = new(profile) { Limits = limits ?? new ApiLimits(), Metrics = metrics, KeepsRecent = recent,
            Security = security ?? new() };
        SriovHost host = new(machine.Kernel, machine.Options);
        machine.Pf = (await host.Inventory.ListPfsAsync()).Value[0].Label;
        CreatePlan plan = (await host.Creator.PlanAsync(machine.Pf, vfs, null, force: false)).Value;
        _ = (await host.Creator.ApplyAsync(plan, force: false)).Value;
        machine.Kernel.CreateNamespace("blue").Value.Dispose();
        if (starts)
        {
            machine.Running = machine.Start(service);
            await machine.Log.WithAsync("info pass");
        }
        return machine;
    }

    public Task<Outcome<Unit>> Start(ServiceEnvironment? service = null, Func<LocalNode, IReconcilePass>? pass = null,
        string? socket = null, string? state = null, string? docker = null)
    {
        AgentOptions options = new()
        {
            SocketPath = socket ?? Socket,
            Version = "1.2.3",
            Actor = NewActor("agent"),
            Service = service ?? ServiceEnvironment.None,
            Pass = pass,
            Limits = Limits,
            Metrics = Metrics,
            MetricsLimits = ApiLimits.ForMetrics with { StallTime = Limits.StallTime },
            KeepsRecent = KeepsRecent,
            MetricsSecurity = Security,
            HostName = "node7",
            DockerSocket = docker,
            DockerEngineSocket = Path.Combine(Folder, "docker.sock"),
            Peer = connection => Caller ?? PeerIdentity.Read(connection),
        };
        Agent = new NodeAgent(Kernel, Options with { StateDirectory = state ?? Options.StateDirectory }, options,
            new AgentLog(Log, isJournal: false));
        return Agent.RunAsync(_end.Token);
    }

    /// <summary>The same machine as another process has it.</summary>
    /// <summary>Changes a VF as somebody does who does not use vfleet.</summary>
    public async Task TamperAsync(VfChange change)
    {
        PhysicalFunction pf = (await new SriovHost(Kernel, Options).FindPfAsync(Pf)).Value;
        using RouteClient route = RouteClient.Open(Kernel).Value;
        _ = (await route.ChangeVfsAsync(pf.InterfaceIndex, pf.Label, [change])).Value;
    }

    public LocalNode OpenNode() => LocalNode.Open(Kernel, Options, NewActor("cli")).Value;

    /// <summary>A client that keeps to bytes, for what ours would never send.</summary>
    /// <param name="socket">The socket; the API's when null.</param>
    public HttpClient RawClient(string? socket = null) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancel) =>
        {
            Socket connection = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket ?? Socket), cancel);
            return new NetworkStream(connection, ownsSocket: true);
        },
    })
    { BaseAddress = new Uri("http://localhost/") };

    /// <summary>Ends the agent as SIGTERM does.</summary>
    public async Task EndAsync()
    {
        await _end.CancelAsync();
        Outcome<Unit> ended = await Running.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Null(ended.Fault);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        Client.Dispose();
        _end.Dispose();
        await Log.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private Actor NewActor(string frontDoor)
    {
        int pid = Interlocked.Increment(ref _pid);
        Kernel.Machine.AddProcess(pid);
        return new Actor(frontDoor, "root", OwnerIdentity.OfProcess(Kernel, pid, $"vfleet {pid}").Value);
    }
}
