using Vfleet.Host.Create;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Simulation;
using Vfleet.Simulation.Faults;

namespace Vfleet.Host.Tests.Create;

public sealed class UnitCreateTests
{
    [Theory]
    [InlineData("igb", "igbvf")]
    [InlineData("ixgbe", "ixgbevf")]
    [InlineData("i40e", "iavf")]
    [InlineData("ice", "iavf")]
    [InlineData("mlx5", "mlx5_core")]
    public async Task NewVfsHaveTheNativeDriverAndAnInterface(string profile, string driver)
    {
        using HostMachine machine = await HostMachine.CreateAsync(profile);
        IReadOnlyList<VirtualFunction> vfs = (await machine.CountAsync(7)).Value;
        Assert.Equal(7, vfs.Count);
        Assert.All(vfs, vf => Assert.Equal(driver, vf.Driver));
        Assert.All(vfs, vf => Assert.NotNull(vf.Link));
        Assert.Equal(Enumerable.Range(0, 7), vfs.Select(vf => vf.Index));
    }

    [Theory]
    [InlineData("igb", 7)]
    [InlineData("nvme", 127)]
    public async Task NewVfsOnVfioHaveDeviceNodesAndWereNeverOfferedToTheNativeDriver(string profile, int count)
    {
        using HostMachine machine = await HostMachine.CreateAsync(profile);
        IReadOnlyList<VirtualFunction> vfs = (await machine.CountAsync(count, "vfio-pci")).Value;
        Assert.Equal(count, vfs.Count);
        Assert.All(vfs, vf => Assert.Equal($"/dev/vfio/{vf.IommuGroup}", vf.VfioDevice));
        Assert.All(vfs, vf => Assert.Equal(0, machine.Simulated.Machine.NativeProbeCount(vf.Address!.Value)));
    }

    [Fact]
    public async Task NewVfsWithoutADriverStayUnbound()
    {
        using HostMachine machine = await HostMachine.CreateAsync();
        IReadOnlyList<VirtualFunction> vfs = (await machine.CountAsync(3, "none")).Value;
        Assert.All(vfs, vf => Assert.Null(vf.Driver));
        Assert.All(vfs, vf => Assert.Equal(0, machine.Simulated.Machine.NativeProbeCount(vf.Address!.Value)));
    }

    [Fact]
    public async Task NativeVfsAreProbedOnce()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 7);
        for (int index = 0; index < 7; index++)
            Assert.Equal(1, machine.Simulated.Machine.NativeProbeCount((await machine.ReadVfAsync(index)).Address!.Value));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("0")]
    public async Task AutoprobeIsAfterwardsWhatItWasBefore(string before)
    {
        using HostMachine machine = await HostMachine.CreateAsync();
        _ = machine.Simulated.Files.WriteText($"{machine.PfPath}/sriov_drivers_autoprobe", before).Value;
        _ = (await machine.CountAsync(2)).Value;
        Assert.Equal(before, machine.Simulated.Files.ReadText($"{machine.PfPath}/sriov_drivers_autoprobe").Value);
    }

    [Theory]
    [InlineData(SimulatedFault.MsixExhausted, Errno.ENOSPC)]
    [InlineData(SimulatedFault.OutOfMemory, Errno.ENOMEM)]
    [InlineData(SimulatedFault.Busy, Errno.EBUSY)]
    public async Task AutoprobeIsRestoredWhenTheKernelRefusesTheCount(SimulatedFault fault, Errno errno)
    {
        using HostMachine machine = await HostMachine.CreateAsync();
        string[] before = await machine.DescribeAsync();
        machine.Simulated.Machine.Faults.Arm(new FaultInjection(fault) { Target = Path.GetFileName(machine.PfPath), Count = 1 });
        Assert.Equal(errno, Refusal.Is(FaultKind.Kernel, await machine.CountAsync(4)).Errno);
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task AutoprobeIsRestoredWhenADriverDoesNotTakeAVf()
    {
        using HostMachine machine = await HostMachine.CreateAsync();
        machine.Simulated.Machine.Faults.Arm(new FaultInjection(SimulatedFault.MsixExhausted) { Target = "0000:01:10.4" });
        Refusal.Is(FaultKind.Kernel, await machine.CountAsync(4), "0000:01:10.4");
        Assert.True((await machine.ReadPfAsync()).Autoprobe);
    }

    [Fact]
    public async Task AutoprobeIsRestoredWhenTheCallerGivesUp()
    {
        using HostMachine machine = await HostMachine.CreateAsync();
        using CancellationTokenSource cancel = new();
        CreatePlan plan = (await machine.Host.Creator.PlanAsync(machine.Pf, 4, null, force: false)).Value;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => machine.Host.Creator.ApplyAsync(plan, false, step =>
        {
            if (step.Stage == "bind")
                cancel.Cancel();
        }, cancel: cancel.Token));
        Assert.True((await machine.ReadPfAsync()).Autoprobe);
    }

    [Fact]
    public async Task ACountIsChangedByWayOfZero()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 7);
        machine.Kernel.Watch();
        Assert.Equal(3, (await machine.CountAsync(3)).Value.Count);
        Assert.Equal(2, machine.Kernel.Operations.Count(operation => operation.EndsWith("write " + machine.PfPath + "/sriov_numvfs", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ThePlanListsWhatItDestroysAndItsSteps()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 4);
        CreatePlan plan = (await machine.Host.Creator.PlanAsync(machine.Pf, 7, "vfio-pci", force: false)).Value;
        Assert.Equal((4, 7), (plan.From, plan.To));
        Assert.Equal(["0000:01:10.0", "0000:01:10.2", "0000:01:10.4", "0000:01:10.6"], plan.Destroys.Select(vf => vf.Label));
        Assert.Equal(
        [
            $"echo 0 > {machine.PfPath}/sriov_drivers_autoprobe", $"echo 0 > {machine.PfPath}/sriov_numvfs", $"echo 7 > {machine.PfPath}/sriov_numvfs",
            "bind 7 VFs to vfio-pci", $"echo 1 > {machine.PfPath}/sriov_drivers_autoprobe",
        ], plan.Steps);
        Assert.Contains("lose their settings", Assert.Single(plan.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PlanningChangesNothing()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 4);
        machine.Kernel.Watch();
        _ = (await machine.Host.Creator.PlanAsync(machine.Pf, 7, null, force: false)).Value;
        Assert.DoesNotContain(machine.Kernel.Operations, operation => operation.StartsWith("write ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TheSameCountAgainDoesNothing()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 4);
        machine.Kernel.Watch();
        Assert.Equal(4, (await machine.CountAsync(4)).Value.Count);
        Assert.DoesNotContain(machine.Kernel.Operations, operation => operation.StartsWith("write ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ThePfIsBroughtUpForNativeVfsSoThatTheyHaveACarrier()
    {
        using HostMachine machine = await HostMachine.CreateAsync(options: new SimulationOptions());
        Assert.False((await machine.ReadPfAsync()).IsUp);
        _ = (await machine.CountAsync(1)).Value;
        Assert.True((await machine.ReadPfAsync()).IsUp);
        string vf = (await machine.ReadVfAsync()).Link!.Name;
        await machine.ChangeLinkAsync(vf, new Linux.Route.LinkChange { Up = true });
        Assert.True((await machine.ReadVfAsync()).Link!.HasCarrier);
    }

    [Fact]
    public async Task ThePfIsLeftDownForVfsOnVfio()
    {
        using HostMachine machine = await HostMachine.CreateAsync(options: new SimulationOptions());
        _ = (await machine.CountAsync(1, "vfio-pci")).Value;
        Assert.False((await machine.ReadPfAsync()).IsUp);
    }

    [Fact]
    public async Task ACableThatIsOutDelaysCreationToItsDeadlineAndNoLonger()
    {
        using HostMachine machine = await HostMachine.CreateAsync();
        machine.Simulated.Machine.SetCable((await machine.ReadPfAsync()).Address!.Value, plugged: false);
        Assert.Equal(2, (await machine.CountAsync(2)).Value.Count);
    }

    [Fact]
    public async Task ZeroRemovesEveryVf()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 7);
        Assert.Empty((await machine.CountAsync(0)).Value);
        Assert.Equal(0, (await machine.ReadPfAsync()).NumVfs);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(8)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public async Task ACountOutOfRangeIsAUsageErrorAndChangesNothing(int count)
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        string[] before = await machine.DescribeAsync();
        Refusal.Is(FaultKind.Usage, await machine.CountAsync(count));
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("../../etc")]
    [InlineData("")]
    public async Task AnUnknownDriverIsAUsageErrorAndChangesNothing(string driver)
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        string[] before = await machine.DescribeAsync();
        Refusal.Is(FaultKind.Usage, await machine.CountAsync(4, driver));
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task AVfDriverWhoseModuleIsMissingIsNamedAndNothingIsDestroyed()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2, driver: "none", options: new SimulationOptions { LinksUp = true, Modules = [] });
        string[] before = await machine.DescribeAsync();
        machine.Simulated.Machine.Faults.Arm(new FaultInjection(SimulatedFault.DriverMissing) { Target = "vfio-pci" });
        Assert.Contains("vfio-pci", (await machine.CountAsync(4, "vfio-pci")).Fault!.Error, StringComparison.Ordinal);
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task NetdevsimTakesAnyCountToItsLimit()
    {
        using HostMachine machine = await HostMachine.CreateAsync("netdevsim", options: new SimulationOptions { TotalVfs = 2000, LinksUp = true });
        Assert.Equal(2000, (await machine.CountAsync(2000)).Value.Count);
        Assert.Equal(222, (await machine.CountAsync(222)).Value.Count);
        Assert.Equal(222, (await machine.ReadPfAsync()).VfSettings.Count);
        Refusal.Is(FaultKind.Usage, await machine.CountAsync(2001), "2000");
    }

    [Fact]
    public async Task VfsBeyondTheBusAreFoundAtTheirAddresses()
    {
        using HostMachine machine = await HostMachine.CreateAsync("ice");
        IReadOnlyList<VirtualFunction> vfs = (await machine.CountAsync(256, "none")).Value;
        Assert.Equal(256, vfs.Count);
        Assert.Equal("0000:3c:00.7", vfs[255].Label);
        Assert.Equal(256, vfs.Count(vf => vf.Settings is not null));
    }
}
