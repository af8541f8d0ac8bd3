using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Route;
using Vfleet.Simulation.Faults;

namespace Vfleet.Host.Tests.Drivers;

public sealed class UnitResetTests
{
    [Theory]
    [InlineData("igb", 7)]
    [InlineData("nvme", 127)]
    public async Task ManyVfsOnVfioAreResetThroughVfio(string profile, int count)
    {
        using HostMachine machine = await HostMachine.CreateAsync(profile, count, "vfio-pci");
        string[] names = [.. Enumerable.Range(0, count).Select(machine.Vf)];
        int seen = 0;
        IReadOnlyList<ResetResult> results = (await machine.Host.ResetAsync(names, false, false, done => seen = Math.Max(seen, done))).Value;
        Assert.Equal(count, seen);
        Assert.All(results, result => Assert.Equal((ResetWay.Vfio, true), (result.Way, result.Outcome.Succeeded)));
        Assert.All(results, result => Assert.True(machine.Simulated.Machine.ResetCount(result.Address) > 0));
        Assert.Equal(results.Select(result => result.Address).Order(), results.Select(result => result.Address));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("native")]
    public async Task OthersAreResetThroughSysfs(string driver)
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2, driver: driver);
        ResetResult result = Assert.Single((await machine.Host.ResetAsync([machine.Vf(1)], false, false)).Value);
        Assert.Equal((ResetWay.Sysfs, true), (result.Way, result.Outcome.Succeeded));
        Assert.Equal(1, machine.Simulated.Machine.ResetCount(result.Address));
        Assert.Equal(0, machine.Simulated.Machine.ResetCount((await machine.ReadVfAsync(0)).Address!.Value));
    }

    /// <summary>igbvf waits for ever in a reset while its interface is down.</summary>
    [Fact]
    public async Task AVfWhoseDriverIsNotStartedIsResetOffItAndGetsItsInterfaceBackAsItWas()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        await machine.ChangeLinkAsync((await machine.ReadVfAsync()).Link!.Name, new LinkChange { Name = "mine", Mtu = 1400 });
        await machine.AddAlternativeNamesAsync("mine", "also");
        string[] before = await machine.DescribeAsync();
        string path = (await machine.ReadVfAsync()).Address!.Value.SysfsPath;
        machine.Kernel.Watch();
        Assert.Null((await machine.Host.ResetAsync([machine.Vf(0)], false, false)).Value[0].Outcome.Fault);
        string[] writes = [.. machine.Kernel.Operations.Where(operation => operation.StartsWith("write ", StringComparison.Ordinal)
            && (operation.EndsWith("/unbind", StringComparison.Ordinal) || operation.EndsWith("/reset", StringComparison.Ordinal)))];
        Assert.Equal(2, writes.Length);
        Assert.EndsWith("/unbind", writes[0], StringComparison.Ordinal);
        Assert.Equal($"write {path}/reset", writes[1]);
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task AVfThatIsUpKeepsItsInterface()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        await machine.ChangeLinkAsync((await machine.ReadVfAsync()).Link!.Name, new LinkChange { Up = true });
        int index = (await machine.ReadVfAsync()).Link!.Index;
        Assert.Null((await machine.Host.ResetAsync([machine.Vf(0)], false, false)).Value[0].Outcome.Fault);
        Assert.Equal((index, true), ((await machine.ReadVfAsync()).Link!.Index, (await machine.ReadVfAsync()).Link!.IsUp));
    }

    [Fact]
    public async Task AVfThatIsDownInANamespaceIsNotResetEvenByForce()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        using (NetworkNamespace blue = machine.Simulated.OpenNamespace(HostMachine.Namespace).Value)
            await machine.ChangeLinkAsync((await machine.ReadVfAsync()).Link!.Name, new LinkChange { Namespace = blue });
        Refusal.Is(FaultKind.Refused, await machine.Host.ResetAsync([machine.Vf(0)], force: true, dryRun: false), "another namespace");
        Assert.Equal(0, machine.Simulated.Machine.ResetCount((await machine.ReadVfAsync()).Address!.Value));
    }

    [Fact]
    public async Task AVfNamedTwiceIsResetOnce()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1, driver: "none");
        Assert.Single((await machine.Host.ResetAsync([machine.Vf(0), "01:10.0"], false, false)).Value);
        Assert.Equal(1, machine.Simulated.Machine.ResetCount((await machine.ReadVfAsync()).Address!.Value));
    }

    [Fact]
    public async Task OneInUseKeepsAllFromBeingReset()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2, driver: "vfio-pci");
        using IDisposable held = machine.Simulated.Machine.HoldVfioGroup((await machine.ReadVfAsync(1)).IommuGroup!.Value).Value;
        Refusal.Is(FaultKind.Refused, await machine.Host.ResetAsync([machine.Vf(0), machine.Vf(1)], false, false), "0000:01:10.2", "VFIO");
        Assert.Equal(0, machine.Simulated.Machine.ResetCount((await machine.ReadVfAsync(0)).Address!.Value));
    }

    [Fact]
    public async Task OneThatFailsDoesNotStopTheOthers()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 3, driver: "none");
        machine.Simulated.Machine.Faults.Arm(new FaultInjection(SimulatedFault.ResetFailure) { Target = "0000:01:10.2" });
        IReadOnlyList<ResetResult> results = (await machine.Host.ResetAsync([machine.Vf(0), machine.Vf(1), machine.Vf(2)], false, false)).Value;
        Assert.Equal([true, false, true], results.Select(result => result.Outcome.Succeeded));
        Assert.Equal(Errno.ENOTTY, results[1].Outcome.Fault!.Errno);
    }

    [Fact]
    public async Task ADryRunResetsNothing()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1, driver: "none");
        _ = (await machine.Host.ResetAsync([machine.Vf(0)], false, dryRun: true)).Value;
        VirtualFunction vf = await machine.ReadVfAsync();
        Assert.Equal(0, machine.Simulated.Machine.ResetCount(vf.Address!.Value));
    }

    [Fact]
    public async Task AVfOfNoPciDeviceCannotBeReset()
    {
        using HostMachine machine = await HostMachine.CreateAsync("netdevsim", 1);
        Refusal.Is(FaultKind.Kernel, await machine.Host.ResetAsync([machine.Vf(0)], false, false), "no PCI device");
    }
}
