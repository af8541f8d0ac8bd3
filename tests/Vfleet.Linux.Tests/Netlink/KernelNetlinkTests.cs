using System.Globalization;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;

namespace Vfleet.Linux.Tests.Netlink;

public sealed class KernelNetlinkTests
{
    [KernelFact("ip")]
    public async Task List_given_up_half_way_leaves_the_socket_usable()
    {
        const int Links = 120;
        using KernelNamespace space = new([.. Enumerable.Range(0, Links).Select(i => string.Create(CultureInfo.InvariantCulture, $"link add vft{i} type bridge"))]);
        using NetlinkClient client = Expect.Value(NetlinkClient.Open(space.Kernel, NetlinkProtocol.Route, space.Namespace));
        using CancellationTokenSource cancel = new();
        Outcome<List<LinkInfo>> all = default;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => all = await client.DumpAsync(Request(), (in NetlinkMessage message) =>
        {
            cancel.Cancel();
            return LinkParser.Parse(message);
        }, cancel.Token));
        all = await client.DumpAsync(Request(), LinkParser.Parse);
        Assert.True(Expect.Value(all).Count > Links);
    }

    [KernelFact]
    public async Task Refusal_carries_the_kernels_own_words()
    {
        using KernelNamespace space = new();
        using NetlinkClient client = Expect.Value(NetlinkClient.Open(space.Kernel, NetlinkProtocol.Route, space.Namespace));
        NetlinkRequest request = new() { Operation = "ip link set lo mtu 1", Target = "lo" };
        request.Begin(RouteMessage.NewLink, NetlinkFlags.Create | NetlinkFlags.Exclusive)
            .Struct(new InterfaceMessage()).Put(LinkAttribute.Name, "vft0").Nest(LinkAttribute.LinkInfo, info => info.Put(LinkAttribute.InfoKind, "no-such"));
        Fault fault = Expect.Fault(await client.ExecuteAsync(request));
        Assert.Equal("Unknown device type", fault.Cause);
    }

    private static NetlinkRequest Request()
    {
        NetlinkRequest request = new() { Operation = "ip link show", Target = "links" };
        return request.Begin(RouteMessage.GetLink, NetlinkFlags.Dump).Struct(new InterfaceMessage());
    }
}
