using Vfleet.Host.Attach;
using Vfleet.Host.Settings;
using Vfleet.Host.Tests.Isolation;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Tests.Attach;

public sealed class UnitDetachRestoresTests
{
    [Theory]
    [InlineData("igb")]
    [InlineData("ixgbe")]
    [InlineData("ice")]
    public async Task ADetachRestoresWhatWasThereOnDriversThatReportMoreThanTheyCanSet(string profile)
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync(profile, 1);
        string[] before = await machine.DescribeAsync();
        machine.Kernel.CreateNamespace("blue").Value.Dispose();
        _ = (await machine.Host.Attacher.AttachAsync(new AttachRequest
        {
            Vf = $"{machine.Pf}/0",
            NamespacePath = "/run/netns/blue",
            Settings = new VfSettings { Mac = new MacAddress(0x02_00_00_00_00_01), Vlan = 100, VlanQos = 3, SpoofCheck = true },
        })).Value;
        _ = (await machine.Host.Detacher.DetachAsync($"{machine.Pf}/0")).Value;
        _ = machine.Kernel.DeleteNamespace("blue").Value;
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task ARateIsRestoredWhereTheLinkIsSlowerByNow()
    {
        using HostMachine machine = await HostMachine.CreateAsync("ixgbe", vfs: 1);
        _ = (await machine.Host.SetAsync(machine.Vf(0), new VfSettings { MaxTxRateMbps = 5000 }, force: false, dryRun: false)).Value;
        _ = (await machine.AttachAsync(settings: new VfSettings { MaxTxRateMbps = 50 })).Value;
        machine.Simulated.Machine.SetFile($"/sys/class/net/{machine.Pf}/speed", "100");
        _ = (await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Value;
        Assert.Equal(5000u, (await machine.ReadVfAsync()).Settings!.MaxTxRateMbps);
        Refusal.Is(FaultKind.Usage, await machine.Host.SetAsync(machine.Vf(0), new VfSettings { MaxTxRateMbps = 500 }, force: false, dryRun: false), "100 Mbit/s");
    }

    [Fact]
    public void WhatIsThereAlreadyIsNotAskedForAndAVlanStaysWhole()
    {
        VfInfo now = new() { Index = 0, Vlan = 100, VlanQos = 3, VlanProtocol = VlanProtocol.Dot1Q, LinkState = VfLinkState.Auto, SpoofCheck = true };
        Assert.True(VfSettings.Of(now).Except(now).IsEmpty);
        VfSettings other = new VfSettings { Vlan = 200, VlanQos = 3, VlanProtocol = VlanProtocol.Dot1Q, SpoofCheck = false }.Except(now);
        Assert.Equal(new VfSettings { Vlan = 200, VlanQos = 3, VlanProtocol = VlanProtocol.Dot1Q, SpoofCheck = false }, other);
    }
}
