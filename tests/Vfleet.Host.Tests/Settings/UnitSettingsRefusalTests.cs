using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Tests.Settings;

/// <summary>Wishes that cannot be meant, and wishes a driver cannot fulfil: a clear refusal, and nothing changed.</summary>
public sealed class UnitSettingsRefusalTests
{
    private static readonly MacAddress Mac = new(0x02_00_00_00_00_01);

    public static TheoryData<string, VfSettings, string> CannotBeMeant() => new()
    {
        { "igb", new VfSettings { Vlan = 4095 }, "4095" },
        { "igb", new VfSettings { Vlan = -1 }, "-1" },
        { "igb", new VfSettings { Vlan = 100, VlanQos = 8 }, "QoS 8" },
        { "igb", new VfSettings { Vlan = 100, VlanQos = -1 }, "QoS -1" },
        { "igb", new VfSettings { VlanQos = 3 }, "VLAN" },
        { "ice", new VfSettings { VlanProtocol = VlanProtocol.Dot1Ad }, "VLAN" },
        { "ice", new VfSettings { Vlan = 0, VlanProtocol = VlanProtocol.Dot1Ad }, "VLAN" },
        { "igb", new VfSettings { Mac = new MacAddress(0x01_00_5e_00_00_01) }, "multicast" },
        { "igb", new VfSettings { Mac = MacAddress.Broadcast }, "multicast" },
        { "ice", new VfSettings { MinTxRateMbps = 200, MaxTxRateMbps = 100 }, "above max rate" },
        { "igb", new VfSettings { MaxTxRateMbps = 1001 }, "1000 Mbit/s" },
        { "igb", new VfSettings { MaxTxRateMbps = uint.MaxValue }, "4294967295" },
        { "ice", new VfSettings { MinTxRateMbps = 100_001 }, "100001" },
    };

    public static TheoryData<string, VfSettings, string, string> CannotBeDone() => new()
    {
        { "igb", new VfSettings { LinkState = VfLinkState.Enable }, "igb", "link state" },
        { "igb", new VfSettings { MinTxRateMbps = 100 }, "igb", "min rate" },
        { "igb", new VfSettings { Vlan = 100, VlanProtocol = VlanProtocol.Dot1Ad }, "igb", "802.1ad" },
        { "igb", new VfSettings { NodeGuid = 1 }, "igb", "GUID" },
        { "ixgbe", new VfSettings { MinTxRateMbps = 100 }, "ixgbe", "min rate" },
        { "ixgbe", new VfSettings { Vlan = 100, VlanProtocol = VlanProtocol.Dot1Ad }, "ixgbe", "802.1ad" },
        { "i40e", new VfSettings { Vlan = 100, VlanProtocol = VlanProtocol.Dot1Ad }, "i40e", "802.1ad" },
        { "i40e", new VfSettings { MinTxRateMbps = 100 }, "i40e", "min rate" },
        { "mlx5", new VfSettings { Vlan = 100, VlanProtocol = VlanProtocol.Dot1Ad }, "mlx5_core", "802.1ad" },
        { "netdevsim", new VfSettings { PortGuid = 1 }, "netdevsim", "GUID" },
    };

    [Theory]
    [MemberData(nameof(CannotBeMeant))]
    public async Task AValueOutOfRangeIsAUsageError(string profile, VfSettings wanted, string words) =>
        await RefusedAsync(profile, FaultKind.Usage, wanted, words);

    [Theory]
    [MemberData(nameof(CannotBeDone))]
    public async Task ASettingTheDriverDoesNotHaveNamesDriverAndSetting(string profile, VfSettings wanted, string driver, string setting) =>
        await RefusedAsync(profile, FaultKind.Kernel, wanted, driver, setting);

    [Fact]
    public async Task AnotherVfsMacIsRefusedUnlessForced()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 3);
        _ = (await machine.Host.SetAsync(machine.Vf(2), new VfSettings { Mac = Mac }, false, false)).Value;
        string[] before = await machine.DescribeAsync();
        Refusal.Is(FaultKind.Refused, await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Mac = Mac }, false, false), "02:00:00:00:00:01", "VF 2");
        Assert.Equal(before, await machine.DescribeAsync());
        _ = (await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Mac = Mac }, force: true, dryRun: false)).Value;
    }

    [Fact]
    public async Task ThePfsMacIsRefused()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        MacAddress own = (await machine.ReadPfAsync()).Mac!.Value;
        Refusal.Is(FaultKind.Refused, await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Mac = own }, false, false), "PF");
    }

    [Fact]
    public async Task TheMacANeighboursOwnInterfaceHasIsRefused()
    {
        using HostMachine machine = await HostMachine.CreateAsync("mlx5", 2);
        MacAddress taken = (await machine.ReadVfAsync(1)).Link!.Mac!.Value;
        Refusal.Is(FaultKind.Refused, await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Mac = taken }, false, false), "VF 1");
    }

    [Fact]
    public async Task TheVfsOwnMacMayBeMadeItsAdministrativeOne()
    {
        using HostMachine machine = await HostMachine.CreateAsync("mlx5", 2);
        MacAddress own = (await machine.ReadVfAsync()).Link!.Mac!.Value;
        Assert.Equal(own, (await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Mac = own }, false, false)).Value.Mac);
    }

    [Fact]
    public async Task AMinimumAboveTheMaximumThatIsThereIsRefused()
    {
        using HostMachine machine = await HostMachine.CreateAsync("ice", 1);
        _ = (await machine.Host.SetAsync(machine.Vf(0), new VfSettings { MaxTxRateMbps = 1000 }, false, false)).Value;
        Refusal.Is(FaultKind.Usage, await machine.Host.SetAsync(machine.Vf(0), new VfSettings { MinTxRateMbps = 2000 }, false, false), "2000", "1000");
    }

    [Fact]
    public async Task TheDriversRefusalOfAMinimumNamesDriverAndSetting()
    {
        // Together the minimums may not exceed the link's speed: only the driver knows the sum.
        using HostMachine machine = await HostMachine.CreateAsync("ice", 2);
        _ = (await machine.Host.SetAsync(machine.Vf(0), new VfSettings { MinTxRateMbps = 60_000 }, false, false)).Value;
        Refusal.Is(FaultKind.Kernel, await machine.Host.SetAsync(machine.Vf(1), new VfSettings { MinTxRateMbps = 60_000 }, false, false), "ice", "min rate");
    }

    [Theory]
    [InlineData("nvme")]
    public async Task AVfOfADeviceWithoutInterfaceHasNoSettings(string profile)
    {
        using HostMachine machine = await HostMachine.CreateAsync(profile, 1);
        Refusal.Is(FaultKind.Kernel, await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Vlan = 1 }, false, false), "no network interface");
    }

    [Theory]
    [InlineData("igb")]
    [InlineData("netdevsim")]
    public async Task APortVlanAndATrunkExcludeEachOther(string profile)
    {
        Assert.True(VlanTrunk.TryParse("10-20", out VlanTrunk? trunk));
        await RefusedAsync(profile, FaultKind.Usage, new VfSettings { Vlan = 100, Trunk = trunk }, "exclude");
    }

    [Theory]
    [InlineData("igb")]
    [InlineData("ice")]
    [InlineData("netdevsim")]
    public async Task ATrunkIsRefusedWhereTheDriverHasNone(string profile)
    {
        Assert.True(VlanTrunk.TryParse("10-20", out VlanTrunk? trunk));
        await RefusedAsync(profile, FaultKind.Kernel, new VfSettings { SpoofCheck = true, Mac = Mac, Trunk = trunk }, "trunk");
    }

    private static async Task RefusedAsync(string profile, FaultKind kind, VfSettings wanted, params string[] words)
    {
        using HostMachine machine = await HostMachine.CreateAsync(profile, 1);
        string[] before = await machine.DescribeAsync();
        Refusal.Is(kind, await machine.Host.SetAsync(machine.Vf(0), wanted, force: false, dryRun: false), words);
        Assert.Equal(before, await machine.DescribeAsync());
    }
}
