using System.Net;
using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Tests.Settings;

/// <summary>A MAC set on a VF whose driver takes it only when it is bound: igb without trust.</summary>
public sealed class UnitMacAtProbeTests
{
    private static readonly VfSettings Wish = new() { Mac = new MacAddress(0x02_00_00_00_00_01), Vlan = 100 };

    public static TheoryData<Strike> Strikes() => new(Strike.Refused, Strike.AnswerLost, Strike.Cancelled);

    [Fact]
    public async Task AFreeVfsDriverIsBoundAnewAndItsInterfaceIsOtherwiseAsBefore()
    {
        using HostMachine machine = await PreparedAsync();
        VirtualFunction before = await machine.ReadVfAsync();
        int probes = machine.Simulated.Machine.NativeProbeCount(before.Address!.Value);
        _ = (await machine.Host.SetAsync(machine.Vf(0), Wish, false, false)).Value;
        VirtualFunction after = await machine.ReadVfAsync();
        Assert.Equal(probes + 1, machine.Simulated.Machine.NativeProbeCount(before.Address!.Value));
        Assert.Equal((Wish.Mac, Wish.Mac, 100, false), (after.Link!.Mac, after.Settings!.Mac, after.Settings.Vlan, after.Settings.Trust));
        Assert.Equal(("data0", 1400, true), (after.Link.Name, after.Link.Mtu, after.Link.IsUp));
        Assert.Equal(["other-name"], after.Link.AlternativeNames);
        using RouteClient route = RouteClient.Open(machine.Simulated).Value;
        Assert.Contains((await route.ListAddressesAsync()).Value, one => one.InterfaceIndex == after.Link.Index && one.Address.ToString() == "169.254.7.7/16");
    }

    [Theory]
    [InlineData("igb", true, "igbvf")]
    [InlineData("igb", null, "vfio-pci")]
    [InlineData("ixgbe", null, "ixgbevf")]
    public async Task NoDriverIsBoundAnewWhereThatIsOfNoUse(string profile, bool? trust, string driver)
    {
        using HostMachine machine = await HostMachine.CreateAsync(profile, 1, driver);
        PciAddress address = (await machine.ReadVfAsync()).Address!.Value;
        int probes = machine.Simulated.Machine.NativeProbeCount(address);
        _ = (await machine.Host.SetAsync(machine.Vf(0), Wish with { Trust = trust }, false, false)).Value;
        Assert.Equal(probes, machine.Simulated.Machine.NativeProbeCount(address));
        Assert.Equal(Wish.Mac, (await machine.ReadVfAsync()).Settings!.Mac);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AVfInUseIsRefusedBeforeAnythingIsWritten(bool dryRun)
    {
        using HostMachine machine = await PreparedAsync();
        await machine.AddAddressAsync("data0", "192.0.2.1/24");
        string[] before = await machine.DescribeAsync();
        Refusal.Is(FaultKind.Refused, await machine.Host.SetAsync(machine.Vf(0), Wish, false, dryRun), "192.0.2.1", "bound anew", "detach", "--force");
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task AnAttachedVfIsRefusedToo()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        _ = (await machine.AttachAsync()).Value;
        Refusal.Is(FaultKind.Refused, await machine.Host.SetAsync(machine.Vf(0), Wish, false, false), HostMachine.Namespace);
        // What it has already can be set in any case.
        MacAddress own = (await machine.ReadVfAsync()).Link!.Mac!.Value;
        _ = (await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Mac = own, Vlan = 5 }, false, false)).Value;
    }

    [Fact]
    public async Task WithForceAVfInUseIsSetThroughThePfAndItsInterfaceIsLeftAlone()
    {
        using HostMachine machine = await PreparedAsync();
        await machine.AddAddressAsync("data0", "192.0.2.1/24");
        VirtualFunction before = await machine.ReadVfAsync();
        _ = (await machine.Host.SetAsync(machine.Vf(0), Wish, force: true, false)).Value;
        VirtualFunction after = await machine.ReadVfAsync();
        Assert.Equal((Wish.Mac, before.Link!.Mac, before.Link.Index, true), (after.Settings!.Mac, after.Link!.Mac, after.Link.Index, after.IsMacPending));
    }

    [Theory]
    [MemberData(nameof(Strikes))]
    public async Task WhicheverOperationFailsTheVfIsAsItWas(Strike how)
    {
        for (int operation = 0; ; operation++)
        {
            using HostMachine machine = await PreparedAsync();
            string[] before = await machine.DescribeAsync();
            machine.Kernel.StrikeAt(operation, how);
            bool isDone = await TryAsync(machine);
            IReadOnlyList<string> operations = machine.Kernel.Operations;
            if (operations.Count <= operation)
            {
                Assert.True(isDone);
                break;
            }
            machine.Kernel.Watch();
            // A reading that is allowed to be unknown may fail without harm. Where it is the driver, the command warns that the MAC is pending.
            if (isDone && !(operations[operation].StartsWith("readlink ", StringComparison.Ordinal) && operations[operation].EndsWith("/driver", StringComparison.Ordinal)))
                Assert.Equal(Wish.Mac, (await machine.ReadVfAsync()).Link!.Mac);
            string[] after = await machine.DescribeAsync();
            Assert.True(isDone || before.SequenceEqual(after), $"after {how} at {operation}, {operations[operation]}");
        }
    }

    private static async Task<HostMachine> PreparedAsync()
    {
        HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        string name = (await machine.ReadVfAsync()).Link!.Name;
        await machine.ChangeLinkAsync(name, new LinkChange { Name = "data0", Mtu = 1400 });
        await machine.ChangeLinkAsync("data0", new LinkChange { Up = true });
        await machine.AddAlternativeNamesAsync("data0", "other-name");
        using RouteClient route = RouteClient.Open(machine.Simulated).Value;
        int index = (await route.GetLinkAsync("data0")).Value.Index;
        // Of the link alone, so that it says nothing about use.
        _ = (await route.AddAddressAsync("data0", new AddressInfo(index, new IPNetworkAddress(IPAddress.Parse("169.254.7.7"), 16), 253))).Value;
        return machine;
    }

    private static async Task<bool> TryAsync(HostMachine machine)
    {
        try
        {
            return (await machine.Host.SetAsync(machine.Vf(0), Wish, false, false, cancel: machine.Kernel.Cancel.Token)).Succeeded;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
