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

    /// <summary>From what the kernel tells to the ledger and to who gets a VF, and back once it is over.</summary>
    [Theory]
    [InlineData("correctable", HealthLevel.Degraded, "12 correctable PCIe errors within 300 s")]
    [InlineData("nonfatal", HealthLevel.Degraded, "1 nonfatal PCIe errors within 300 s")]
    [InlineData("fatal", HealthLevel.Failed, "1 fatal PCIe errors within 300 s")]
    [InlineData("spoofed", HealthLevel.Degraded, "3 spoofed packets within 300 s")]
    [InlineData("backwards", HealthLevel.Degraded, "spoofed packets went backwards once within 300 s")]
    [InlineData("reset", HealthLevel.Degraded, "correctable PCIe errors went backwards once within 300 s")]
    [InlineData("reporter", HealthLevel.Failed, "its PF enp24s0f0 failed: devlink's reporter fw_fatal is in state error")]
    public async Task WhatTheKernelTellsIsWrittenDownAndOverWhenItIs(string what, HealthLevel level, string evidence)
    {
        using NodeMachine machine = await NodeMachine.CreateAsync("i40e", vfs: 2);
        StandingTime time = new();
        _ = (await machine.Node.Census.TakeAsync()).Value;
        using LocalNode agent = machine.Start(options: machine.Options with { Time = time });
        Reconciler reconciler = new(agent);
        VirtualFunction ill = await machine.ReadAsync(machine.Vf(0)), well = await machine.ReadAsync(machine.Vf(1));
        Tell(correctable: 20, nonFatal: 0, fatal: 0, spoofed: 7);
        Assert.Empty((await reconciler.PassAsync()).Value.Health);

        Happen();
        time.Advance(TimeSpan.FromSeconds(5));
        IReadOnlyList<HealthChange> changes = (await reconciler.PassAsync()).Value.Health;
        Assert.Equal((level, evidence), (changes[0].To, changes[0].Evidence));
        // Of a PF that failed every VF is ill, of a VF no other one.
        string[] all = what == "reporter" ? [ill.Label, well.Label] : [ill.Label];
        Assert.Equal(all, changes.Select(change => change.Vf));
        Assert.Equal((level, evidence), (machine.Row(ill.Label).Health, machine.Row(ill.Label).HealthEvidence));
        Assert.Equal(level == HealthLevel.Failed ? 2 - all.Length : 2, await FreeAsync());

        machine.Kernel.Machine.SetHealthReporter(ill.Pf.Address!.Value, "fw_fatal", healthy: true, errors: 1);
        // Seen again and again until the window and the recovery are over.
        for (int passes = 0; passes < 33; passes++)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            _ = (await reconciler.PassAsync()).Value;
        }
        Assert.Equal((HealthLevel.Healthy, null), (machine.Row(ill.Label).Health, machine.Row(ill.Label).HealthEvidence));
        Assert.Equal(2, await FreeAsync());

        void Happen()
        {
            switch (what)
            {
                case "correctable": Tell(32, 0, 0, 7); break;
                case "nonfatal": Tell(20, 1, 0, 7); break;
                case "fatal": Tell(20, 0, 1, 7); break;
                case "spoofed": Tell(20, 0, 0, 10); break;
                case "backwards": Tell(20, 0, 0, 6); break;
                case "reset": Tell(0, 0, 0, 7); break;
                default: machine.Kernel.Machine.SetHealthReporter(ill.Pf.Address!.Value, "fw_fatal", healthy: false, errors: 1); break;
            }
        }

        void Tell(int correctable, int nonFatal, int fatal, ulong spoofed)
        {
            string folder = ill.Address!.Value.SysfsPath;
            machine.Kernel.Machine.SetFile($"{folder}/aer_dev_correctable", $"RxErr {correctable}\nTOTAL_ERR_COR {correctable}");
            machine.Kernel.Machine.SetFile($"{folder}/aer_dev_nonfatal", $"TLP {nonFatal}\nTOTAL_ERR_NONFATAL {nonFatal}");
            machine.Kernel.Machine.SetFile($"{folder}/aer_dev_fatal", $"TLP {fatal}\nTOTAL_ERR_FATAL {fatal}");
            machine.Kernel.Machine.SetDriverCounter(ill.Pf.Address!.Value, "vf_0_tx_spoofed", spoofed);
        }

        async Task<int> FreeAsync()
        {
            int count = 0;
            while ((await machine.Node.PlanAsync(machine.Request() with { Count = count + 1 })).Succeeded)
                count++;
            return count;
        }
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
