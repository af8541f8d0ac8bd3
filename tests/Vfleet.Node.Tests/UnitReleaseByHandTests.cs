using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Host.Usage;
using Vfleet.Linux;
using Vfleet.Node.Attach;
using Vfleet.Node.Census;
using Vfleet.Node.Ledger;
using Vfleet.Node.Release;
using Vfleet.Simulation.Faults;

namespace Vfleet.Node.Tests;

/// <summary>What people do by hand: release what is quarantined or held open, change free VFs, destroy VFs that somebody has.</summary>
public sealed class UnitReleaseByHandTests
{
    [Fact]
    public async Task AQuarantinedVfIsFreeOnceItCanBeCleaned()
    {
        using NodeMachine machine = await QuarantinedAsync();
        string vf = machine.Node.Ledger.Read(view => view.Vfs()).Value[0].Vf;
        ReleaseResult still = (await machine.Node.ReleaseAsync(vf)).Value;
        Assert.Equal(vf, Assert.Single(still.Quarantined).Vf);
        machine.Kernel.Machine.Faults.Clear(SimulatedFault.ResetFailure);
        Assert.Equal([vf], (await machine.Node.ReleaseAsync(machine.Vf(0))).Value.Free);
        Assert.Equal((VfState.Free, null), (machine.Row(vf).State, machine.Row(vf).Evidence));
        Assert.Equal(FaultKind.NotFound, (await machine.Node.ReleaseAsync(vf)).Fault?.Kind);
    }

    [Fact]
    public async Task ByForceAQuarantinedVfIsFreeAsItIsAndHistorySaysSo()
    {
        using NodeMachine machine = await QuarantinedAsync();
        string vf = machine.Node.Ledger.Read(view => view.Vfs()).Value[0].Vf;
        ReleasePlan plan = (await machine.Node.PlanReleaseAsync(vf, force: true)).Value;
        Assert.Equal([vf], (await machine.Node.ReleaseAsync(plan)).Value.Free);
        HistoryRow last = machine.Node.Ledger.Read(view => view.Recent(1, vf)).Value[0];
        Assert.Equal((VfState.Free, "free by force"), (last.To, last.Reason));
        Assert.Equal(FaultKind.Refused, (await machine.Node.ReleaseAsync(plan)).Fault?.Kind);
    }

    [Fact]
    public async Task AVfThatAProgramHoldsOpenIsNotTakenFromUnderItUnforced()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1, driver: "vfio-pci");
        LedgerAllocation held = (await machine.Node.AllocateAsync(machine.Request())).Value;
        using (IDisposable program =
            machine.Kernel.Machine.HoldVfioGroup((await machine.ReadAsync(held.Vfs[0].Vf)).IommuGroup!.Value).Value)
        {
            Fault refused = (await machine.Node.PlanReleaseAsync(held.Id, force: false)).Fault!;
            Assert.Equal(FaultKind.Refused, refused.Kind);
            Assert.True((await machine.Node.PlanReleaseAsync(held.Id, force: true)).Value.IsForced);
        }
        Assert.Equal([held.Vfs[0].Vf], (await machine.Node.PlanReleaseAsync(held.Id, force: false)).Value.Vfs);
    }

    [Fact]
    public async Task AVfThatIsHeldIsInUseForWhoeverDidNotReserveIt()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 2);
        LedgerAllocation held = (await machine.Node.AllocateAsync(machine.Request() with { Vf = machine.Vf(0) })).Value;
        VirtualFunction[] both = [await machine.ReadAsync(machine.Vf(0)), await machine.ReadAsync(machine.Vf(1))];
        VfInUse used = Assert.Single((await new VfUsage(machine.Kernel, machine.Node.Host.Options).FindAsync(both)).Value);
        Assert.Equal(held.Vfs[0].Vf, used.Vf.Label);
        Assert.Contains($"reserved for blue ({held.Id})", used.Reason, StringComparison.Ordinal);
        Assert.Equal(FaultKind.Refused,
            (await machine.Node.Host.BindAsync(machine.Vf(0), "vfio-pci", force: false, dryRun: false)).Fault?.Kind);
    }

    [Fact]
    public async Task APlanHoldsAndWritesNothing()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 2);
        string vf = Assert.Single((await machine.Node.PlanAsync(machine.Request())).Value).Vf.Label;
        Assert.Empty(machine.Node.Ledger.Read(view => view.History()).Value);
        Assert.Equal(vf, (await machine.Node.AllocateAsync(machine.Request())).Value.Vfs[0].Vf);
        Assert.Equal(FaultKind.Refused, (await machine.Node.PlanAsync(machine.Request() with { Count = 2 })).Fault?.Kind);
    }

    [Fact]
    public async Task ThePastOfAVfThatWasDestroyedIsNotItsSuccessors()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 2);
        NodeAttachment attached = (await machine.Node.AttachAsync(
            machine.Request() with { Vf = machine.Vf(0) }, NodeMachine.To("blue") with { Settings = new VfSettings { Vlan = 9 } })).Value;
        Host.Create.CreatePlan plan = (await machine.Node.Host.Creator.PlanAsync(machine.Pf, 1, "vfio-pci", force: true)).Value;
        _ = (await machine.Node.Host.Creator.ApplyAsync(plan, force: true)).Value;
        NodeReading now = (await machine.Node.Census.TakeAsync()).Value;
        LedgerVf row = Assert.Single(now.Vfs.Values);
        Assert.Equal((VfState.Free, "vfio-pci", null), (row.State, row.Clean?.Driver, row.Record));
        Assert.Equal("lost", machine.Node.Ledger.Read(view => view.Allocation(attached.Allocation.Id)).Value!.Reason);
    }

    [Fact]
    public async Task TheCleanStateFollowsWhatIsDoneToAFreeVfOnly()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 2);
        _ = (await machine.Node.AllocateAsync(machine.Request() with { Vf = machine.Vf(1) })).Value;
        foreach (int index in (int[])[0, 1])
            _ = (await machine.Node.Host.SetAsync(machine.Vf(index), new VfSettings { Vlan = 5 }, force: true, dryRun: false)).Value;
        VirtualFunction[] vfs = [await machine.ReadAsync(machine.Vf(0)), await machine.ReadAsync(machine.Vf(1))];
        Assert.Equal((5, 0), (machine.Row(vfs[0].Label).Clean!.Vlan, machine.Row(vfs[1].Label).Clean!.Vlan));
    }

    private static async Task<NodeMachine> QuarantinedAsync()
    {
        NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1, driver: "vfio-pci");
        LedgerAllocation allocation = (await machine.Node.AllocateAsync(machine.Request())).Value;
        Assert.True(machine.Kernel.Machine.Faults.Arm("reset-failure").Succeeded);
        Assert.Single((await machine.Node.ReleaseAsync(allocation.Id)).Value.Quarantined);
        return machine;
    }
}
