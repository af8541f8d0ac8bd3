using Vfleet.Cli.Up;
using Vfleet.Host.Settings;
using Vfleet.Linux.Route;
using Vfleet.Simulation;

namespace Vfleet.Cli.Tests.Up;

/// <summary>On which PF <c>vfleet up</c> sets its scene, and what it says of the others where none is fit.</summary>
public sealed class UnitUpChoiceTests
{
    [Fact]
    public async Task APfWithADefaultRouteIsNamedWithTheReason()
    {
        using UpMachine machine = new();
        machine.Kernel.Machine.AddDefaultRoute(UpMachine.First);
        Assert.Equal(UpMachine.Second, (await machine.ChooseAsync()).Pf?.Name);
        machine.Kernel.Machine.AddDefaultRoute(UpMachine.Second);
        UpPlace none = await machine.ChooseAsync();
        Assert.Null(none.Pf);
        Assert.Equal([UpMachine.First, UpMachine.Second], none.Unfit.Select(unfit => unfit.Name));
        Assert.All(none.Unfit, unfit => Assert.Contains("default route", unfit.Why, StringComparison.Ordinal));
        Assert.All(none.Unfit, unfit => Assert.NotNull(unfit.Remedy));
    }

    [Fact]
    public async Task SriovThatIsOffInTheFirmwareIsNamedWithTheRemedy()
    {
        using UpMachine machine = new(new SimulationOptions { TotalVfs = 0 });
        UpPlace none = await machine.ChooseAsync();
        Assert.Null(none.Pf);
        Assert.Equal(["0000:01:00.0", "0000:02:00.0"], none.Unfit.Select(unfit => unfit.Name));
        Assert.Contains("off in the device's firmware; switch it on", none.Unfit[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task APfThatAllowsTooFewVfsIsNamed()
    {
        using UpMachine machine = new(new SimulationOptions { TotalVfs = 2 });
        Assert.Contains("it allows 2 VFs, and 3 are needed", (await machine.ChooseAsync()).Unfit[0].Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AmongPfsWithVfsTheOneWithEnoughFreeOnesIsTakenAsItIs()
    {
        using UpMachine machine = new();
        await machine.CountAsync(UpMachine.First, 4);
        await machine.CountAsync(UpMachine.Second, 4);
        await machine.AttachAsync($"{UpMachine.First}/0", "a");
        await machine.AttachAsync($"{UpMachine.First}/1", "b");
        UpPlace place = await machine.ChooseAsync();
        Assert.Equal(UpMachine.Second, place.Pf?.Name);
        Assert.Empty(place.Destroys);
        await machine.AttachAsync($"{UpMachine.Second}/0", "c");
        Assert.Equal(3, (await machine.Runner.SetAsync((await machine.ChooseAsync()).Pf!, default)).Value.Attached.Count);
        Assert.True((await machine.Runner.DownAsync(default)).Value);
        Assert.Equal(4, (await machine.VfsAsync(UpMachine.First)).Count);
        Assert.Equal(4, (await machine.VfsAsync(UpMachine.Second)).Count);
    }

    [Fact]
    public async Task AFewUnusedVfsAreMadeAnewAndComeBackWithDown()
    {
        using UpMachine machine = new();
        await machine.CountAsync(UpMachine.First, 2);
        machine.Kernel.Machine.AddDefaultRoute(UpMachine.Second);
        UpPlace place = await machine.ChooseAsync();
        Assert.Equal(UpMachine.First, place.Pf?.Name);
        Assert.Equal(2, place.Destroys.Count);
        Assert.Equal(3, (await machine.Runner.SetAsync(place.Pf!, default)).Value.Attached.Count);
        Assert.Equal(7, (await machine.VfsAsync(UpMachine.First)).Count);
        Assert.True((await machine.Runner.DownAsync(default)).Value);
        Assert.Equal(2, (await machine.VfsAsync(UpMachine.First)).Count(vf => vf.Driver == "igbvf"));
    }

    [Fact]
    public async Task FewVfsOfWhichOneIsInUseAreLeftAloneAndItsOwnerIsNamed()
    {
        using UpMachine machine = new();
        await machine.CountAsync(UpMachine.First, 2);
        machine.Kernel.Machine.AddDefaultRoute(UpMachine.Second);
        await machine.AttachAsync($"{UpMachine.First}/1", "theirs");
        UpPlace none = await machine.ChooseAsync();
        Assert.Null(none.Pf);
        Assert.Contains("/run/netns/theirs", Assert.Single(none.Unfit, unfit => unfit.Name == UpMachine.First).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FewVfsThatSomebodyPreparedAreLeftAlone()
    {
        // A MAC alone does not show: once the interface has taken it, it looks like the random one that the driver gives a new VF.
        VfSettings[] prepared =
        [
            new() { Vlan = 7 }, new() { Trust = true }, new() { MaxTxRateMbps = 100 }, new() { LinkState = VfLinkState.Disable },
        ];
        int refused = 0;
        foreach (VfSettings settings in prepared)
        {
            using UpMachine machine = new();
            await machine.CountAsync(UpMachine.First, 2);
            machine.Kernel.Machine.AddDefaultRoute(UpMachine.Second);
            // What this driver does not take cannot have been prepared on it.
            if ((await machine.Host.SetAsync($"{UpMachine.First}/1", settings, force: false, dryRun: false)).Fault is not null)
                continue;
            UpPlace none = await machine.ChooseAsync();
            Assert.Null(none.Pf);
            Assert.Contains(none.Unfit, unfit => unfit.Why.Contains("somebody prepared them", StringComparison.Ordinal));
            refused++;
        }
        Assert.True(refused >= 3, $"{refused} of {prepared.Length} settings could be made");
    }
}
