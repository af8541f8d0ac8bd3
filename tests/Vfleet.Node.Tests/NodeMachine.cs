using Vfleet.Host;
using Vfleet.Host.Create;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Node.Allocation;
using Vfleet.Node.Attach;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Simulation;

namespace Vfleet.Node.Tests;

/// <summary>A simulated machine with VFs, namespaces <c>blue</c> and <c>green</c>, and a node; processes come and go as objects.</summary>
internal sealed class NodeMachine : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("vfleet-node-");
    private int _pid = 100;

    private NodeMachine(string profile, SimulationOptions options)
    {
        Kernel = SimulationProfiles.Create(profile, options).Value;
        Options = new HostOptions { StateDirectory = _state.FullName };
    }

    public SimulatedKernel Kernel { get; }

    public HostOptions Options { get; }

    public LocalNode Node { get; private set; } = null!;

    public string Pf { get; private set; } = "";

    /// <param name="profile">The kind of machine.</param>
    /// <param name="vfs">VFs on the first PF.</param>
    /// <param name="driver">Their driver; the native one when null.</param>
    /// <param name="options">The machine otherwise; its links are up when null.</param>
    public static async Task<NodeMachine> CreateAsync(
        string profile = "igb", int vfs = 3, string? driver = null, SimulationOptions? options = null)
    {
        NodeMachine machine = new(profile, options ?? new SimulationOptions { LinksUp = true });
        SriovHost host = new(machine.Kernel, machine.Options);
        machine.Pf = (await host.Inventory.ListPfsAsync()).Value[0].Label;
        CreatePlan plan = (await host.Creator.PlanAsync(machine.Pf, vfs, driver, force: false)).Value;
        _ = (await host.Creator.ApplyAsync(plan, force: false)).Value;
        foreach (string name in (string[])["blue", "green"])
            machine.Kernel.CreateNamespace(name).Value.Dispose();
        machine.Node = machine.Start();
        return machine;
    }

    /// <summary>Another process of the same machine.</summary>
    public LocalNode Start(Action<string>? stepped = null, HostOptions? options = null, FrontDoors? doors = null) =>
        LocalNode.Open(Kernel, options ?? Options, NewActor(), doors, stepped: stepped).Value;

    /// <summary>A new process, as the ledger knows it.</summary>
    public Actor NewActor()
    {
        int pid = ++_pid;
        Kernel.Machine.AddProcess(pid);
        return new Actor("cli", "root", OwnerIdentity.OfProcess(Kernel, pid, $"vfleet {pid}").Value);
    }

    /// <summary>The process ends, as by kill -9, and another takes its place.</summary>
    public void Restart(Action<string>? stepped = null)
    {
        Kernel.Machine.EndProcess(Node.Ledger.Actor.Process!.ProcessId!.Value);
        Node.Dispose();
        Node = Start(stepped);
    }

    public string Vf(int index) => $"{Pf}/{index}";

    public AllocationRequest Request(string owner = "blue", string? pool = null) => new() { Pool = pool ?? Pf, Owner = new Owner { Name = owner } };

    /// <summary>A request whose owner is a namespace, and lives as long as it.</summary>
    public AllocationRequest RequestFor(string space) =>
        new() { Pool = Pf, Owner = OwnerIdentity.OfNamespace(Kernel, $"/run/netns/{space}", space).Value };

    public static AttachOrder To(string space) => new() { NamespacePath = $"/run/netns/{space}" };

    public async Task<VirtualFunction> ReadAsync(string vf) => (await Node.Host.FindVfAsync(vf)).Value.Vf;

    public LedgerVf Row(string vf) => Node.Ledger.Read(view => view.Vf(vf)).Value!;

    public IReadOnlyList<LedgerAllocation> Open() => Node.Ledger.Read(view => view.OpenAllocations()).Value;

    public async Task<IReadOnlyList<LinkInfo>> LinksInAsync(string space)
    {
        using NetworkNamespace within = Kernel.OpenNamespace($"/run/netns/{space}").Value;
        using RouteClient route = RouteClient.Open(Kernel, within).Value;
        return (await route.ListLinksAsync()).Value;
    }

    public void Dispose()
    {
        Node.Dispose();
        _state.Delete(recursive: true);
    }
}
