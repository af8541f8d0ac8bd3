using Vfleet.Host.Drivers;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Node.Attach;
using Vfleet.Node.Health;
using Vfleet.Node.Ledger;
using Vfleet.Node.Reconcile;

namespace Vfleet.Node.Tests.Health;

/// <summary>What the judgement of VFs makes of the ledger, over several passes and processes.</summary>
public sealed class UnitHealthKeeperTests
{
    [Fact]
    public async Task AVfThatIsWithoutDriverOnPurposeIsNotIll()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        Reconciler reconciler = new(machine.Node);
        Assert.True((await reconciler.PassAsync()).Value.IsQuiet);
        VirtualFunction vf = (await machine.Node.Host.BindAsync(machine.Vf(0), NativeDriver.None, force: false, dryRun: false)).Value;
        Assert.True((await reconciler.PassAsync()).Value.IsQuiet);
        Assert.Equal(HealthLevel.Healthy, machine.Row(vf.Label).Health);
    }

    [Fact]
    public async Task AVfThatWasPutRightInThePassIsNotIllAndOneThatCannotBeIs()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        NodeAttachment attached = (await machine.Node.AttachAsync(machine.RequestFor("blue"), NodeMachine.To("blue"))).Value;
        string vf = attached.Allocation.Vfs[0].Vf;
        Reconciler reconciler = new(machine.Node);
        Assert.True((await reconciler.PassAsync()).Value.IsQuiet);
        Assert.True(machine.Kernel.Files.WriteText("/sys/bus/pci/drivers/igbvf/unbind", vf).Succeeded);
        Assert.Empty((await reconciler.PassAsync()).Value.Health);

        Assert.True(machine.Kernel.Files.WriteText("/sys/bus/pci/drivers/igbvf/unbind", vf).Succeeded);
        Assert.True(machine.Kernel.Machine.Faults.Arm("busy").Succeeded);
        // A watcher that has just begun knows from the ledger that there has to be a driver.
        HealthChange ill = Assert.Single((await new Reconciler(machine.Node).PassAsync()).Value.Health);
        Assert.Equal((vf, HealthLevel.Failed), (ill.Vf, ill.To));
    }

    /// <summary>Each pass is made by a process of its own, as without an agent.</summary>
    [Theory]
    [InlineData(10, HealthLevel.Failed)]
    [InlineData(320, HealthLevel.Failed)]
    [InlineData(340, HealthLevel.Healthy)]
    public async Task AVfThatFailedReturnsToItsPoolThoughNobodyWatchesForLong(int secondsAgo, HealthLevel after)
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        _ = (await machine.Node.Census.TakeAsync()).Value;
        string vf = (await machine.ReadAsync(machine.Vf(0))).Label;
        _ = machine.Node.Ledger.Change(LedgerStep.Repair, change =>
        {
            change.SetHealth(change.Vf(vf)!, HealthLevel.Failed, "fatal PCIe errors");
            change.Connection.Run("UPDATE vf SET health_at = health_at - $1", secondsAgo * 1000L);
        }).Value;
        machine.Restart();
        _ = (await new Reconciler(machine.Node).PassAsync()).Value;
        Assert.Equal(after, machine.Row(vf).Health);
    }

    [Fact]
    public async Task AVfThatComesAnewHasNothingOfTheOneBefore()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        NodeAttachment attached = (await machine.Node.AttachAsync(machine.Request(), NodeMachine.To("blue"))).Value;
        string vf = attached.Allocation.Vfs[0].Vf;
        _ = machine.Node.Ledger.Change(LedgerStep.Repair, change =>
        {
            change.SetHealth(change.Vf(vf)!, HealthLevel.Failed, "fatal PCIe errors");
            change.SetTuning(vf, new Host.Tuning.TuningBaseline { Vf = vf });
        }).Value;
        PciAddress pf = (await machine.ReadAsync(vf)).Pf.Address!.Value;
        foreach (string count in (string[])["0", "1"])
        {
            Assert.True(machine.Kernel.Files.WriteText($"/sys/bus/pci/devices/{pf}/sriov_numvfs", count).Succeeded);
            _ = (await machine.Node.Census.TakeAsync()).Value;
        }
        LedgerVf row = machine.Row(vf);
        Assert.Equal((VfState.Free, HealthLevel.Healthy, null, null), (row.State, row.Health, row.HealthEvidence, row.Tuning));
    }
}
