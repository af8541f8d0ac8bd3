using Vfleet.Host.Inventory;
using Vfleet.Host.Scrub;
using Vfleet.Host.Settings;
using Vfleet.Host.State;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Tests.Scrub;

public sealed class UnitScrubTests
{
    private static readonly VfSettings Dirty = new() { Vlan = 100, VlanQos = 3, SpoofCheck = false, Trust = true, MaxTxRateMbps = 50 };

    [Theory]
    [InlineData("igb", null)]
    [InlineData("igb", "vfio-pci")]
    [InlineData("ice", null)]
    [InlineData("ice", "vfio-pci")]
    [InlineData("mlx5", null)]
    public async Task ADirtyVfIsCleanAndWasReset(string profile, string? driver)
    {
        using HostMachine machine = await HostMachine.CreateAsync(profile, vfs: 2, driver);
        Baseline clean = Baseline.Of(await machine.ReadVfAsync(), null);
        await SoilAsync(machine);
        Assert.NotEmpty(CleanState.Differences(await machine.ReadVfAsync(), clean));
        int resets = machine.Simulated.Machine.ResetCount((await machine.ReadVfAsync()).Address!.Value);
        ScrubResult result = Assert.Single((await ScrubAsync(machine, clean)).Value);
        Assert.Null(result.Fault);
        Assert.Empty(CleanState.Differences(await machine.ReadVfAsync(), clean));
        Assert.True(machine.Simulated.Machine.ResetCount((await machine.ReadVfAsync()).Address!.Value) > resets);
    }

    [Fact]
    public async Task EachKindOfDirtIsSeen()
    {
        using HostMachine machine = await HostMachine.CreateAsync("ice", vfs: 2);
        VirtualFunction before = await machine.ReadVfAsync();
        Baseline clean = Baseline.Of(before, null);
        Assert.Empty(CleanState.Differences(before, clean));
        VfSettings[] dirt =
        [
            new() { Vlan = 7 }, new() { SpoofCheck = !before.Settings!.SpoofCheck }, new() { Trust = !before.Settings.Trust }, new() { MaxTxRateMbps = 9 },
            new() { MinTxRateMbps = 9 }, new() { LinkState = VfLinkState.Disable }, new() { Mac = new MacAddress(0x02_00_00_00_00_77) },
        ];
        foreach (VfSettings each in dirt)
        {
            _ = (await machine.Host.SetAsync(machine.Vf(0), each, force: false, dryRun: false)).Value;
            Assert.True(CleanState.Differences(await machine.ReadVfAsync(), clean).Count > 0, each.ToString());
            _ = (await ScrubAsync(machine, clean)).Value;
            Assert.Empty(CleanState.Differences(await machine.ReadVfAsync(), clean));
        }
    }

    [Fact]
    public async Task AVfWhoseResetFailsIsNotCleanAndTheOtherIs()
    {
        using HostMachine machine = await HostMachine.CreateAsync("igb", vfs: 2, "vfio-pci");
        Baseline[] clean = [Baseline.Of(await machine.ReadVfAsync(), null), Baseline.Of(await machine.ReadVfAsync(1), null)];
        Assert.True(machine.Simulated.Machine.Faults.Arm($"reset-failure@{(await machine.ReadVfAsync()).Address}").Succeeded);
        IReadOnlyList<ScrubResult> results = (await machine.Host.Scrubber.ScrubAsync(
            [new ScrubOrder(machine.Vf(0), clean[0]), new ScrubOrder(machine.Vf(1), clean[1])], resets: true)).Value;
        Assert.NotNull(results[0].Fault);
        Assert.Null(results[1].Fault);
    }

    /// <summary>As where their drivers were bound anew side by side, and came up in another order.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task VfsThatHaveEachOthersNamesGetTheirOwnBack(bool isOneCall)
    {
        using HostMachine machine = await HostMachine.CreateAsync("igb", vfs: 3);
        VirtualFunction[] before = [await machine.ReadVfAsync(0), await machine.ReadVfAsync(1), await machine.ReadVfAsync(2)];
        ScrubOrder[] orders = [.. before.Select((vf, i) => new ScrubOrder(machine.Vf(i), Baseline.Of(vf, null)))];
        using (RouteClient route = RouteClient.Open(machine.Kernel).Value)
        {
            _ = (await route.ChangeLinkAsync(before[0].Link!.Index, "", new LinkChange { Name = "aside" })).Value;
            _ = (await route.ChangeLinkAsync(before[1].Link!.Index, "", new LinkChange { Name = before[0].Link!.Name })).Value;
            _ = (await route.ChangeLinkAsync(before[2].Link!.Index, "", new LinkChange { Name = before[1].Link!.Name })).Value;
            _ = (await route.ChangeLinkAsync(before[0].Link!.Index, "", new LinkChange { Name = before[2].Link!.Name })).Value;
        }
        Outcome<IReadOnlyList<ScrubResult>>[] results = isOneCall
            ? [await machine.Host.Scrubber.ScrubAsync(orders, resets: false)]
            : await Task.WhenAll(orders.Select(order => Task.Run(() => machine.Host.Scrubber.ScrubAsync([order], resets: false))));
        Assert.All(results.SelectMany(result => result.Value), result => Assert.Null(result.Fault));
        for (int i = 0; i < before.Length; i++)
            Assert.Equal(before[i].Link!.Name, (await machine.ReadVfAsync(i)).Link!.Name);
    }

    /// <summary>As where another process binds that VF's driver anew on a busy machine.</summary>
    [Fact]
    public async Task AVfWhoseNameAnotherVfHasForSecondsWaitsForIt()
    {
        using HostMachine machine = await HostMachine.CreateAsync("igb", vfs: 2);
        VirtualFunction[] before = [await machine.ReadVfAsync(0), await machine.ReadVfAsync(1)];
        using RouteClient route = RouteClient.Open(machine.Kernel).Value;
        _ = (await route.ChangeLinkAsync(before[0].Link!.Index, "", new LinkChange { Name = "aside" })).Value;
        _ = (await route.ChangeLinkAsync(before[1].Link!.Index, "", new LinkChange { Name = before[0].Link!.Name })).Value;
        Task<Outcome<IReadOnlyList<ScrubResult>>> scrub = Task.Run(() => machine.Host.Scrubber.ScrubAsync(
            [new ScrubOrder(machine.Vf(0), Baseline.Of(before[0], null))], resets: false));
        await Task.Delay(TimeSpan.FromSeconds(3));
        _ = (await route.ChangeLinkAsync(before[1].Link!.Index, "", new LinkChange { Name = before[1].Link!.Name })).Value;
        Assert.Null((await scrub).Value[0].Fault);
        Assert.Equal(before[0].Link!.Name, (await machine.ReadVfAsync(0)).Link!.Name);
    }

    [Fact]
    public async Task AVfThatAProgramHasOpenIsNotReset()
    {
        using HostMachine machine = await HostMachine.CreateAsync("igb", vfs: 1, "vfio-pci");
        VirtualFunction vf = await machine.ReadVfAsync();
        using IDisposable holder = machine.Simulated.Machine.HoldVfioGroup(vf.IommuGroup!.Value).Value;
        ScrubResult result = Assert.Single((await ScrubAsync(machine, Baseline.Of(vf, null))).Value);
        Assert.Equal(FaultKind.Refused, result.Fault?.Kind);
    }

    [Fact]
    public async Task AVfWhoseInterfaceSomebodyTookIsNotTakenOffItsDriverAndTheOtherIsScrubbed()
    {
        using HostMachine machine = await HostMachine.CreateAsync("igb", vfs: 2);
        Baseline[] clean = [Baseline.Of(await machine.ReadVfAsync(), null), Baseline.Of(await machine.ReadVfAsync(1), null)];
        using (NetworkNamespace blue = machine.Simulated.OpenNamespace(HostMachine.Namespace).Value)
            await machine.ChangeLinkAsync((await machine.ReadVfAsync()).Link!.Name, new LinkChange { Namespace = blue });
        int resets = machine.Simulated.Machine.ResetCount((await machine.ReadVfAsync()).Address!.Value);
        IReadOnlyList<ScrubResult> results = (await machine.Host.Scrubber.ScrubAsync(
            [new ScrubOrder(machine.Vf(0), clean[0]), new ScrubOrder(machine.Vf(1), clean[1])], resets: true)).Value;
        Assert.Equal(FaultKind.Refused, results[0].Fault?.Kind);
        Assert.Null(results[1].Fault);
        VirtualFunction theirs = await machine.ReadVfAsync();
        Assert.Equal((HostMachine.Namespace, resets), (theirs.NamespacePath, machine.Simulated.Machine.ResetCount(theirs.Address!.Value)));
    }

    private static Task<Outcome<IReadOnlyList<ScrubResult>>> ScrubAsync(HostMachine machine, Baseline clean) =>
        machine.Host.Scrubber.ScrubAsync([new ScrubOrder(machine.Vf(0), clean)], resets: true);

    private static async Task SoilAsync(HostMachine machine)
    {
        _ = (await machine.Host.SetAsync(machine.Vf(0), Dirty, force: false, dryRun: false)).Value;
        if ((await machine.ReadVfAsync()).Link is { } link)
            await machine.ChangeLinkAsync(link.Name, new LinkChange { Name = "renamed", Mtu = 1400 });
    }
}
