using Vfleet.Linux;
using Vfleet.Node.Attach;
using Vfleet.Node.Ledger;
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
}
