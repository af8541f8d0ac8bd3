using System.Reflection;
using Vfleet.Linux;
using Vfleet.Node.Allocation;
using Vfleet.Node.Attach;
using Vfleet.Node.Census;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Node.Plans;
using Vfleet.Node.Pools;
using Vfleet.Node.Prewarm;
using Vfleet.Node.Release;
using Vfleet.Node.Tests.Plans;
using Vfleet.Simulation.Nodes;
using Xunit.Abstractions;

namespace Vfleet.Node.Tests.Proofs;

/// <summary>
/// A process dies at every place it passes, one after the other; the places are taken from a run, so that a new one is tried without anybody's
/// doing.
/// </summary>
public sealed class UnitCrashPointTests(ITestOutputHelper output)
{
    /// <summary>Passed by no road of a node: each is tried by itself.</summary>
    private static readonly string[] OwnSteps = [LedgerStep.Documents];

    private static readonly Dictionary<string, Func<NodeWorld, LocalNode, Task<Fault?>>> Roads = new(StringComparer.Ordinal)
    {
        ["allocate"] = async (world, node) => (await node.AllocateAsync(Request(world))).Fault,
        ["attach"] = async (world, node) => (await node.AttachAsync(Request(world), NodeHands.Order("blue", 0, 100))).Fault,
        ["attach for an engine"] = async (world, node) =>
            (await node.AttachAsync(Request(world), NodeHands.Order("blue", 0, 100) with { NamespacePath = null })).Fault,
        ["release"] = async (world, node) => (await node.ReleaseAsync(world.Started)).Fault,
        ["quarantine"] = async (world, node) =>
        {
            _ = world.Machine.Faults.Arm("reset-failure").Value;
            return (await node.ReleaseAsync(world.Started)).Fault;
        },
        ["reclaim"] = async (world, node) =>
        {
            world.RemoveNamespace("red");
            return (await node.ReclaimAsync()).Fault;
        },
        ["undo"] = async (world, node) =>
        {
            AllocationRequest request = Request(world);
            request = request with { Owner = request.Owner with { Workload = "c1" } };
            Outcome<LedgerAllocation> got = await node.AllocateAsync(request);
            if (!got.Try(out LedgerAllocation? held, out Fault? fault) || (fault = (await node.Releaser.ReleaseAsync([new(held.Id, "test")], true)).Fault) is not null)
                return fault;
            return (await new OwedUndos(node.Ledger, new FrontDoors(new Door(held.FrontDoor)), TimeProvider.System).TryAsync(CancellationToken.None)).Fault;
        },
        ["adopt"] = async (world, node) =>
        {
            string vf = (await world.ReadAsync()).Value.Vfs[^1].Label;
            world.MakeNamespace(NodeHands.StrangersPlace);
            _ = world.MoveByHand(vf, NodeHands.StrangersPlace);
            return (await node.AdoptAsync(vf, new Owner { Name = "legacy" }, null)).Fault;
        },
        ["census"] = async (world, node) =>
        {
            world.SetCount(0);
            Fault? lost = (await node.Census.TakeAsync(isThorough: true)).Fault;
            world.SetCount(2);
            return lost ?? (await node.Census.TakeAsync(isThorough: true)).Fault;
        },
        ["documents"] = (world, node) => Task.FromResult(Tune(world, node)),
        ["tuning"] = async (world, node) =>
        {
            if (Tune(world, node) is { } refused)
                return refused;
            Outcome<NodeAttachment> attached = await node.AttachAsync(Request(world), NodeHands.Order("blue", 2, 102));
            return attached.Try(out NodeAttachment? got, out Fault? fault) ? (await node.ReleaseAsync(got.Allocation.Id)).Fault : fault;
        },
        ["prewarm"] = async (world, node) => await PrewarmAsync(world, node, 1) ?? await PrewarmAsync(world, node, 0),
        ["attach ready"] = async (world, node) => await PrewarmAsync(world, node, 1)
            ?? (await node.AttachAsync(Request(world), NodeHands.Order("blue", 2, 102))).Fault,
        ["apply again"] = async (world, node) =>
        {
            string text = PolicyMachine.Policy("kept", world.Pf, 2);
            if (node.Ledger.Change(LedgerStep.Documents, change => change.PutDocument("SriovNetworkNodePolicy", "kept", text)).Fault is { } notKept)
                return notKept;
            world.SetCount(0);
            Outcome<NodeReading> read = await node.Census.TakeAsync(isThorough: true);
            if (!read.Try(out NodeReading? reading, out Fault? fault))
                return fault;
            Outcome<PolicyReport> kept = await new PolicyKeeper(node).RunAsync(reading, []);
            return kept.Fault ?? (kept.Value.Applied.Count == 1 ? null : Fault.Usage(string.Join("; ", kept.Value.Left)));
        },
        ["apply"] = async (world, node) =>
        {
            NodePolicies policies = new(node);
            string text = PolicyMachine.Policy("dpdk", $"{world.Pf}#1", 2, "deviceType: vfio-pci");
            PolicyChange change = (await policies.PlanAsync(DocumentUpdate.Of([("a.yaml", text)], policies.Applied().Value))).Value;
            return (await policies.ApplyAsync(change, new PlanOptions())).Fault;
        },
    };

    [Theory]
    [InlineData("allocate")]
    [InlineData("attach")]
    [InlineData("attach for an engine")]
    [InlineData("release")]
    [InlineData("quarantine")]
    [InlineData("reclaim")]
    [InlineData("undo")]
    [InlineData("adopt")]
    [InlineData("census")]
    [InlineData("documents")]
    [InlineData("tuning")]
    [InlineData("prewarm")]
    [InlineData("attach ready")]
    [InlineData("apply again")]
    [InlineData("apply")]
    public async Task WhereverAProcessDiesTheNextOnePutsEverythingRight(string road)
    {
        (int places, IReadOnlyList<string> changes) = await PlacesOfAsync(road);
        for (int at = 0; at < places; at++)
            await DieAsync(road, new CrashPoint(OnlyChanges: false, at), mustDie: true);
        // One more than there are: it lives, and the checks hold all the same.
        await DieAsync(road, new CrashPoint(OnlyChanges: true, changes.Count), mustDie: false);
        output.WriteLine($"{road}: {places} places, {changes.Count} of them leave something behind");
        Assert.True(changes.Count > 0, "nothing was changed");
    }

    [Fact]
    public async Task EveryStepOfTheLedgerIsPassed()
    {
        HashSet<string> passed = [];
        foreach (string road in Roads.Keys)
            passed.UnionWith((await PlacesOfAsync(road)).Changes);
        string[] steps = [.. typeof(LedgerStep).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!)];
        Assert.Contains(LedgerStep.Reserve, steps);
        string[] missing = [.. steps.Where(step => !passed.Contains($"before {step} in the ledger") || !passed.Contains($"after {step} in the ledger"))];
        Assert.True(missing.Length == 0, $"no road passes {string.Join(", ", missing)}: add one to this test, so that a process dies there too");
        Assert.All(OwnSteps, step => Assert.Contains(step, steps));
    }

    private static Fault? Tune(NodeWorld world, LocalNode node) => node.Ledger.Change(LedgerStep.Documents, change => change.PutDocument(
        "PoolPolicy",
        "tuned",
        $"""
        apiVersion: vfleet.dev/v1alpha1
        kind: PoolPolicy
        metadata:
          name: tuned
        spec:
          resourceName: {world.Pf}
          tuning:
            affinity: numaNode
        """)).Fault;

    private static async Task<Fault?> PrewarmAsync(NodeWorld world, LocalNode node, int count)
    {
        if (NodeHands.SetRules(node, world.Pf, count, ScrubRule.Settings).Fault is { } refused)
            return refused;
        Outcome<PrewarmReport> done = await NodeHands.PrewarmAsync(node);
        return done.Fault ?? (done.Value.Faults is [var first, ..] ? first : null);
    }

    private static AllocationRequest Request(NodeWorld world) => new() { Pool = world.Pf, Owner = new Owner { Name = "blue" } };

    private static async Task<(int Places, IReadOnlyList<string> Changes)> PlacesOfAsync(string road)
    {
        using NodeWorld world = await PrepareAsync();
        using NodeProcess process = world.Start().Value;
        process.Watch(null);
        Fault? fault = await Roads[road](world, process.Node);
        Assert.True(fault is null, $"{road} does not work: {fault?.Error}");
        return (process.Passed, process.Changes);
    }

    /// <summary>Two VFs, one of them attached to a namespace that owns it.</summary>
    private static async Task<NodeWorld> PrepareAsync()
    {
        NodeWorld world = NodeWorld.Create("igb", 2);
        foreach (string space in (string[])["blue", "red"])
            world.MakeNamespace(space);
        using NodeProcess first = world.Start().Value;
        Owner red = OwnerIdentity.OfNamespace(world.Kernel, "/run/netns/red", "red").Value;
        world.Started = (await first.Node.AttachAsync(new AllocationRequest { Pool = world.Pf, Owner = red }, NodeHands.Order("red", 1, 101))).Value.Allocation.Id;
        world.Machine.EndProcess(first.Pid);
        return world;
    }

    private static async Task DieAsync(string road, CrashPoint point, bool mustDie)
    {
        using NodeWorld world = await PrepareAsync();
        using NodeProcess process = world.Start().Value;
        process.Watch(point);
        bool died = false;
        try
        {
            _ = await Roads[road](world, process.Node);
        }
        catch (ProcessDiedException)
        {
            died = true;
        }
        string where = $"{road}, {process.DiedAt ?? "alive"} ({point.At})";
        // Two runs need not read in quite the same order, so the last places may not be reached.
        Assert.True(died == (process.DiedAt is not null), $"{where}: somebody caught the end of the process");
        Assert.True(mustDie || !died, where);
        world.Machine.EndProcess(process.Pid);
        world.Machine.Faults.ClearAll();
        if (road == "census")
            world.SetCount(2);
        using NodeProcess next = world.Start().Value;
        _ = (await next.Node.ReclaimAsync()).Value;
        _ = (await next.Node.Census.TakeAsync(isThorough: true)).Value;
        Assert.Empty((await next.Node.ReclaimAsync()).Value.Left);
        using NodeLedger ledger = NodeLedger.Open(world.Ledger, new Actor("watcher", null, null)).Value;
        IReadOnlyList<NodeViolation> found = NodeInvariants.Check(
            (await world.ReadAsync()).Value, ledger, CheckpointSigner.Open(world.Ledger).Value, new NodeMoment { IsAtRest = true }).Value;
        Assert.True(found.Count == 0, $"{where}: {string.Join("; ", found)}");
        Assert.All(ledger.Read(view => view.Vfs()).Value.Where(row => row.IsAvailable), row =>
            Assert.True(row.IsWarm ? world.IsReady(row.Vf) : world.IsAtRest(row.Vf), $"{where}: {row.Vf} is {(row.IsWarm ? "called" : "not called")} ready"));
        if (road is "allocate" or "attach" or "adopt" or "documents" or "apply")
            Assert.Equal(VfState.Attached, ledger.Read(view => view.Vf(view.Allocation(world.Started)!.Vfs[0].Vf)).Value!.State);
    }

    /// <summary>A front door that has undone its part whenever it is asked to.</summary>
    private sealed class Door(string name) : IFrontDoor
    {
        public string Name => name;

        public ValueTask<Outcome<Life>> IsAliveAsync(Owner owner, CancellationToken cancel) => new(Life.Alive);

        public ValueTask<Outcome<Unit>> UndoAsync(FrontDoorUndo undo, CancellationToken cancel) => new(Unit.Done);
    }
}
