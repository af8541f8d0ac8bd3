using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Simulation;
using Vfleet.Simulation.Faults;

namespace Vfleet.Host.Tests.Settings;

public sealed class UnitSettingsTests
{
    private static readonly MacAddress Mac = new(0x02_00_00_00_00_01);

    public static TheoryData<string, VfSettings> Each() => new()
    {
        { "igb", new VfSettings { Mac = Mac } },
        { "igb", new VfSettings { Vlan = 100 } },
        { "igb", new VfSettings { Vlan = 4094, VlanQos = 7 } },
        { "igb", new VfSettings { SpoofCheck = false } },
        { "igb", new VfSettings { Trust = true } },
        { "igb", new VfSettings { MaxTxRateMbps = 500 } },
        { "ixgbe", new VfSettings { LinkState = VfLinkState.Disable } },
        { "i40e", new VfSettings { LinkState = VfLinkState.Enable } },
        { "i40e", new VfSettings { MaxTxRateMbps = 40_000 } },
        { "ice", new VfSettings { MinTxRateMbps = 1000, MaxTxRateMbps = 5000 } },
        { "ice", new VfSettings { Vlan = 100, VlanQos = 3, VlanProtocol = VlanProtocol.Dot1Ad } },
        { "mlx5", new VfSettings { NodeGuid = 0x1122334455667788, PortGuid = 0x1122334455667789 } },
        { "mlx5", new VfSettings { MinTxRateMbps = 100 } },
        {
            "netdevsim",
            new VfSettings
            {
                Mac = Mac, Vlan = 7, VlanQos = 1, VlanProtocol = VlanProtocol.Dot1Ad, SpoofCheck = true, Trust = true, LinkState = VfLinkState.Enable,
                MinTxRateMbps = 10, MaxTxRateMbps = 20,
            }
        },
    };

    [Theory]
    [MemberData(nameof(Each))]
    public async Task WhatWasSetReadsBackAndTheRestStays(string profile, VfSettings wanted)
    {
        using HostMachine machine = await HostMachine.CreateAsync(profile, 2);
        VfInfo before = (await machine.ReadVfAsync(1)).Settings!;
        VfInfo neighbour = (await machine.ReadVfAsync(0)).Settings!;
        _ = (await machine.Host.SetAsync(machine.Vf(1), wanted, force: false, dryRun: false)).Value;
        VfInfo after = (await machine.ReadVfAsync(1)).Settings!;
        Assert.Equal(Expected(before, wanted), after with { Counters = null });
        Assert.Equal(neighbour, (await machine.ReadVfAsync(0)).Settings);
    }

    [Fact]
    public async Task ADryRunChecksAndChangesNothing()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        string[] before = await machine.DescribeAsync();
        _ = (await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Vlan = 100 }, force: false, dryRun: true)).Value;
        Refusal.Is(FaultKind.Usage, await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Vlan = 4095 }, force: false, dryRun: true));
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task SettingWhatIsThereAlreadySendsNothing()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        _ = (await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Vlan = 100, Mac = Mac }, force: false, dryRun: false)).Value;
        machine.Kernel.Watch();
        _ = (await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Vlan = 100, Mac = Mac }, force: false, dryRun: false)).Value;
        Assert.DoesNotContain(machine.Kernel.Operations, operation => operation == $"send {RouteMessage.SetLink}");
    }

    [Fact]
    public async Task AVlanThatIsTakenAwayTakesItsPriorityAndProtocolAlong()
    {
        using HostMachine machine = await HostMachine.CreateAsync("netdevsim", 1);
        _ = (await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Vlan = 100, VlanQos = 5, VlanProtocol = VlanProtocol.Dot1Ad }, false, false)).Value;
        VfInfo after = (await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Vlan = 0 }, false, false)).Value;
        Assert.Equal((0, 0, VlanProtocol.Dot1Q), (after.Vlan, after.VlanQos, after.VlanProtocol));
    }

    [Fact]
    public async Task ThePriorityAloneKeepsTheVlan()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        _ = (await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Vlan = 100 }, false, false)).Value;
        VfInfo after = (await machine.Host.SetAsync(machine.Vf(0), new VfSettings { VlanQos = 5 }, false, false)).Value;
        Assert.Equal((100, 5), (after.Vlan, after.VlanQos));
    }

    [Fact]
    public async Task AMaxRateNeedsALinkOnIgbAndTheRemedySaysSo()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1, driver: "none", options: new SimulationOptions());
        Fault fault = Refusal.Is(FaultKind.Kernel, await machine.Host.SetAsync(machine.Vf(0), new VfSettings { MaxTxRateMbps = 100 }, false, false), "igb", "max rate", "no link");
        Assert.Equal(Errno.EINVAL, fault.Errno);
    }

    [Fact]
    public async Task ADriverThatDoesNotKeepWhatWasSetIsFoundOutByReadingBack()
    {
        // ixgbe accepts "enable" and stays at "auto".
        using HostMachine machine = await HostMachine.CreateAsync("ixgbe", 1);
        string[] before = await machine.DescribeAsync();
        Refusal.Is(FaultKind.Kernel, await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Vlan = 100, LinkState = VfLinkState.Enable }, false, false),
            "link state", "ixgbe", "put back");
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task TwoHundredAndTwentyTwoVfsAreSetWhereTheKernelsListWraps()
    {
        using HostMachine machine = await HostMachine.CreateAsync("netdevsim", 222, options: new SimulationOptions { TotalVfs = 222, LinksUp = true });
        _ = (await machine.Host.SetAsync(machine.Vf(221), new VfSettings { Vlan = 100 }, false, false)).Value;
        Assert.Equal(100, (await machine.ReadVfAsync(221)).Settings!.Vlan);
        Assert.Equal(0, (await machine.ReadVfAsync(220)).Settings!.Vlan);
    }

    [Fact]
    public async Task ASingleReplyThatIsTooLongIsReadFromTheWholeList()
    {
        using HostMachine machine = await HostMachine.CreateAsync("netdevsim", 4);
        machine.Simulated.Machine.Faults.Arm(new FaultInjection(SimulatedFault.MessageTooLong));
        Assert.Equal(100, (await machine.Host.SetAsync(machine.Vf(3), new VfSettings { Vlan = 100 }, false, false)).Value.Vlan);
    }

    private static VfInfo Expected(VfInfo before, VfSettings wanted) => before with
    {
        Counters = null,
        Mac = wanted.Mac ?? before.Mac,
        Vlan = wanted.Vlan ?? before.Vlan,
        VlanQos = wanted.VlanQos ?? before.VlanQos,
        VlanProtocol = wanted.VlanProtocol ?? before.VlanProtocol,
        SpoofCheck = wanted.SpoofCheck ?? before.SpoofCheck,
        Trust = wanted.Trust ?? before.Trust,
        LinkState = wanted.LinkState ?? before.LinkState,
        MinTxRateMbps = wanted.MinTxRateMbps ?? before.MinTxRateMbps,
        MaxTxRateMbps = wanted.MaxTxRateMbps ?? before.MaxTxRateMbps,
        NodeGuid = wanted.NodeGuid ?? before.NodeGuid,
        PortGuid = wanted.PortGuid ?? before.PortGuid,
    };
}
