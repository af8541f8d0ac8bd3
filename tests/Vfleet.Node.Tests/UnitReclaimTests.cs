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
    public async Task VfsAreClaimedBeforeAFrontDoorUndoesItsPartAndKeptUntilItDid()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        LedgerAllocation dead = (await machine.Node.AllocateAsync(Workload(machine))).Value;
        string vf = dead.Vfs[0].Vf;
        Door door = new() { Refusal = Fault.TimedOut("the engine does not answer") };
        using LocalNode node = machine.Start(doors: new FrontDoors(door));
        door.Undoing = () => Assert.Equal((VfState.Releasing, node.Ledger.Actor.Process), (machine.Row(vf).State, machine.Row(vf).Worker));
        ReclaimReport report = (await node.ReclaimAsync()).Value;
        Assert.Contains("the engine does not answer", Assert.Single(report.Unclear), StringComparison.Ordinal);
        Assert.Empty(report.Orders);
        Assert.Equal((VfState.Releasing, null), (machine.Row(vf).State, machine.Row(vf).Worker));
        door.Refusal = null;
        report = (await node.ReclaimAsync()).Value;
        Assert.Equal([dead.Id, dead.Id], door.Undone);
        Assert.Equal(vf, Assert.Single(report.Result.Free));
        Assert.Empty(machine.Open());
    }

    private static AllocationRequest Workload(NodeMachine machine) =>
        machine.Request() with { Owner = new Owner { Name = "c1", Kind = OwnerKind.Workload, Workload = "c1" } };

    /// <summary>A front door whose workloads are dead.</summary>
    private sealed class Door : IFrontDoor
    {
        public string Name => "cli";

        public Func<Task>? Asked { get; set; }

        public Action? Undoing { get; set; }

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

        public ValueTask<Outcome<Unit>> UndoAsync(FrontDoorUndo undo, CancellationToken cancel)
        {
            Undone.Add(undo.Allocation);
            Undoing?.Invoke();
            return new(Refusal is { } refused ? refused : Unit.Done);
        }
    }
}
