using Microsoft.Data.Sqlite;
using Vfleet.Linux;
using Vfleet.Node.Allocation;
using Vfleet.Node.Attach;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Node.Release;

namespace Vfleet.Node.Tests;

public sealed class UnitReclaimTests
{
    /// <summary>The VFs of a dead owner are destroyed by hand before anybody looked.</summary>
    [Fact]
    public async Task AVfThatVanishedUnderADeadOwnerKeepsNobodyFromTheOthers()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 2);
        NodeAttachment attached = (await machine.Node.AttachAsync(machine.RequestFor("blue"), NodeMachine.To("blue"))).Value;
        string gone = attached.Allocation.Vfs[0].Vf;
        PciAddress pf = (await machine.ReadAsync(gone)).Pf.Address!.Value;
        string count = $"/sys/bus/pci/devices/{pf}/sriov_numvfs";
        Assert.True(machine.Kernel.DeleteNamespace("blue").Succeeded);
        Assert.True(machine.Kernel.Files.WriteText(count, "0").Succeeded);
        ReclaimReport report = (await machine.Node.ReclaimAsync()).Value;
        Assert.Equal(FaultKind.NotFound, Assert.Single(report.Left).Kind);
        Fault none = (await machine.Node.AllocateAsync(machine.Request("green"))).Fault!;
        Assert.DoesNotContain(gone, none.Error, StringComparison.Ordinal);
        Assert.Equal("lost", machine.Node.Ledger.Read(view => view.Allocation(attached.Allocation.Id)).Value!.Reason);
        Assert.True(machine.Kernel.Files.WriteText(count, "2").Succeeded);
        Assert.Equal(2, (await machine.Node.AllocateAsync(machine.Request("green") with { Count = 2 })).Value.Vfs.Count);
    }

    /// <summary>One VF of an allocation is back and free; the other, whose return is stuck, is destroyed before anybody finishes it.</summary>
    [Fact]
    public async Task AnAllocationEndsWithTheLastOfItsVfsAlsoWhereThatIsDestroyed()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 2);
        LedgerAllocation held = (await machine.Node.AllocateAsync(machine.Request() with { Count = 2 })).Value;
        string stuck = held.Vfs[0].Vf, back = held.Vfs[1].Vf;
        _ = machine.Node.Ledger.Change(LedgerStep.Releasing, change =>
        {
            _ = change.Move(change.Vf(stuck)!, VfState.Releasing, "release").Value;
            return change.Move(change.Vf(back)!, VfState.Free, "release");
        }).Value;
        PciAddress pf = (await machine.ReadAsync(stuck)).Pf.Address!.Value;
        Assert.True(machine.Kernel.Files.WriteText($"/sys/bus/pci/devices/{pf}/sriov_numvfs", "0").Succeeded);
        _ = (await machine.Node.Census.TakeAsync()).Value;
        Assert.Equal("lost", machine.Node.Ledger.Read(view => view.Allocation(held.Id)).Value!.Reason);
        Assert.Empty(machine.Open());
    }

    /// <summary>
    /// While a pass asks about a dead workload, its runtime takes it down itself and starts it anew: what the front door would undo now is the new
    /// one's, such as its address.
    /// </summary>
    [Fact]
    public async Task WhatAFrontDoorDidIsUndoneOnlyForAnAllocationThatIsStillThere()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 2);
        LedgerAllocation before = (await machine.Node.AllocateAsync(Workload(machine))).Value;
        Door door = new();
        using LocalNode slow = machine.Start(doors: new FrontDoors(door));
        door.Asked = async () =>
        {
            _ = (await machine.Node.ReleaseAsync(before.Id)).Value;
            _ = (await machine.Node.AllocateAsync(Workload(machine))).Value;
        };
        ReclaimReport report = (await slow.ReclaimAsync()).Value;
        Assert.Empty(door.Undone);
        Assert.Empty(report.Unclear);
        Assert.NotEqual(before.Id, Assert.Single(machine.Open()).Id);
    }

    [Fact]
    public async Task AVfDoesNotWaitForWhatItsFrontDoorCannotUndoWhichIsTriedAgain()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        LedgerAllocation dead = (await machine.Node.AllocateAsync(Workload(machine))).Value;
        StandingTime time = new();
        Door door = new() { Refusal = Fault.TimedOut("the engine does not answer") };
        using LocalNode node = machine.Start(options: machine.Options with { Time = time }, doors: new FrontDoors(door));
        ReclaimReport report = (await node.ReclaimAsync()).Value;
        Assert.Contains("the engine does not answer", Assert.Single(report.Unclear), StringComparison.Ordinal);
        Assert.Equal(dead.Vfs[0].Vf, Assert.Single(report.Result.Free));
        Assert.Empty(machine.Open());
        Assert.Empty((await node.ReclaimAsync()).Value.Unclear);
        Assert.Equal([dead.Id], door.Undone);
        door.Defect = true;
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Contains("a defect", Assert.Single((await node.ReclaimAsync()).Value.Unclear), StringComparison.Ordinal);
        (door.Defect, door.Refusal) = (false, null);
        time.Advance(TimeSpan.FromMinutes(1));
        _ = (await node.ReclaimAsync()).Value;
        Assert.Equal(2, door.Undone.Count);
        time.Advance(TimeSpan.FromMinutes(1));
        _ = (await node.ReclaimAsync()).Value;
        Assert.Equal([dead.Id, dead.Id, dead.Id], door.Undone);
        Assert.Empty(machine.Node.Ledger.Read(view => view.MetaOf("undo/")).Value);
    }

    [Fact]
    public async Task WhatIsOwedIsDroppedWhenTheWorkloadStartsAgainAndNotUnderTheHandsOfWhoUndoesIt()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        AllocationRequest request = Workload(machine) with { RequestKey = "c1/net1" };
        _ = (await machine.Node.AllocateAsync(request)).Value;
        StandingTime time = new();
        Fault? meanwhile = null;
        Door door = new() { Refusal = Fault.TimedOut("the engine does not answer") };
        using LocalNode node = machine.Start(options: machine.Options with { Time = time }, doors: new FrontDoors(door));
        door.Undoing = async () => meanwhile = (await machine.Start(options: machine.Options with { Time = time }).AllocateAsync(request)).Fault;
        _ = (await node.ReclaimAsync()).Value;
        Assert.Contains("being given back", meanwhile?.Error, StringComparison.Ordinal);
        time.Advance(TimeSpan.FromMinutes(2));
        door.Undoing = null;
        door.Undone.Clear();
        using LocalNode other = machine.Start(options: machine.Options with { Time = time });
        Assert.True((await other.AllocateAsync(request)).Succeeded);
        Assert.Empty(other.Ledger.Read(view => view.MetaOf("undo/")).Value);
    }

    [Fact]
    public async Task AFrontDoorThatHangsCostsItsDeadlineAndNoMore()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 2);
        _ = (await machine.Node.AllocateAsync(Workload(machine))).Value;
        _ = (await machine.Node.AllocateAsync(Workload(machine))).Value;
        Door door = new() { Hangs = true };
        using LocalNode node = machine.Start(options: machine.Options with { Time = new HastyTime() }, doors: new FrontDoors(door));
        ReclaimReport report = (await node.ReclaimAsync().WaitAsync(TimeSpan.FromSeconds(30))).Value;
        Assert.Equal(2, door.Undone.Count);
        Assert.Equal(2, report.Unclear.Count);
        Assert.Equal(2, report.Result.Free.Count);
    }

    [Fact]
    public async Task WhoReleasesByHandHasTheFrontDoorsPartUndoneAndIsToldWhereThatFails()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        Door door = new() { Refusal = Fault.TimedOut("the engine does not answer") };
        LedgerAllocation held = (await machine.Node.AllocateAsync(Workload(machine))).Value;
        Actor person = machine.NewActor() with { FrontDoor = "hand" };
        using LocalNode node = LocalNode.Open(machine.Kernel, machine.Options, person, new FrontDoors(door)).Value;
        ReleaseResult released = (await node.ReleaseAsync(held.Id)).Value;
        Assert.Equal([held.Id], door.Undone);
        Assert.Contains("the engine does not answer", Assert.Single(released.Warnings), StringComparison.Ordinal);
        Assert.Single(released.Free);
    }

    /// <summary>The disk is full when the return is to be noted, and when giving up is; later there is room again.</summary>
    [Fact]
    public async Task WhatAProcessThatLivesCouldNotNoteIsFinishedByItsNextPass()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        bool fills = false;
        using LocalNode node = machine.Start(stepped: step =>
        {
            if (fills && step == $"before {LedgerStep.Scrubbing}")
                Execute(machine, "CREATE TRIGGER full BEFORE UPDATE ON vf BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END");
        });
        NodeAttachment attached = (await node.AttachAsync(machine.Request(), NodeMachine.To("blue"))).Value;
        fills = true;
        Assert.NotNull((await node.ReleaseAsync(attached.Allocation.Id)).Fault);
        fills = false;
        Execute(machine, "DROP TRIGGER full");
        LedgerVf row = machine.Row(attached.Allocation.Vfs[0].Vf);
        Assert.Equal((VfState.Releasing, node.Ledger.Actor.Process), (row.State, row.Worker));
        Assert.Single((await node.ReclaimAsync()).Value.Result.Free);
        Assert.Empty(machine.Open());
    }

    private static void Execute(NodeMachine machine, string sql)
    {
        using SqliteConnection connection = new($"Data Source={machine.Node.Ledger.Path};Pooling=false");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        _ = command.ExecuteNonQuery();
    }

    private static AllocationRequest Workload(NodeMachine machine) =>
        machine.Request() with { Owner = new Owner { Name = "c1", Kind = OwnerKind.Workload, Workload = "c1" } };

    /// <summary>A clock whose timers come a hundred times sooner.</summary>
    private sealed class HastyTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / 100 : dueTime, period);
    }

    /// <summary>A front door whose workloads are dead.</summary>
    private sealed class Door : IFrontDoor
    {
        public string Name => "cli";

        public Func<Task>? Asked { get; set; }

        public Func<Task>? Undoing { get; set; }

        public bool Hangs { get; init; }

        public bool Defect { get; set; }

        public Fault? Refusal { get; set; }

        public List<string> Undone { get; } = [];

        public async ValueTask<Outcome<Life>> IsAliveAsync(Owner owner, CancellationToken cancel)
        {
            if (Asked is { } asked)
            {
                Asked = null;
                await asked();
            }
            return Life.Dead("it was removed");
        }

        public async ValueTask<Outcome<Unit>> UndoAsync(FrontDoorUndo undo, CancellationToken cancel)
        {
            lock (Undone)
                Undone.Add(undo.Allocation);
            if (Undoing is { } undoing)
                await undoing();
            if (Defect)
                throw new InvalidOperationException("a defect");
            if (Hangs)
                await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            return Refusal is { } refused ? refused : Unit.Done;
        }
    }
}
