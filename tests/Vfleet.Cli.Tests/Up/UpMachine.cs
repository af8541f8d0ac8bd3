using Vfleet.Cli.Up;
using Vfleet.Host.Create;
using Vfleet.Host.Inventory;
using Vfleet.Host;
using Vfleet.Linux;
using Vfleet.Node.Allocation;
using Vfleet.Node.Attach;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Node;
using Vfleet.Simulation;

namespace Vfleet.Cli.Tests.Up;

/// <summary>A simulated machine with two igb ports, and the hands a test of <c>up</c> has on it.</summary>
internal sealed class UpMachine : IDisposable
{
    public const string First = "enp1s0f0";
    public const string Second = "enp2s0f0";
    private const int Process = 4242;

    private readonly HostOptions _options;
    private LocalNode? _node;

    public UpMachine(SimulationOptions? options = null)
    {
        Kernel = SimulationProfiles.Create("igb", options ?? new SimulationOptions { LinksUp = true }).Value;
        Kernel.Machine.AddProcess(Process, command: "vfleet");
        Records = new StateRecords(new LedgerOptions { StateDirectory = State }, () => Me);
        _options = new HostOptions { StateDirectory = State, TrafficSample = TimeSpan.FromMilliseconds(20) };
        Host = new SriovHost(Kernel, _options with { Attachments = Records });
    }

    public string State { get; } = Directory.CreateTempSubdirectory("vfleet-test-").FullName;

    public SimulatedKernel Kernel { get; }

    public SriovHost Host { get; }

    public StateRecords Records { get; }

    /// <summary>What the runners said.</summary>
    public List<string> Said { get; } = [];

    private Actor Me => new("cli", "root", OwnerIdentity.OfProcess(Kernel, Process, "vfleet").Value);

    public UpRunner Runner => new(Host, Records, Node, Said.Add) { Patience = TimeSpan.FromMilliseconds(50) };

    /// <summary>One that waits as long as people's does, and says what it does to somebody.</summary>
    public UpRunner RunnerThat(Action<string> says) => new(Host, Records, Node, says);

    public async Task<UpPlace> ChooseAsync() => (await Runner.ChooseAsync(default)).Value;

    public async Task CountAsync(string pf, int count)
    {
        CreatePlan plan = (await Host.Creator.PlanAsync(pf, count, null, force: false)).Value;
        _ = (await Host.Creator.ApplyAsync(plan, force: false)).Value;
    }

    /// <summary>Gives a VF to a namespace of somebody else's.</summary>
    public async Task AttachAsync(string vf, string name)
    {
        Kernel.CreateNamespace(name).Value.Dispose();
        AllocationRequest request = new() { Vf = vf, Owner = new Owner { Name = name } };
        _ = (await Node().Value.AttachAsync(request, new AttachOrder { NamespacePath = $"/run/netns/{name}" })).Value;
    }

    /// <summary>Reserves a free VF for a namespace, by a process that is killed before it attaches it.</summary>
    public void ReserveByTheDead(string vf, string path)
    {
        const int Dead = 5151;
        Kernel.Machine.AddProcess(Dead, command: "vfleet");
        Actor dead = new("cli", "root", OwnerIdentity.OfProcess(Kernel, Dead, "vfleet").Value);
        using LocalNode theirs = LocalNode.Open(Kernel, _options, dead).Value;
        LedgerAllocation draft = new()
        {
            Id = "",
            Pool = theirs.Ledger.Read(view => view.Vfs().Single(row => row.Vf == vf).Pool).Value,
            Owner = OwnerIdentity.OfNamespace(Kernel, path, "blue").Value,
            FrontDoor = "cli",
            RequestedAt = default,
            Vfs = [new AllocatedVf(vf, First, 0)],
        };
        _ = theirs.Ledger.Change(LedgerStep.Reserve, change => change.OpenAllocation(draft, VfState.Reserved, isReady: false)).Value;
        Kernel.Machine.EndProcess(Dead);
    }

    public async Task<IReadOnlyList<VirtualFunction>> VfsAsync(string pf) => (await Host.ListVfsAsync(pf)).Value;

    public Outcome<LocalNode> Node() => _node is { } open ? open : LocalNode.Open(Kernel, _options, Me).Map(opened => _node = opened);

    public void Dispose()
    {
        _node?.Dispose();
        Records.Dispose();
        Directory.Delete(State, recursive: true);
    }
}
