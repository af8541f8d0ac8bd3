using Vfleet.Host.Attach;
using Vfleet.Host.Create;
using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Host.State;
using Vfleet.Linux;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;
using Vfleet.Simulation;

namespace Vfleet.Host.Tests;

/// <summary>A simulated machine under watch, a host on it, and the hands a test has on both. Its state folder goes with it.</summary>
internal sealed class HostMachine : IDisposable
{
    public const string Namespace = "/run/netns/blue";

    private HostMachine(string profile, SimulationOptions options)
    {
        State = Directory.CreateTempSubdirectory("vfleet-test-").FullName;
        Simulated = SimulationProfiles.Create(profile, options).Value;
        Kernel = new WatchedKernel(Simulated);
        Options = new HostOptions
        {
            StateDirectory = State,
            ReadyDeadline = TimeSpan.FromSeconds(5),
            ReadDeadline = TimeSpan.FromSeconds(5),
            TrafficSample = TimeSpan.FromMilliseconds(20),
            CarrierDeadline = TimeSpan.FromMilliseconds(100),
            ReturnDeadline = TimeSpan.FromMilliseconds(100),
            LockDeadline = TimeSpan.FromMilliseconds(300),
        };
        Host = new SriovHost(Kernel, Options);
    }

    public string State { get; }

    public SimulatedKernel Simulated { get; }

    public WatchedKernel Kernel { get; }

    public HostOptions Options { get; private set; }

    public SriovHost Host { get; private set; }

    /// <summary>The first PF.</summary>
    public string Pf { get; private set; } = "";

    /// <summary>The first PF's directory in sysfs.</summary>
    public string PfPath { get; private set; } = "";

    public string Vf(int index) => $"{Pf}/{index}";

    /// <param name="profile">The simulation's profile.</param>
    /// <param name="vfs">VFs on the first PF.</param>
    /// <param name="driver">Their driver; native when null.</param>
    /// <param name="options">Of the simulation; links are up when null.</param>
    public static async Task<HostMachine> CreateAsync(string profile = "igb", int vfs = 0, string? driver = null, SimulationOptions? options = null)
    {
        HostMachine machine = new(profile, options ?? new SimulationOptions { LinksUp = true });
        PhysicalFunction pf = (await machine.Host.Inventory.ListPfsAsync()).Value[0];
        machine.Pf = pf.Label;
        machine.PfPath = pf.SysfsPath;
        if (vfs > 0)
            _ = (await machine.CountAsync(vfs, driver)).Value;
        machine.Simulated.CreateNamespace("blue").Value.Dispose();
        return machine;
    }

    /// <summary>Shortens every deadline, for what is going to hang.</summary>
    public void Hurry()
    {
        TimeSpan soon = TimeSpan.FromMilliseconds(500);
        Options = Options with { ReadDeadline = soon, CountDeadline = soon, ReadyDeadline = soon, ResetDeadline = soon };
        Host = new SriovHost(Kernel, Options);
    }

    /// <summary>Plans and applies a count.</summary>
    public async Task<Outcome<IReadOnlyList<VirtualFunction>>> CountAsync(int count, string? driver = null, bool force = false, CancellationToken cancel = default)
    {
        Outcome<CreatePlan> plan = await Host.Creator.PlanAsync(Pf, count, driver, force, cancel);
        return plan.Fault is { } fault ? fault : await Host.Creator.ApplyAsync(plan.Value, force, cancel: cancel);
    }

    public Task<Outcome<AttachResult>> AttachAsync(int index = 0, VfSettings? settings = null, CancellationToken cancel = default) =>
        Host.Attacher.AttachAsync(Request(index, settings), cancel: cancel);

    public AttachRequest Request(int index = 0, VfSettings? settings = null) =>
        new() { Vf = Vf(index), NamespacePath = Namespace, Settings = settings ?? new VfSettings() };

    public async Task<VirtualFunction> ReadVfAsync(int index = 0) => (await Host.FindVfAsync(Vf(index))).Value.Vf;

    public async Task<PhysicalFunction> ReadPfAsync() => (await Host.FindPfAsync(Pf)).Value;

    public IReadOnlyList<AttachmentRecord> Records() => new AttachmentStore(State).List().Value;

    /// <summary>Everything an operation that failed must leave as it was: VFs, the namespace's links, records.</summary>
    public async Task<string[]> DescribeAsync()
    {
        SriovHost unwatched = new(Simulated, Options);
        IReadOnlyList<PhysicalFunction> pfs = (await unwatched.Inventory.ListPfsAsync()).Value;
        IReadOnlyList<VirtualFunction> vfs = (await unwatched.Inventory.ListVfsAsync(null, VfDetail.Settings)).Value;
        return
        [
            .. pfs.Select(pf => $"{pf.Label} {pf.NumVfs} autoprobe {pf.Autoprobe} {pf.IsUp}"),
            .. vfs.Select(vf => $"{vf.Label} {vf.Driver} {vf.Link?.Name} ({string.Join(' ', vf.Link?.AlternativeNames ?? [])}) {vf.Link?.Mac} {vf.Link?.Mtu} {vf.Link?.IsUp} {vf.NamespacePath} {vf.Settings}"),
            .. await NamesInAsync(Namespace),
            .. Records().Select(record => record.Vf),
        ];
    }

    /// <summary>Names of the links in a namespace.</summary>
    public async Task<IReadOnlyList<string>> NamesInAsync(string path) => [.. (await LinksInAsync(path)).Select(link => link.Name)];

    public async Task<IReadOnlyList<LinkInfo>> LinksInAsync(string path)
    {
        if (Simulated.OpenNamespace(path).Or(null) is not { } within)
            return [];
        using (within)
        using (RouteClient route = RouteClient.Open(Simulated, within).Value)
            return (await route.ListLinksAsync()).Value;
    }

    /// <summary>Equivalent to <c>ip link set DEV …</c> on the host.</summary>
    public async Task ChangeLinkAsync(string name, LinkChange change)
    {
        using RouteClient route = RouteClient.Open(Simulated).Value;
        LinkInfo link = (await route.GetLinkAsync(name)).Value;
        _ = (await route.ChangeLinkAsync(link.Index, name, change)).Value;
    }

    public async Task AddAddressAsync(string name, string address)
    {
        Assert.True(IPNetworkAddress.TryParse(address, out IPNetworkAddress? parsed));
        using RouteClient route = RouteClient.Open(Simulated).Value;
        _ = (await route.AddAddressAsync((await route.GetLinkAsync(name)).Value.Index, name, parsed)).Value;
    }

    public async Task AddAlternativeNamesAsync(string name, params string[] names)
    {
        using RouteClient route = RouteClient.Open(Simulated).Value;
        _ = (await route.ChangeAlternativeNamesAsync((await route.GetLinkAsync(name)).Value.Index, name, names, add: true)).Value;
    }

    /// <summary>Sends one request of a test's own making in the host's namespace.</summary>
    public async Task SendAsync(NetlinkRequest request)
    {
        using NetlinkClient client = NetlinkClient.Open(Simulated, NetlinkProtocol.Route).Value;
        _ = (await client.ExecuteAsync(request)).Value;
    }

    public void Dispose() => Directory.Delete(State, recursive: true);
}
