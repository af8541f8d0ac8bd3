using System.Text;
using System.Text.Json;
using Vfleet.Containers.Docker;
using Vfleet.Host;
using Vfleet.Host.Create;
using Vfleet.Host.Inventory;
using Vfleet.Linux.Route;
using Vfleet.Node;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Node.Reconcile;
using Vfleet.Simulation;
using Vfleet.Simulation.Nodes;

namespace Vfleet.Containers.Tests;

/// <summary>A simulated machine with VFs, the driver on it, a dockerd that calls it and moves interfaces, and the agent's passes.</summary>
internal sealed class DockerMachine : IAsyncDisposable
{
    public const string Net = "4e1a0b7c9d2f4e1a0b7c9d2f4e1a0b7c9d2f4e1a0b7c9d2f4e1a0b7c9d2fffff",
        Endpoint = "e0000000000000000000000000000001", Space = "sandbox";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vfleet-docker-");
    private readonly DockerDoor _door;
    private int _pid = 100;

    private DockerMachine(string profile)
    {
        Kernel = SimulationProfiles.Create(profile, new SimulationOptions { LinksUp = true }).Value;
        Options = new HostOptions { StateDirectory = Path.Combine(_folder.FullName, "state"), Time = Clock };
        string path = Path.Combine(_folder.FullName, "docker.sock");
        Dockerd = new FakeEngine(path);
        Engine = new DockerEngine(path);
        _door = new DockerDoor(Engine, Time);
    }

    public SimulatedKernel Kernel { get; }

    public HostOptions Options { get; }

    public FakeEngine Dockerd { get; }

    public DockerEngine Engine { get; }

    /// <summary>The clock of the front door alone.</summary>
    public Vfleet.Linux.Tests.ManualTime Time { get; } = new();

    /// <summary>The clock of everything else; time passes by itself too.</summary>
    public LateClock Clock { get; } = new();

    public List<string> Told { get; } = [];

    /// <summary>The process that serves dockerd; it can be told to die at a step of a call.</summary>
    public NodeProcess Process { get; private set; } = null!;

    public LocalNode Node => Process.Node;

    public LocalNode Agent { get; private set; } = null!;

    public DockerPlugin Plugin { get; private set; } = null!;

    public string Pf { get; private set; } = "";

    public static async Task<DockerMachine> CreateAsync(string profile = "igb", int vfs = 2, string? driver = null)
    {
        DockerMachine machine = new(profile);
        SriovHost host = new(machine.Kernel, machine.Options);
        machine.Pf = (await host.Inventory.ListPfsAsync()).Value[0].Label;
        CreatePlan plan = (await host.Creator.PlanAsync(machine.Pf, vfs, driver, force: false)).Value;
        _ = (await host.Creator.ApplyAsync(plan, force: false)).Value;
        machine.Start();
        return machine;
    }

    /// <summary>The agent dies, as by kill -9, and another one takes its place.</summary>
    public void Restart()
    {
        Kernel.Machine.EndProcess(Process.Pid);
        Process.Dispose();
        Agent.Dispose();
        Start();
    }

    public async Task<string> RawAsync(string call, string body)
    {
        string path = call.Contains('.', StringComparison.Ordinal) ? $"/{call}" : $"/NetworkDriver.{call}";
        PluginReply reply = await Plugin.CallAsync(path, Encoding.UTF8.GetBytes(body), CancellationToken.None);
        Assert.Equal(200, reply.Status);
        return Encoding.UTF8.GetString(reply.Body.Span);
    }

    /// <summary>A call that has to succeed.</summary>
    public async Task<JsonElement> CallAsync(string call, string body)
    {
        JsonElement reply = JsonDocument.Parse(await RawAsync(call, body)).RootElement;
        Assert.False(reply.TryGetProperty("Err", out JsonElement wrong), $"{call}: {wrong}");
        return reply;
    }

    /// <summary>A call that has to be refused.</summary>
    public async Task<string> RefusedAsync(string call, string body) =>
        JsonDocument.Parse(await RawAsync(call, body)).RootElement.GetProperty("Err").GetString()!;

    /// <summary>
    /// The request of dockerd for <c>docker network create -d vfleet -o … --subnet 192.0.2.0/24 --gateway 192.0.2.254</c>.
    /// </summary>
    /// <param name="options">Members of the object of options, such as <c>"vlan":"100"</c>.</param>
    public static string Network(string options) => $$"""
        {"NetworkID":"{{Net}}","Options":{"com.docker.network.enable_ipv6":false,"com.docker.network.generic":{ {{options}} } },
         "IPv4Data":[{"AddressSpace":"LocalDefault","Pool":"192.0.2.0/24","Gateway":"192.0.2.254/24","AuxAddresses":{} }],"IPv6Data":[]}
        """;

    public static string NewEndpoint(string endpoint = Endpoint, string mac = "") => $$"""
        {"NetworkID":"{{Net}}","EndpointID":"{{endpoint}}",
         "Interface":{"Address":"192.0.2.2/24","AddressIPv6":"","MacAddress":"{{mac}}"},
         "Options":{"com.docker.network.endpoint.exposedports":[],"com.docker.network.portmap":[]} }
        """;

    public static string Of(string endpoint = Endpoint) => $$"""{"NetworkID":"{{Net}}","EndpointID":"{{endpoint}}"}""";

    public static string Into(string endpoint = Endpoint, string space = Space) =>
        $$"""{"NetworkID":"{{Net}}","EndpointID":"{{endpoint}}","SandboxKey":"/run/netns/{{space}}","Options":{} }""";

    /// <summary>What dockerd does after a join: moves, takes down, renames, sets, takes up.</summary>
    public async Task MoveInAsync(JsonElement join, string? mac = null, string space = Space)
    {
        string name = join.GetProperty("InterfaceName").GetProperty("SrcName").GetString()!;
        using NetworkNamespace target = Kernel.OpenNamespace($"/run/netns/{space}").Value;
        using (RouteClient here = RouteClient.Open(Kernel).Value)
            await ChangeAsync(here, name, new LinkChange { Namespace = target });
        using RouteClient there = RouteClient.Open(Kernel, target).Value;
        await ChangeAsync(there, name, new LinkChange { Up = false });
        await ChangeAsync(there, name,
            new LinkChange { Name = join.GetProperty("InterfaceName").GetProperty("DstPrefix").GetString() + "0" });
        LinkInfo link = Assert.Single((await there.ListLinksAsync()).Value, each => each.Name != "lo");
        if (mac is not null)
        {
            LinkChange named = new() { Mac = MacAddress.TryParse(mac, out MacAddress to) ? to : null };
            _ = (await there.ChangeLinkAsync(link.Index, link.Name, named)).Value;
        }
        Assert.True(IPNetworkAddress.TryParse("192.0.2.2/24", out IPNetworkAddress? address));
        _ = (await there.AddAddressAsync(link.Index, link.Name, address)).Value;
        _ = (await there.ChangeLinkAsync(link.Index, link.Name, new LinkChange { Up = true })).Value;
    }

    /// <summary>What dockerd does after a leave.</summary>
    public async Task MoveOutAsync(JsonElement join, string space = Space)
    {
        using NetworkNamespace from = Kernel.OpenNamespace($"/run/netns/{space}").Value;
        using NetworkNamespace own = Kernel.OpenNamespace(Options.OwnNamespacePath).Value;
        using RouteClient there = RouteClient.Open(Kernel, from).Value;
        string name = join.GetProperty("InterfaceName").GetProperty("SrcName").GetString()!;
        LinkInfo link = Assert.Single((await there.ListLinksAsync()).Value, each => each.Name != "lo");
        await ChangeAsync(there, link.Name, new LinkChange { Up = false });
        await ChangeAsync(there, link.Name, new LinkChange { Name = name });
        await ChangeAsync(there, name, new LinkChange { Namespace = own });
    }

    public async Task<PassReport> PassAsync() => (await new Reconciler(Agent).PassAsync()).Value;

    public async Task<VirtualFunction> ReadAsync(string vf) => (await Agent.Host.FindVfAsync(vf)).Value.Vf;

    public IReadOnlyList<LedgerVf> Rows() => Agent.Ledger.Read(view => view.Vfs()).Value;

    public LedgerAllocation Open() => Assert.Single(Agent.Ledger.Read(view => view.OpenAllocations()).Value);

    public async ValueTask DisposeAsync()
    {
        Process.Dispose();
        Agent.Dispose();
        Engine.Dispose();
        await Dockerd.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private void Start()
    {
        Kernel.Machine.AddProcess(++_pid);
        Owner identity = OwnerIdentity.OfProcess(Kernel, _pid, $"vfleet {_pid}").Value;
        Process = NodeProcess.Start(Kernel, _pid, (process, kernel) =>
            LocalNode.Open(kernel, Options, new Actor("docker", "root", identity), stepped: process.Stepped)).Value;
        Agent = LocalNode.Open(Kernel, Options, new Actor("agent", "root", identity), new FrontDoors(_door)).Value;
        Plugin = new DockerPlugin(new DockerDriver(Node, Engine, Told.Add), new DockerIpam(Node.Ledger), TimeProvider.System, Told.Add);
    }

    internal sealed class LateClock : TimeProvider
    {
        public TimeSpan By { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + By;
    }

    private static async Task ChangeAsync(RouteClient route, string name, LinkChange change)
    {
        LinkInfo link = (await route.GetLinkAsync(name)).Value;
        _ = (await route.ChangeLinkAsync(link.Index, link.Name, change)).Value;
    }
}
