using Vfleet.Node.Allocation;
using Vfleet.Node.Attach;
using Vfleet.Node.Ledger;
using Vfleet.Simulation.Nodes;

namespace Vfleet.Node.Tests.Proofs;

/// <summary>The checks themselves: a node that somebody broke on purpose is found broken.</summary>
public sealed class UnitNodeInvariantTests
{
    private static readonly NodeMoment Rest = new() { IsAtRest = true };

    [Fact]
    public async Task ANodeInOrderBreaksNone()
    {
        using NodeWorld world = await AttachedAsync(new NodeModel());
        Assert.Empty(await CheckAsync(world, Rest));
    }

    [Fact]
    public async Task AFreeVfSomewhereElseOrWithSettingsIsFound()
    {
        using NodeWorld world = await AttachedAsync(new NodeModel());
        string free = (await RowsAsync(world)).First(row => row.State == VfState.Free).Vf;
        Assert.True(world.MoveByHand(free, "blue"));
        Assert.Contains(await CheckAsync(world, Rest), found => found.Invariant == "I2" && found.What.Contains(free, StringComparison.Ordinal));
        Assert.Contains(await CheckAsync(world, Rest), found => found.Invariant == "I4");
        Assert.Empty(await CheckAsync(world, Rest with { ChangedByHand = new HashSet<string> { free } }));
    }

    [Fact]
    public async Task AVfInAnothersNamespaceIsFound()
    {
        NodeModel model = new();
        using NodeWorld world = await AttachedAsync(model);
        string vf = (await RowsAsync(world)).First(row => row.State == VfState.Attached).Vf;
        using NodeLedger ledger = Open(world);
        Assert.Empty(model.Check(world, ledger, isAtRest: true));
        Assert.True(world.MoveByHand(vf, "green"));
        Assert.Contains(await CheckAsync(world, Rest), found => found.Invariant == "I1");
        Assert.Contains(model.Check(world, ledger, isAtRest: false), found => found.Invariant == "I5");
    }

    [Fact]
    public async Task AnAcknowledgedAllocationThatEndedIsFound()
    {
        NodeModel model = new();
        using NodeWorld world = await AttachedAsync(model);
        using NodeProcess process = world.Start().Value;
        _ = (await process.Node.ReleaseAsync(world.Started)).Value;
        Assert.Contains(model.Check(world, process.Node.Ledger, isAtRest: false), found => found.Invariant == "I3");
        model.Release("a1");
        Assert.Empty(model.Check(world, process.Node.Ledger, isAtRest: true));
    }

    [Fact]
    public async Task AnAllocationWithoutItsVfsAndWorkThatNobodyEndsAreFound()
    {
        using NodeWorld world = await AttachedAsync(new NodeModel());
        using NodeLedger ledger = Open(world);
        LedgerVf row = ledger.Read(view => view.Vfs()).Value.First(each => each.State == VfState.Attached);
        Assert.True(ledger.Change(LedgerStep.Repair, change => change.Move(row, VfState.Releasing, "test")).Succeeded);
        Assert.Contains(await CheckAsync(world, Rest), found => found.What.Contains("nobody is going to finish it", StringComparison.Ordinal));
        Assert.Empty(await CheckAsync(world, Rest with { IsAtRest = false }));
        Assert.True(ledger.Change(LedgerStep.Repair, change => change.Close(change.Allocation(world.Started)!, "test")).Succeeded);
        Assert.Contains(await CheckAsync(world, Rest), found => found.Invariant == "I1");
    }

    [Fact]
    public async Task MoreGuaranteedThanThePfCanSendIsFound()
    {
        using NodeWorld world = await AttachedAsync(new NodeModel());
        using NodeLedger ledger = Open(world);
        LedgerVf free = ledger.Read(view => view.Vfs()).Value.First(each => each.State == VfState.Free);
        LedgerAllocation draft = new()
        {
            Id = "",
            Pool = free.Pool,
            Owner = new Owner { Name = "greedy" },
            FrontDoor = "test",
            RequestedAt = default,
            Vfs = [new AllocatedVf(free.Vf, free.Pf, 1_000_000)],
        };
        Assert.True(ledger.Change(LedgerStep.Reserve, change => change.OpenAllocation(draft, VfState.Reserved, isReady: true)).Succeeded);
        Assert.Contains(await CheckAsync(world, Rest), found => found.Invariant == "I6");
    }

    /// <summary>A way of dying that the node does not survive would be found by the plan, and shortened to what it needs.</summary>
    [Fact]
    public async Task APlanThatFailsIsShortenedToWhatItNeeds()
    {
        NodeAction rest = new(NodeActionKind.Rest, 0, 0, null, null);
        NodeAction wrong = rest with { Kind = NodeActionKind.Census, Fault = "no-such-fault" };
        NodePlan plan = new("igb", 3, [rest, rest with { Kind = NodeActionKind.Attach }, wrong, rest]);
        (NodeFailure? failure, IReadOnlyList<string> trace) = await NodeRun.ExecuteAsync(plan);
        Assert.Equal((2, "plan"), (failure!.Step, failure.Violation.Invariant));
        (NodeFailure Failure, NodePlan Plan, IReadOnlyList<string> Trace) least = await PlanShrinker.ShrinkAsync(plan, failure, trace);
        Assert.Equal([wrong], least.Plan.Actions);
        Assert.Equal(1, least.Plan.Vfs);
    }

    private static async Task<NodeWorld> AttachedAsync(NodeModel model)
    {
        NodeWorld world = NodeWorld.Create("mlx5", 2);
        foreach (string space in (string[])["blue", "green"])
            world.MakeNamespace(space);
        using NodeProcess process = world.Start().Value;
        NodeAttachment done = (await process.Node.AttachAsync(
            new AllocationRequest { Pool = world.Pf, Owner = new Owner { Name = "blue" } }, NodeHands.Order("blue", 1, 101))).Value;
        world.Started = done.Allocation.Id;
        model.Acknowledge(new ModelAllocation { Allocation = done.Allocation, Namespace = "blue", Vlan = 101 });
        return world;
    }

    private static NodeLedger Open(NodeWorld world) => NodeLedger.Open(world.Ledger, new Actor("watcher", null, null)).Value;

    private static Task<IReadOnlyList<LedgerVf>> RowsAsync(NodeWorld world)
    {
        using NodeLedger ledger = Open(world);
        return Task.FromResult(ledger.Read(view => view.Vfs()).Value);
    }

    private static async Task<IReadOnlyList<NodeViolation>> CheckAsync(NodeWorld world, NodeMoment moment)
    {
        using NodeLedger ledger = Open(world);
        return NodeInvariants.Check((await world.ReadAsync()).Value, ledger, CheckpointSigner.Open(world.Ledger).Value, moment).Value;
    }
}
