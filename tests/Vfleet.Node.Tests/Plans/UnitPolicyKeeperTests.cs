using Vfleet.Host.Inventory;
using Vfleet.Node.Attach;
using Vfleet.Node.Ledger;
using Vfleet.Node.Plans;
using Vfleet.Node.Reconcile;

namespace Vfleet.Node.Tests.Plans;

/// <summary>What documents say is made so again, where that destroys nothing; the rest is said once.</summary>
public sealed class UnitPolicyKeeperTests
{
    [Fact]
    public async Task AfterABootTheVfsAreThereAgainAndTheLedgerTellsWhoLostOne()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync("ice");
        string documents = machine.Policy("fast", 4, "deviceType: vfio-pci", "#2-3") + "---\n" + machine.Policy("slow", 4, range: "#0-1");
        _ = (await machine.ApplyAsync(documents)).Value;
        NodeMachine node = machine.Machine;
        NodeAttachment named = (await machine.Node.AttachAsync(node.Request("shop", "slow"), NodeMachine.To("blue"))).Value;
        LedgerAllocation held = (await machine.Node.AllocateAsync(node.Request("dpdk", "fast"))).Value;
        node.Kernel.Machine.Reboot();
        Assert.Equal(0, await CountAsync(node));

        Reconciler reconciler = new(machine.Node);
        PassReport report = (await reconciler.PassAsync()).Value;
        Assert.Equal([node.Pf], report.Policies!.Applied);
        Assert.Empty(report.Policies.Left);
        string[] drivers = [.. (await machine.Node.Host.ListVfsAsync(node.Pf)).Value.Select(vf => vf.Driver ?? "none")];
        Assert.Equal(["iavf", "iavf", "vfio-pci", "vfio-pci"], drivers);
        foreach (LedgerAllocation lost in (LedgerAllocation[])[named.Allocation, held])
        {
            LedgerAllocation ended = machine.Node.Ledger.Read(view => view.Allocation(lost.Id)).Value!;
            Assert.Equal("lost", ended.Reason);
            Assert.Contains(machine.Node.Ledger.Read(view => view.History(vf: lost.Vfs[0].Vf)).Value,
                row => row.To == VfState.Lost && row.Owner == lost.Owner.Name);
        }
        Assert.All(machine.Node.Ledger.Read(view => view.Vfs()).Value, row => Assert.True(row.IsAvailable, row.ToString()));
        PassReport second = (await reconciler.PassAsync()).Value;
        Assert.True(second.IsQuiet, string.Join("; ", second.Drifts.SelectMany(each => each.Differences)));
    }

    [Fact]
    public async Task AfterAResetOfTheNicItsVfsAreMadeAgainAndAnIdlePassDoesNotPlan()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync();
        _ = (await machine.ApplyAsync(machine.Policy("fast", 2))).Value;
        Reconciler reconciler = new(machine.Node);
        Assert.Empty((await reconciler.PassAsync()).Value.Policies!.Applied);
        await SetCountAsync(machine.Machine, 0);
        Assert.Equal([machine.Machine.Pf], (await reconciler.PassAsync()).Value.Policies!.Applied);
        Assert.Equal(2, await CountAsync(machine.Machine));
        Assert.Empty((await reconciler.PassAsync()).Value.Policies!.Applied);

        // A plan asks devlink for every PF's mode: an idle pass does not.
        long rows = machine.Node.Ledger.Read(view => view.Head().Sequence).Value;
        string file = Path.Combine(machine.Machine.Options.StateDirectory, "locks", "apply.lock");
        File.Delete(file);
        Assert.True((await reconciler.PassAsync()).Value.IsQuiet);
        Assert.False(File.Exists(file));
        Assert.Equal(rows, machine.Node.Ledger.Read(view => view.Head().Sequence).Value);
    }

    [Fact]
    public async Task APfThatComesLaterGetsItsVfsWithoutARestart()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync();
        PhysicalFunction[] pfs = [.. (await machine.Node.Host.Inventory.ListPfsAsync()).Value];
        machine.Machine.Kernel.Machine.Unplug(pfs[1].Address!.Value);
        _ = (await machine.ApplyAsync(PolicyMachine.Policy("late", pfs[1].Label, 3))).Value;
        Reconciler reconciler = new(machine.Node);
        Assert.Empty((await reconciler.PassAsync()).Value.Policies!.Applied);
        machine.Machine.Kernel.Machine.Plug(pfs[1].Address!.Value);
        Assert.Equal([pfs[1].Label], (await reconciler.PassAsync()).Value.Policies!.Applied);
        Assert.Equal(3, (await machine.Node.Host.ListVfsAsync(pfs[1].Label)).Value.Count);
        Assert.Equal("late", machine.Node.Ledger.Read(view => view.Vfs()).Value[^1].Pool);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhatWouldDestroyVfsIsLeftAndSaidOnceByWhateverProcess(bool isHeld)
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync();
        _ = (await machine.ApplyAsync(machine.Policy("fast", 4))).Value;
        await SetCountAsync(machine.Machine, 2);
        if (isHeld)
            _ = (await machine.Node.AllocateAsync(machine.Machine.Request("shop", "fast"))).Value;
        Reconciler reconciler = new(machine.Node);
        for (int pass = 0; pass < 3; pass++)
        {
            PassReport report = (await reconciler.PassAsync()).Value;
            Assert.Empty(report.Policies!.Applied);
            Assert.Contains("would destroy", Assert.Single(report.Policies.Left), StringComparison.Ordinal);
        }
        machine.Machine.Restart();
        Assert.Single((await new Reconciler(machine.Node).PassAsync()).Value.Policies!.Left);
        Assert.Equal(2, await CountAsync(machine.Machine));
        Assert.Single(machine.Node.Ledger.Read(view => view.History()).Value, row => row.Reason == "policy");

        await SetCountAsync(machine.Machine, 4);
        Assert.Empty((await new Reconciler(machine.Node).PassAsync()).Value.Policies!.Left);
    }

    [Fact]
    public async Task APfUnderMaintenanceIsLeftUntilItEnds()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync();
        _ = (await machine.ApplyAsync(machine.Policy("fast", 2))).Value;
        Reconciler reconciler = new(machine.Node);
        _ = Maintenance.Start(machine.Node.Ledger, null, "new firmware", DateTimeOffset.UnixEpoch).Value;
        await SetCountAsync(machine.Machine, 0);
        Assert.Contains("under maintenance", Assert.Single((await reconciler.PassAsync()).Value.Policies!.Left), StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync(machine.Machine));
        _ = Maintenance.End(machine.Node.Ledger, null).Value;
        Assert.Single((await reconciler.PassAsync()).Value.Policies!.Applied);
    }

    [Fact]
    public async Task WhatFailsIsPutBackAndNotTriedEachPass()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync();
        _ = (await machine.ApplyAsync(machine.Policy("fast", 2))).Value;
        await SetCountAsync(machine.Machine, 0);
        Reconciler reconciler = new(machine.Node);
        _ = machine.Machine.Kernel.Machine.Faults.Arm("msix-exhausted").Value;
        string left = Assert.Single((await reconciler.PassAsync()).Value.Policies!.Left);
        Assert.Contains("is not as documents say", left, StringComparison.Ordinal);
        machine.Machine.Kernel.Machine.Faults.ClearAll();
        Assert.Single((await reconciler.PassAsync()).Value.Policies!.Left);
        Assert.Equal(0, await CountAsync(machine.Machine));
        Assert.Single((await new Reconciler(machine.Node).PassAsync()).Value.Policies!.Applied);
    }

    [Fact]
    public async Task WhatFailedIsTriedAgainAMinuteAfterItFailedLast()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync();
        _ = (await machine.ApplyAsync(machine.Policy("fast", 2))).Value;
        await SetCountAsync(machine.Machine, 0);
        StandingTime time = new();
        using LocalNode agent = machine.Machine.Start(options: machine.Machine.Options with { Time = time });
        Reconciler reconciler = new(agent);
        _ = machine.Machine.Kernel.Machine.Faults.Arm("msix-exhausted").Value;
        await ExpectAsync(0, isTried: true);
        await ExpectAsync(59, isTried: false);
        await ExpectAsync(1, isTried: true);
        machine.Machine.Kernel.Machine.Faults.ClearAll();
        await ExpectAsync(59, isTried: false);
        Assert.Equal(0, await CountAsync(machine.Machine));
        time.Advance(TimeSpan.FromSeconds(1));
        PolicyReport made = (await reconciler.PassAsync()).Value.Policies!;
        Assert.Equal((machine.Machine.Pf, 0, 2), (Assert.Single(made.Applied), made.Left.Count, await CountAsync(machine.Machine)));
        Assert.Contains(machine.Node.Ledger.Read(view => view.History()).Value, row => row.Detail == "nothing is left any more");

        async Task ExpectAsync(int seconds, bool isTried)
        {
            time.Advance(TimeSpan.FromSeconds(seconds));
            long rows = machine.Node.Ledger.Read(view => view.Head().Sequence).Value;
            PolicyReport report = (await reconciler.PassAsync()).Value.Policies!;
            Assert.Empty(report.Applied);
            Assert.Contains("is not as documents say", Assert.Single(report.Left), StringComparison.Ordinal);
            // What is tried is written down, and so is that it was put back.
            Assert.Equal(isTried, machine.Node.Ledger.Read(view => view.Head().Sequence).Value > rows);
        }
    }

    [Fact]
    public async Task WhileSomebodyAppliesNothingIsDone()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync();
        _ = (await machine.ApplyAsync(machine.Policy("fast", 2))).Value;
        await SetCountAsync(machine.Machine, 0);
        Reconciler reconciler = new(machine.Node);
        using (FileStream held = (await ApplyLock.TakeAsync(machine.Machine.Options, default)).Value)
            Assert.Empty((await reconciler.PassAsync()).Value.Policies!.Applied);
        Assert.Single((await reconciler.PassAsync()).Value.Policies!.Applied);
    }

    private static async Task<int> CountAsync(NodeMachine machine) => (await machine.Node.Host.ListVfsAsync(machine.Pf)).Value.Count;

    /// <summary>As a reset of the NIC leaves it, or somebody by hand.</summary>
    private static async Task SetCountAsync(NodeMachine machine, int count)
    {
        string file = $"{(await machine.Node.Host.FindPfAsync(machine.Pf)).Value.Address!.Value.SysfsPath}/sriov_numvfs";
        _ = machine.Kernel.Files.WriteText(file, "0").Value;
        if (count > 0)
            _ = machine.Kernel.Files.WriteText(file, $"{count}").Value;
    }
}
