using Vfleet.Host.Attach;
using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Tests.Attach;

/// <summary>A VF comes back exactly as it was before the first change, however the workload ended.</summary>
public sealed class UnitDetachTests
{
    private static readonly VfSettings Wanted = new() { Mac = new MacAddress(0x02_00_00_00_00_01), Vlan = 100, VlanQos = 3, SpoofCheck = false, Trust = true };

    public static TheoryData<string> Nics() => new("igb", "ixgbe", "i40e", "ice", "mlx5");

    [Theory]
    [MemberData(nameof(Nics))]
    public async Task NameAltNamesMacMtuSettingsAndUpAreAsBefore(string profile)
    {
        using HostMachine machine = await PreparedAsync(profile);
        string[] before = await machine.DescribeAsync();
        _ = (await machine.Host.Attacher.AttachAsync(machine.Request(settings: Wanted) with { Mtu = 1300 })).Value;
        DetachResult result = (await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Value;
        Assert.False(result.NamespaceWasGone);
        Assert.Empty(result.Warnings);
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Theory]
    [MemberData(nameof(Nics))]
    public async Task TheSameWhenTheNamespaceIsGone(string profile)
    {
        using HostMachine machine = await PreparedAsync(profile);
        string[] before = await machine.DescribeAsync();
        _ = (await machine.Host.Attacher.AttachAsync(machine.Request(settings: Wanted) with { Mtu = 1300 })).Value;
        _ = machine.Simulated.DeleteNamespace("blue").Value;
        DetachResult result = (await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Value;
        Assert.True(result.NamespaceWasGone);
        machine.Simulated.CreateNamespace("blue").Value.Dispose();
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task WhatTheWorkloadDidToTheInterfaceIsUndone()
    {
        using HostMachine machine = await PreparedAsync("igb");
        string[] before = await machine.DescribeAsync();
        _ = (await machine.AttachAsync()).Value;
        using (NetworkNamespace within = machine.Simulated.OpenNamespace(HostMachine.Namespace).Value)
        using (RouteClient route = RouteClient.Open(machine.Simulated, within).Value)
        {
            int index = (await route.GetLinkAsync("eth0")).Value.Index;
            _ = (await route.ChangeLinkAsync(index, "eth0", new LinkChange { Up = false, Mtu = 900, Name = "renamed", Mac = new MacAddress(0x02_00_00_00_00_77) })).Value;
            _ = (await route.ChangeAlternativeNamesAsync(index, "renamed", ["theirs"], add: true)).Value;
        }
        _ = (await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Value;
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task AnInterfaceTheWorkloadMovedOnIsFoundAndBroughtBack()
    {
        using HostMachine machine = await PreparedAsync("igb");
        string[] before = await machine.DescribeAsync();
        _ = (await machine.AttachAsync()).Value;
        machine.Simulated.CreateNamespace("red").Value.Dispose();
        using (NetworkNamespace blue = machine.Simulated.OpenNamespace(HostMachine.Namespace).Value)
        using (NetworkNamespace red = machine.Simulated.OpenNamespace("/run/netns/red").Value)
        using (RouteClient route = RouteClient.Open(machine.Simulated, blue).Value)
            _ = (await route.ChangeLinkAsync((await route.GetLinkAsync("eth0")).Value.Index, "eth0", new LinkChange { Namespace = red })).Value;
        _ = (await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Value;
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task WhileTheInterfaceIsInANamespaceThatCannotBeFoundTheRecordStays()
    {
        using HostMachine machine = await PreparedAsync("igb");
        _ = (await machine.AttachAsync()).Value;
        using (NetworkNamespace held = machine.Simulated.OpenNamespace(HostMachine.Namespace).Value)
        {
            // The name goes; the open handle keeps the namespace.
            _ = machine.Simulated.DeleteNamespace("blue").Value;
            Refusal.Is(FaultKind.Refused, await machine.Host.Detacher.DetachAsync(machine.Vf(0)), "could not be found");
            Assert.Single(machine.Records());
        }
        Assert.Equal("enp1s0f0v0", (await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Value.InterfaceName);
    }

    [Fact]
    public async Task AnInterfaceTheKernelHasNotBroughtBackYetIsWaitedFor()
    {
        using HostMachine machine = await PreparedAsync("igb");
        string[] before = await machine.DescribeAsync();
        _ = (await machine.AttachAsync(settings: Wanted)).Value;
        NetworkNamespace dying = machine.Simulated.OpenNamespace(HostMachine.Namespace).Value;
        _ = machine.Simulated.DeleteNamespace("blue").Value;
        Detacher patient = new(machine.Simulated, machine.Options with { ReturnDeadline = TimeSpan.FromSeconds(30) });
        Task<Outcome<DetachResult>> detaching = patient.DetachAsync(machine.Vf(0));
        await Task.WhenAny(detaching, Task.Delay(100));
        Assert.False(detaching.IsCompleted);
        dying.Dispose();
        Assert.Empty((await detaching).Value.Warnings);
        machine.Simulated.CreateNamespace("blue").Value.Dispose();
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task WhileNobodyTellsTheSettingsTheRecordStays()
    {
        using HostMachine machine = await PreparedAsync("igb");
        _ = (await machine.AttachAsync(settings: Wanted)).Value;
        machine.Simulated.CreateNamespace("red").Value.Dispose();
        using (NetworkNamespace red = machine.Simulated.OpenNamespace("/run/netns/red").Value)
            await machine.ChangeLinkAsync(machine.Pf, new LinkChange { Namespace = red });
        Refusal.Is(FaultKind.Kernel, await machine.Host.Detacher.DetachAsync("0000:01:10.0"), "no network interface", "repeat");
        Assert.Single(machine.Records());
        _ = machine.Simulated.DeleteNamespace("red").Value;
        _ = (await machine.Host.Detacher.DetachAsync("0000:01:10.0")).Value;
        Assert.Equal((7, true), ((await machine.ReadVfAsync()).Settings!.Vlan, (await machine.ReadVfAsync()).Settings!.SpoofCheck));
        Assert.Empty(machine.Records());
    }

    [Fact]
    public async Task TheSecondTimeIsNotFoundAndChangesNothing()
    {
        using HostMachine machine = await PreparedAsync("igb");
        _ = (await machine.AttachAsync(settings: Wanted)).Value;
        _ = (await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Value;
        string[] before = await machine.DescribeAsync();
        Refusal.Is(FaultKind.NotFound, await machine.Host.Detacher.DetachAsync(machine.Vf(0)), "not attached");
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task AVfSomebodyElseMovedIsLeftWhereItIs()
    {
        using HostMachine machine = await PreparedAsync("igb");
        using (NetworkNamespace target = machine.Simulated.OpenNamespace(HostMachine.Namespace).Value)
            await machine.ChangeLinkAsync("enp1s0f0v0", new LinkChange { Namespace = target });
        string[] before = await machine.DescribeAsync();
        Refusal.Is(FaultKind.Refused, await machine.Host.Detacher.DetachAsync(machine.Vf(0)), "not attached by vfleet");
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task ANameThatIsTakenMeanwhileBecomesAnotherAndIsSaid()
    {
        using HostMachine machine = await PreparedAsync("igb");
        _ = (await machine.AttachAsync()).Value;
        await machine.ChangeLinkAsync("enp1s0f0v1", new LinkChange { Name = "enp1s0f0v0" });
        DetachResult result = (await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Value;
        Assert.Equal("enp1s0f0v0-2", result.InterfaceName);
        Assert.Contains("enp1s0f0v0", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.Equal("enp1s0f0v0-2", (await machine.ReadVfAsync()).Link!.Name);
    }

    [Fact]
    public async Task AnAlternativeNameThatIsTakenMeanwhileIsSaid()
    {
        using HostMachine machine = await PreparedAsync("igb");
        _ = (await machine.AttachAsync()).Value;
        await machine.AddAlternativeNamesAsync("enp1s0f0v1", "uplink");
        DetachResult result = (await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Value;
        Assert.Contains("uplink", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.Equal(["another"], (await machine.ReadVfAsync()).Link!.AlternativeNames);
        Assert.Empty(machine.Records());
    }

    [Fact]
    public async Task AVfWhoseDriverWasTakenOffGetsItBack()
    {
        using HostMachine machine = await PreparedAsync("igb");
        string[] before = await machine.DescribeAsync();
        _ = (await machine.AttachAsync(settings: new VfSettings { Vlan = 100 })).Value;
        _ = machine.Simulated.Files.WriteText("/sys/bus/pci/drivers/igbvf/unbind", "0000:01:10.0").Value;
        _ = (await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Value;
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task AVfThatWasGivenAnotherDriverGetsItsOwnBackButNotWhileThatIsInUse()
    {
        using HostMachine machine = await PreparedAsync("igb");
        string[] before = await machine.DescribeAsync();
        _ = (await machine.AttachAsync(settings: new VfSettings { Vlan = 100 })).Value;
        _ = (await machine.Host.BindAsync(machine.Vf(0), "vfio-pci", force: true, dryRun: false)).Value;
        using (machine.Simulated.Machine.HoldVfioGroup((await machine.ReadVfAsync()).IommuGroup!.Value).Value)
            Refusal.Is(FaultKind.Refused, await machine.Host.Detacher.DetachAsync(machine.Vf(0)), "VFIO group");
        Assert.Single(machine.Records());
        _ = (await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Value;
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task ADryRunChangesNothing()
    {
        using HostMachine machine = await PreparedAsync("igb");
        _ = (await machine.AttachAsync()).Value;
        string[] before = await machine.DescribeAsync();
        Assert.Equal("enp1s0f0v0", (await machine.Host.Detacher.DetachAsync(machine.Vf(0), dryRun: true)).Value.InterfaceName);
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task AHundredTimesThereAndBackLeavesNothingBehind()
    {
        using HostMachine machine = await PreparedAsync("igb");
        string[] before = await machine.DescribeAsync();
        for (int round = 0; round < 100; round++)
        {
            _ = (await machine.AttachAsync(settings: new VfSettings { Vlan = 1 + round })).Value;
            _ = (await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Value;
        }
        Assert.Equal(before, await machine.DescribeAsync());
    }

    /// <summary>Two VFs, the first with everything a baseline can hold other than what a new VF has.</summary>
    internal static async Task<HostMachine> PreparedAsync(string profile)
    {
        HostMachine machine = await HostMachine.CreateAsync(profile, 2);
        string name = (await machine.ReadVfAsync()).Link!.Name;
        await machine.AddAlternativeNamesAsync(name, "uplink", "another");
        await machine.ChangeLinkAsync(name, new LinkChange { Mtu = 1450, Up = true });
        _ = (await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Vlan = 7, VlanQos = 2 }, false, false)).Value;
        return machine;
    }
}
