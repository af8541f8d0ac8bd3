using System.Diagnostics;
using Vfleet.Linux;
using Vfleet.Node.Allocation;
using Vfleet.Node.Attach;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Node.Pools;
using Vfleet.Simulation.Nodes;
using Xunit.Abstractions;

namespace Vfleet.Node.Tests.Proofs;

/// <summary>Two callers, one VF: every order of their steps, and a death of each at every step.</summary>
public sealed class UnitInterleavingTests(ITestOutputHelper output)
{
    private delegate Task<string> Caller(NodeWorld world, NodeModel model, LocalNode node);

    [Theory]
    [InlineData("attach and attach")]
    [InlineData("release and release")]
    [InlineData("release and attach")]
    [InlineData("release of what is being attached")]
    [InlineData("attach after a dead owner, twice")]
    [InlineData("adopt and attach")]
    [InlineData("prewarm and attach")]
    [InlineData("attach and attach of one request")]
    [InlineData("attach and attach of one request for one VF")]
    public async Task InEveryOrderEveryInvariantHolds(string name)
    {
        long began = Stopwatch.GetTimestamp();
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(600));
        Exploration seen = await InterleavingExplorer.ExploreAsync(Of(name), late.Token);
        output.WriteLine($"{name}: {seen.States} states, {seen.Schedules} schedules, {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
        Assert.True(seen.Violation is null, $"{name}: {seen.Violation}\n{string.Join('\n', seen.Trace)}");
        // Two callers whose steps do not meet would be few.
        Assert.True(seen.States > 20, $"{seen.States} states");
    }

    private static Encounter Of(string name) => name switch
    {
        "attach and attach" => New(name, FreeAsync, Attach("blue"), Attach("green")),
        "release and release" => New(name, AttachedAsync, Release, Release),
        "release and attach" => New(name, AttachedAsync, Release, Attach("green")),
        "release of what is being attached" => New(name, FreeAsync, Attach("blue", isSure: false), ReleaseVf),
        "attach after a dead owner, twice" => New(name, DeadOwnerAsync, Attach("green"), Attach("red")),
        "attach and attach of one request" => New(name, TwoFreeAsync, Attach("blue", key: "order 7"), Attach("blue", key: "order 7")),
        "attach and attach of one request for one VF" =>
            New(name, FreeAsync, Attach("blue", key: "order 7", isNamed: true), Attach("blue", key: "order 7", isNamed: true)),
        "prewarm and attach" => New(name, KeptReadyAsync, Prewarm, Attach("green")),
        _ => New(name, StrangerAsync, Adopt, Attach("green")),
    };

    private static Encounter New(string name, Func<NodeModel, Task<NodeWorld>> prepare, params Caller[] callers) =>
        new(name, prepare, [.. callers.Select(caller => (Func<NodeWorld, NodeModel, LocalNode, Task<string>>)caller.Invoke)]);

    private static Task<NodeWorld> FreeAsync(NodeModel model) => FreeAsync(1);

    private static Task<NodeWorld> TwoFreeAsync(NodeModel model) => FreeAsync(2);

    private static async Task<NodeWorld> FreeAsync(int vfs)
    {
        NodeWorld world = NodeWorld.Create("mlx5", vfs);
        foreach (string space in (string[])["blue", "green", "red"])
            world.MakeNamespace(space);
        using NodeProcess first = world.Start().Value;
        _ = (await first.Node.Census.TakeAsync()).Value;
        return world;
    }

    private static async Task<NodeWorld> AttachedAsync(NodeModel model)
    {
        NodeWorld world = await FreeAsync(model);
        using NodeProcess first = world.Start().Value;
        _ = await Attach("blue")(world, model, first.Node);
        world.Machine.EndProcess(first.Pid);
        return world;
    }

    private static async Task<NodeWorld> KeptReadyAsync(NodeModel model)
    {
        NodeWorld world = await FreeAsync(model);
        using NodeProcess first = world.Start().Value;
        _ = NodeHands.SetRules(first.Node, world.Pf, 1, ScrubRule.Settings).Value;
        world.Machine.EndProcess(first.Pid);
        return world;
    }

    private static async Task<string> Prewarm(NodeWorld world, NodeModel model, LocalNode node)
    {
        Outcome<Node.Prewarm.PrewarmReport> done = await NodeHands.PrewarmAsync(node);
        return done.Fault?.Kind.ToString() ?? $"{done.Value.Warmed.Count} ready";
    }

    private static async Task<NodeWorld> DeadOwnerAsync(NodeModel model)
    {
        NodeWorld world = await FreeAsync(model);
        using NodeProcess first = world.Start().Value;
        Owner blue = OwnerIdentity.OfNamespace(world.Kernel, "/run/netns/blue", "blue").Value;
        _ = (await first.Node.AttachAsync(new AllocationRequest { Pool = world.Pf, Owner = blue }, NodeHands.Order("blue", 1, 101))).Value;
        world.Machine.EndProcess(first.Pid);
        world.RemoveNamespace("blue");
        return world;
    }

    private static async Task<NodeWorld> StrangerAsync(NodeModel model)
    {
        NodeWorld world = await FreeAsync(model);
        world.MakeNamespace(NodeHands.StrangersPlace);
        string vf = (await world.ReadAsync()).Value.Vfs[0].Label;
        model.ChangedByHand.Add(vf);
        Assert.True(world.MoveByHand(vf, NodeHands.StrangersPlace));
        return world;
    }

    private static Caller Attach(string space, bool isSure = true, string? key = null, bool isNamed = false) => async (world, model, node) =>
    {
        int vlan = 100 + space.Length;
        AllocationRequest request = new() { Pool = world.Pf, Owner = new Owner { Name = space }, RequestKey = key };
        if (isNamed)
            request = request with { Vf = (await world.ReadAsync()).Value.Vfs[0].Label };
        Outcome<NodeAttachment> done = await node.AttachAsync(request, NodeHands.Order(space, 1, vlan));
        if (!done.Try(out NodeAttachment? attachment, out Fault? fault))
            return fault.Kind.ToString();
        if (attachment.Vfs.Count == 0)
            return "attached before";
        model.Acknowledge(new ModelAllocation { Allocation = attachment.Allocation, Namespace = space, Vlan = vlan, IsSure = isSure, IsInPlace = isSure });
        return "attached";
    };

    private static async Task<string> Release(NodeWorld world, NodeModel model, LocalNode node)
    {
        model.Doubt("a1");
        Outcome<Vfleet.Node.Release.ReleaseResult> done = await node.ReleaseAsync("a1");
        if (done.Succeeded)
            model.Release("a1");
        return done.Fault?.Kind.ToString() ?? "released";
    }

    /// <summary>Whoever has the VF now: it is given up whatever comes of it.</summary>
    private static async Task<string> ReleaseVf(NodeWorld world, NodeModel model, LocalNode node)
    {
        string vf = (await world.ReadAsync()).Value.Vfs[0].Label;
        Outcome<Vfleet.Node.Release.ReleaseResult> done = await node.ReleaseAsync(vf);
        return done.Fault?.Kind.ToString() ?? "released";
    }

    private static async Task<string> Adopt(NodeWorld world, NodeModel model, LocalNode node)
    {
        string vf = (await world.ReadAsync()).Value.Vfs[0].Label;
        Outcome<LedgerAllocation> done = await node.AdoptAsync(vf, new Owner { Name = "legacy" }, null);
        if (!done.Try(out LedgerAllocation? adopted, out Fault? fault))
            return fault.Kind.ToString();
        model.Acknowledge(new ModelAllocation { Allocation = adopted, Namespace = NodeHands.StrangersPlace });
        return "adopted";
    }
}
