using Vfleet.Host.Attach;
using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Host.State;
using Vfleet.Host.Tests.Preflight;
using Vfleet.Linux;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;
using Vfleet.Simulation;

namespace Vfleet.Host.Tests.Attach;

public sealed class UnitAttachTests
{
    private static readonly MacAddress Mac = new(0x02_00_00_00_00_01);

    [Fact]
    public async Task TheInterfaceIsInTheNamespaceWithNameAddressesMtuAndUp()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        Assert.True(IPNetworkAddress.TryParse("192.0.2.7/24", out IPNetworkAddress? four));
        Assert.True(IPNetworkAddress.TryParse("2001:db8::7/64", out IPNetworkAddress? six));
        AttachRequest request = machine.Request(settings: new VfSettings { Vlan = 100 }) with { InterfaceName = "data0", Addresses = [four, six], Mtu = 1400 };
        AttachResult result = (await machine.Host.Attacher.AttachAsync(request)).Value;
        Assert.Equal(("data0", 1400, "0000:01:10.0"), (result.InterfaceName, result.Mtu, result.Vf));
        LinkInfo link = Assert.Single(await machine.LinksInAsync(HostMachine.Namespace), link => link.Name != "lo");
        Assert.Equal(("data0", 1400, true), (link.Name, link.Mtu, link.IsUp));
        VirtualFunction vf = await machine.ReadVfAsync();
        Assert.Equal((HostMachine.Namespace, 100), (vf.NamespacePath, vf.Settings!.Vlan));
        using NetworkNamespace within = machine.Simulated.OpenNamespace(HostMachine.Namespace).Value;
        using RouteClient route = RouteClient.Open(machine.Simulated, within).Value;
        Assert.Equal(["192.0.2.7/24", "2001:db8::7/64"],
            (await route.ListAddressesAsync()).Value.Where(address => address.InterfaceIndex == link.Index && !address.IsLinkLocal).Select(address => address.Address.ToString()));
    }

    [Theory]
    [InlineData("igb")]
    [InlineData("ixgbe")]
    [InlineData("i40e")]
    [InlineData("ice")]
    [InlineData("mlx5")]
    public async Task AMacWantedIsTheInterfacesMacAndTrustStaysOff(string profile)
    {
        using HostMachine machine = await HostMachine.CreateAsync(profile, 1);
        machine.Kernel.Watch();
        AttachResult result = (await machine.AttachAsync(settings: new VfSettings { Mac = Mac })).Value;
        Assert.Equal(Mac, result.Mac);
        Assert.Equal(Mac, Assert.Single(await machine.LinksInAsync(HostMachine.Namespace), link => link.Name != "lo").Mac);
        VirtualFunction vf = await machine.ReadVfAsync();
        Assert.Equal((Mac, false), (vf.Settings!.Mac, vf.Settings.Trust));
    }

    [Fact]
    public async Task OnIgbTheDriverIsBoundAnewToReadTheMac()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        PciAddress address = (await machine.ReadVfAsync()).Address!.Value;
        int before = machine.Simulated.Machine.NativeProbeCount(address);
        _ = (await machine.AttachAsync(settings: new VfSettings { Mac = Mac })).Value;
        Assert.Equal(before + 1, machine.Simulated.Machine.NativeProbeCount(address));
    }

    [Fact]
    public async Task TrustIsNeverSwitchedOnOnTheWay()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        TrustWatch watch = new(machine.Simulated);
        Attacher attacher = new(watch, machine.Options);
        _ = (await attacher.AttachAsync(machine.Request(settings: new VfSettings { Mac = Mac, Vlan = 100 }))).Value;
        _ = (await new Detacher(watch, machine.Options).DetachAsync(machine.Vf(0))).Value;
        Assert.False(watch.TrustWasOn);
    }

    [Fact]
    public async Task AVfOnVfioReturnsItsDeviceNodesAndMovesNothing()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1, driver: "vfio-pci");
        VirtualFunction vf = await machine.ReadVfAsync();
        AttachResult result = (await machine.AttachAsync(settings: new VfSettings { Vlan = 100 })).Value;
        Assert.Equal(["/dev/vfio/vfio", $"/dev/vfio/{vf.IommuGroup}"], result.DeviceNodes);
        Assert.Null(result.InterfaceName);
        Assert.Equal(100, (await machine.ReadVfAsync()).Settings!.Vlan);
        _ = (await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Value;
        Assert.Equal(0, (await machine.ReadVfAsync()).Settings!.Vlan);
    }

    [Fact]
    public async Task AnAddressOrMtuForAVfOnVfioIsAUsageError()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1, driver: "vfio-pci");
        await RefusedAsync(machine, machine.Request() with { Mtu = 1400 }, FaultKind.Usage, "vfio-pci");
    }

    [Theory]
    [InlineData("/run/netns/nowhere", FaultKind.NotFound)]
    [InlineData("/proc/999/ns/net", FaultKind.NotFound)]
    [InlineData("/sys/bus/pci/devices/0000:01:00.0/vendor", FaultKind.Usage)]
    [InlineData("/proc/self/ns/net", FaultKind.Usage)]
    public async Task APlaceThatIsNoNamespaceOfAWorkloadIsRefused(string path, FaultKind kind)
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        await RefusedAsync(machine, machine.Request() with { NamespacePath = path }, kind, path);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("sixteen-bytes-ab")]
    [InlineData("with space")]
    [InlineData("..")]
    public async Task ANameTheKernelWouldNotTakeIsAUsageError(string name)
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        await RefusedAsync(machine, machine.Request() with { InterfaceName = name }, FaultKind.Usage, "name");
    }

    [Fact]
    public async Task ANameThatIsTakenInTheNamespaceIsRefused()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        _ = (await machine.AttachAsync(0)).Value;
        await RefusedAsync(machine, machine.Request(1), FaultKind.Refused, "eth0");
    }

    [Fact]
    public async Task AnAlternativeNameThatIsTakenInTheNamespaceIsRefused()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        _ = (await machine.Host.Attacher.AttachAsync(machine.Request(0) with { InterfaceName = "first" })).Value;
        using (NetworkNamespace within = machine.Simulated.OpenNamespace(HostMachine.Namespace).Value)
        using (RouteClient route = RouteClient.Open(machine.Simulated, within).Value)
            _ = (await route.ChangeAlternativeNamesAsync((await route.GetLinkAsync("first")).Value.Index, "first", ["eth0"], add: true)).Value;
        await RefusedAsync(machine, machine.Request(1), FaultKind.Refused, "eth0");
    }

    [Theory]
    [InlineData(67)]
    [InlineData(65536)]
    [InlineData(-1)]
    public async Task AnMtuOutOfRangeIsAUsageError(int mtu)
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        await RefusedAsync(machine, machine.Request() with { Mtu = mtu }, FaultKind.Usage, "MTU");
    }

    [Fact]
    public async Task AnMtuTheDriverDoesNotTakeIsWrongUsageAndTheVfIsUntouched()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        await RefusedAsync(machine, machine.Request(settings: new VfSettings { Vlan = 100 }) with { Mtu = 9217 }, FaultKind.Usage, "9216");
    }

    [Fact]
    public async Task AnAddressTwiceIsWrongUsageAndTheVfIsUntouched()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        Assert.True(IPNetworkAddress.TryParse("192.0.2.7/24", out IPNetworkAddress? address));
        await RefusedAsync(machine, machine.Request() with { Addresses = [address, address] }, FaultKind.Usage, "192.0.2.7");
    }

    [Fact]
    public async Task AVfThatIsAttachedIsInUse()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        _ = (await machine.AttachAsync()).Value;
        await RefusedAsync(machine, machine.Request() with { InterfaceName = "eth1" }, FaultKind.Refused, "in use", "detach");
    }

    [Fact]
    public async Task ForceDoesNotTakeAVfFromWhomItIsAttachedTo()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        string[] clean = await machine.DescribeAsync();
        _ = (await machine.AttachAsync(settings: new VfSettings { Vlan = 100 })).Value;
        // Its namespace dies and the interface is back, but the record still tells what it was before.
        _ = machine.Simulated.DeleteNamespace("blue").Value;
        machine.Simulated.CreateNamespace("blue").Value.Dispose();
        await RefusedAsync(machine, machine.Request() with { Force = true }, FaultKind.Refused, "detach");
        _ = (await machine.Host.Detacher.DetachAsync(machine.Vf(0))).Value;
        Assert.Equal(clean, await machine.DescribeAsync());
    }

    [Fact]
    public async Task ForceTakesAVfThatHasAnAddressOnTheHost()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        await machine.AddAddressAsync("enp1s0f0v0", "192.0.2.7/24");
        await RefusedAsync(machine, machine.Request(), FaultKind.Refused, "192.0.2.7/24");
        _ = (await machine.Host.Attacher.AttachAsync(machine.Request() with { Force = true })).Value;
        Assert.NotEmpty(Assert.Single(machine.Records()).Forced);
    }

    [Fact]
    public async Task AVfWithoutADriverIsRefused()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1, driver: "none");
        await RefusedAsync(machine, machine.Request(), FaultKind.Refused, "no driver", "vfio-pci");
    }

    [Fact]
    public async Task APfThatIsDownOnlyWarns()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        await machine.ChangeLinkAsync(machine.Pf, new LinkChange { Up = false });
        AttachResult result = (await machine.AttachAsync()).Value;
        Assert.Contains("down", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADryRunSaysWhatWouldBeAndChangesNothing()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        string[] before = await machine.DescribeAsync();
        AttachResult planned = (await machine.Host.Attacher.AttachAsync(machine.Request(settings: new VfSettings { Mac = Mac }), dryRun: true)).Value;
        Assert.Equal(("eth0", Mac), (planned.InterfaceName, planned.Mac));
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task TheRecordTellsWhereItWentAndWhatItWas()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        await machine.AddAlternativeNamesAsync("enp1s0f0v0", "uplink", "another");
        _ = (await machine.AttachAsync(settings: new VfSettings { Vlan = 100 })).Value;
        AttachmentRecord record = Assert.Single(machine.Records());
        Assert.Equal(("0000:01:10.0", HostMachine.Namespace, "eth0"), (record.Vf, record.NamespacePath, record.InterfaceName));
        Assert.NotEqual(0ul, record.NamespaceInode);
        Assert.Equal(("enp1s0f0v0", 0, 1500), (record.Baseline.Name, record.Baseline.Vlan, record.Baseline.Mtu));
        Assert.Equal(["uplink", "another"], record.Baseline.AltNames);
    }

    private static async Task RefusedAsync(HostMachine machine, AttachRequest request, FaultKind kind, params string[] words)
    {
        string[] before = await machine.DescribeAsync();
        Refusal.Is(kind, await machine.Host.Attacher.AttachAsync(request), words);
        Assert.Equal(before, await machine.DescribeAsync());
    }

    /// <summary>Looks at VF 0's trust after every request.</summary>
    private sealed class TrustWatch(SimulatedKernel below) : OverlayKernel(below)
    {
        private readonly SimulatedKernel _below = below;

        public bool TrustWasOn { get; private set; }

        public override Outcome<INetlinkSocket> OpenNetlink(
            NetlinkProtocol protocol, NetworkNamespace? within = null, params ReadOnlySpan<uint> groups)
        {
            Look();
            return base.OpenNetlink(protocol, within, groups);
        }

        private void Look()
        {
            using RouteClient route = RouteClient.Open(_below).Value;
            LinkInfo pf = route.GetLinkAsync("enp1s0f0", VfDetail.Settings).AsTask().GetAwaiter().GetResult().Value;
            TrustWasOn |= pf.Vfs[0].Trust == true;
        }
    }
}
