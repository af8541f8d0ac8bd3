using System.Net;
using Vfleet.Host.Attach;
using Vfleet.Host.Isolation;
using Vfleet.Host.Settings;
using Vfleet.Linux.Route;
using Vfleet.Linux;

namespace Vfleet.Host.Tests.Isolation;

public sealed class UnitReachabilityTests
{
    [Fact]
    public async Task TwoVfsOfAVlanReachEachOtherAndAThirdOfAnotherDoesNot()
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("igb", 3);
        ProbeEnd blue = await AttachAsync(machine, 0, "blue", 100, "192.0.2.1/24");
        ProbeEnd green = await AttachAsync(machine, 1, "green", 100, "192.0.2.2/24");
        ProbeEnd red = await AttachAsync(machine, 2, "red", 200, "192.0.2.3/24");

        Reachability near = (await ReachabilityProbe.RunAsync(machine.Kernel, blue, green, 4, IsolationMachine.Fast)).Value;
        Assert.Equal((4, 4), (near.Sent, near.Received));
        Assert.Equal(green.Says!.Mac, near.PeerMac);
        Assert.InRange(near.MedianMicroseconds!.Value, near.MinMicroseconds!.Value, near.MaxMicroseconds!.Value);

        Reachability far = (await ReachabilityProbe.RunAsync(machine.Kernel, blue, red, 4, IsolationMachine.Fast)).Value;
        Assert.Equal((4, 0, null, null), (far.Sent, far.Received, far.PeerMac, far.MedianMicroseconds));
        Assert.True(far.Judge("x", "y", isExpected: false).Holds);

        ProbeResult tagged = (await ForeignVlanProbe.RunAsync(machine.Kernel, blue, red, 200, IsolationMachine.Fast)).Value;
        Assert.True(tagged.Holds, tagged.ToString());
        ProbeResult broadcast = (await BroadcastProbe.RunAsync(machine.Kernel, blue, red, IsolationMachine.Fast)).Value;
        Assert.Equal((BroadcastProbe.OtherName, true), (broadcast.Name, broadcast.Holds));
    }

    [Fact]
    public async Task AVfWithAnAdministrativeMacKeepsItAndATrustedOneIsPutBack()
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("igb", 2);
        ProbeEnd blue = await AttachAsync(machine, 0, "blue", 100, "192.0.2.1/24");
        MacAddress wanted = new(0x02_00_00_00_00_99);

        ProbeResult refused = (await MacTakeoverProbe.RunAsync(machine.Kernel, blue, wanted)).Value;
        Assert.True(refused.Holds, refused.ToString());
        Assert.StartsWith("refused: EADDRNOTAVAIL", refused.Seen, StringComparison.Ordinal);

        VfInfo trusted = (await machine.Host.SetAsync($"{machine.Pf}/0", new VfSettings { Trust = true }, force: false, dryRun: false)).Value;
        MacAddress before = (await ReadMacAsync(machine, blue))!.Value;
        ProbeResult taken = (await MacTakeoverProbe.RunAsync(machine.Kernel, blue with { Says = trusted }, wanted)).Value;
        Assert.True(taken.Holds, taken.ToString());
        Assert.Contains("its own was put back", taken.Seen, StringComparison.Ordinal);
        Assert.Equal(before, await ReadMacAsync(machine, blue));
    }

    [Fact]
    public async Task AnInterfaceThatIsNotThereIsAFault()
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("igb", 1);
        ProbeEnd nowhere = new(null, "eth99", IPAddress.Parse("192.0.2.1"));
        Assert.Equal(FaultKind.NotFound, (await ReachabilityProbe.RunAsync(machine.Kernel, nowhere, nowhere)).Fault!.Kind);
        ProbeEnd six = new(null, machine.Pf, IPAddress.IPv6Loopback);
        Assert.Equal(FaultKind.Usage, (await ReachabilityProbe.RunAsync(machine.Kernel, six, six)).Fault!.Kind);
    }

    private static async Task<ProbeEnd> AttachAsync(IsolationMachine machine, int index, string space, int vlan, string address)
    {
        NetworkNamespace within = machine.Kernel.CreateNamespace(space).Value;
        Assert.True(IPNetworkAddress.TryParse(address, out IPNetworkAddress? ip));
        _ = (await machine.Host.Attacher.AttachAsync(new AttachRequest
        {
            Vf = $"{machine.Pf}/{index}",
            NamespacePath = within.Path,
            Addresses = [ip],
            Settings = new VfSettings { Mac = new MacAddress(0x02_00_00_00_00_10 + (ulong)index), Vlan = vlan },
        })).Value;
        return new ProbeEnd(within, "eth0", ip.Address) { Says = (await machine.Host.FindVfAsync($"{machine.Pf}/{index}")).Value.Vf.Settings };
    }

    private static async Task<MacAddress?> ReadMacAsync(IsolationMachine machine, ProbeEnd end)
    {
        using RouteClient route = RouteClient.Open(machine.Kernel, end.Within).Value;
        return (await route.GetLinkAsync(end.InterfaceName)).Value.Mac;
    }
}
