using System.Globalization;
using Vfleet.Host.Settings;
using Vfleet.Node;
using Vfleet.Node.Allocation;
using Vfleet.Node.Attach;
using Vfleet.Node.Census;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Node.Pools;
using Vfleet.Node.Prewarm;

namespace Vfleet.Simulation.Nodes;

/// <summary>What the people around a node do: they own VFs, die, and change the machine by hand.</summary>
/// <param name="world">The machine.</param>
/// <param name="model">Remembers what that does to owners.</param>
/// <param name="ledger">Tells which VF is free.</param>
internal sealed class NodeHands(NodeWorld world, NodeModel model, NodeLedger ledger)
{
    /// <summary>The namespace strangers use.</summary>
    public const string StrangersPlace = "stranger";

    /// <summary>Half a PF of an mlx5 card; more than an igb has.</summary>
    private const uint Half = 50_000;

    private static readonly string[] Namespaces = ["blue", "green", "red"];

    private readonly List<int> _owners = [];
    private int _pid = 100;

    /// <summary>One of the workloads' namespaces; made where it is missing.</summary>
    public string Namespace(int pick)
    {
        string name = Namespaces[pick % Namespaces.Length];
        world.MakeNamespace(name);
        return name;
    }

    /// <summary>A request for the VFs of the PF, by an owner of one kind or another.</summary>
    /// <param name="action">Chooses.</param>
    /// <param name="space">The namespace the VFs go into; null where they are only held.</param>
    public AllocationRequest Request(NodeAction action, string? space) => new()
    {
        Pool = world.Pf,
        Owner = OwnerOf(action, space),
        Count = action.Variant % 7 == 1 ? 2 : 1,
        GuaranteedMbps = world.Machine.Profile.Name == "mlx5" && action.Variant % 3 == 1 ? Half : null,
    };

    /// <summary>Applies a rule that so many VFs of a pool are kept ready, and each is tuned for its owner.</summary>
    /// <param name="node">The node.</param>
    /// <param name="pool">The pool.</param>
    /// <param name="count">How many are kept ready.</param>
    /// <param name="scrub">How they are cleaned: after settings alone a driver keeps what it was tuned to.</param>
    /// <param name="microseconds">Their rx-usecs; null leaves them.</param>
    public static Outcome<Vfleet.Linux.Unit> SetRules(LocalNode node, string pool, int count, ScrubRule scrub, int? microseconds = null) =>
        node.Ledger.Change(LedgerStep.Documents, change => change.PutDocument("PoolPolicy", "warm", string.Create(CultureInfo.InvariantCulture, $$"""
            apiVersion: vfleet.dev/v1alpha1
            kind: PoolPolicy
            metadata:
              name: warm
            spec:
              resourceName: {{pool}}
              scrub: {{scrub.ToString().ToLowerInvariant()}}
              prewarm: {{count}}
              {{(microseconds is null ? "" : $"tuning: {{affinity: numaNode, coalesceRxMicroseconds: {microseconds}}}")}}
            """)));

    /// <summary>A policy that wants VFs of a PF. They stay in the pool that is called as the PF.</summary>
    public static string Policy(string pf, int vfs) => string.Create(CultureInfo.InvariantCulture, $$"""
        apiVersion: sriovnetwork.openshift.io/v1
        kind: SriovNetworkNodePolicy
        metadata: {name: policy}
        spec:
          resourceName: {{pf}}
          numVfs: {{vfs}}
          nicSelector: {pfNames: ["{{pf}}"]}
        """);

    /// <summary>What an agent's pass does for the pools.</summary>
    public static async Task<Outcome<PrewarmReport>> PrewarmAsync(LocalNode node)
    {
        Outcome<NodeReading> read = await node.Census.TakeAsync(isThorough: true).ConfigureAwait(false);
        return read.Try(out NodeReading? reading, out Fault? fault) ? await new Prewarmer(node).RunAsync(reading, []).ConfigureAwait(false) : fault;
    }

    /// <summary>Into a namespace, under a name that nobody has there, with a VLAN that tells whose it is.</summary>
    public static AttachOrder Order(string space, int step, int vlan) => new()
    {
        NamespacePath = $"/run/netns/{space}",
        InterfaceName = string.Create(CultureInfo.InvariantCulture, $"net{step}x"),
        Settings = new VfSettings { Vlan = vlan, Mac = step % 2 == 0 ? new Vfleet.Linux.Route.MacAddress(0x02_00_00_00_10_00 + (ulong)step) : null },
    };

    /// <summary>One of the open allocations; null where there is none.</summary>
    public string? Open(int pick) => ledger.Read(view => view.OpenAllocations()).Or(null) is { Count: > 0 } open ? open[pick % open.Count].Id : null;

    /// <summary>A VF a stranger has; null where there is none.</summary>
    public string? Stranger(int pick) => Pick(Free(StrangersPlace), pick);

    /// <summary>Does what needs no process.</summary>
    /// <returns>What was done, in words.</returns>
    public string Perform(NodeAction action) => action.Kind switch
    {
        NodeActionKind.RemoveNamespace => Remove(Namespaces[action.Pick % Namespaces.Length]),
        NodeActionKind.EndOwner => EndOwner(action.Pick),
        NodeActionKind.StrangerTakes => Take(action),
        NodeActionKind.StrangerLeaves => Leave(action),
        _ => Recount(action),
    };

    /// <summary>The machine boots; VFs are made again before anybody looks, as by a unit of systemd, or not at all.</summary>
    public void Reboot(NodeAction action)
    {
        int count = world.Count;
        world.Machine.Reboot();
        _owners.Clear();
        model.Rebooted();
        bool isMadeAgain = action.Variant % 3 != 0 && count > 0;
        model.VfsDestroyed(isNoticed: !isMadeAgain);
        if (isMadeAgain)
            Make(count);
    }

    /// <summary>
    /// Whoever makes VFs by hand gives them the driver that the machine gives new ones: the native one, or none where a death left probing off. Those
    /// at their places may have had another.
    /// </summary>
    private void Make(int count)
    {
        world.SetCount(count);
        foreach (LedgerVf row in Rows().Where(row => row.State == VfState.Free && row.Clean?.Driver != world.DriverOf(row.Vf)))
            model.ChangedByHand.Add(row.Vf);
    }

    private Owner OwnerOf(NodeAction action, string? space)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"owner {action.Pick}");
        Owner? owner = null;
        if (action.Variant % 5 is 1 or 2 && space is not null)
            owner = OwnerIdentity.OfNamespace(world.Kernel, $"/run/netns/{space}", name).Or(null);
        else if (action.Variant % 5 == 3)
        {
            world.Machine.AddProcess(++_pid);
            _owners.Add(_pid);
            owner = OwnerIdentity.OfProcess(world.Kernel, _pid, name).Or(null);
        }
        return owner ?? new Owner { Name = name };
    }

    private string Remove(string name)
    {
        bool was = world.HasNamespace(name);
        world.RemoveNamespace(name);
        model.NamespaceGone(name);
        return was ? $"namespace {name} is gone" : "there is none";
    }

    private string EndOwner(int pick)
    {
        if (_owners.Count == 0)
            return "there is none";
        int pid = _owners[pick % _owners.Count];
        _owners.Remove(pid);
        world.Machine.EndProcess(pid);
        model.ProcessGone(pid);
        return $"process {pid} ended";
    }

    private string Take(NodeAction action)
    {
        if (Pick(Free(""), action.Pick) is not { } vf)
            return "no VF is free";
        world.MakeNamespace(StrangersPlace);
        model.ChangedByHand.Add(vf);
        return world.MoveByHand(vf, StrangersPlace) ? $"{vf} is the stranger's" : $"{vf} cannot be taken";
    }

    private string Leave(NodeAction action)
    {
        if (action.Variant % 2 == 0)
            return Remove(StrangersPlace);
        return Stranger(action.Pick) is { } vf && world.MoveByHand(vf, null) ? $"{vf} is back" : "there is none";
    }

    private string Recount(NodeAction action)
    {
        int count = action.Variant % 4;
        world.SetCount(0);
        model.VfsDestroyed(isNoticed: true);
        Make(count);
        return $"the VFs are destroyed, and there are {count} new ones";
    }

    /// <summary>VFs the ledger calls free whose interface is in a namespace; the empty one is the host's.</summary>
    private string[] Free(string space) =>
    [
        .. Rows().Where(row => row.State == VfState.Free && world.Place(row.Vf)?.Namespace == space).Select(row => row.Vf),
    ];

    private IReadOnlyList<LedgerVf> Rows() => ledger.Read(view => view.Vfs()).Or(null) ?? [];

    private static string? Pick(string[] vfs, int pick) => vfs.Length == 0 ? null : vfs[pick % vfs.Length];
}
