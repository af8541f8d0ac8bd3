using Vfleet.Linux.Events;
using Vfleet.Linux.Route;

namespace Vfleet.Linux.Tests.Events;

public sealed class KernelEventTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [KernelFact("ip")]
    public async Task New_interface_announces_itself_in_its_namespace()
    {
        using KernelNamespace space = new();
        using EventStream<Uevent> stream = Expect.Value(KernelEvents.WatchUevents(space.Kernel, space.Namespace));
        space.Ip("link add vft0 type bridge", "link del vft0");
        Uevent added = await First(stream, uevent => uevent["INTERFACE"] == "vft0" && uevent.Action == UeventAction.Add);
        Assert.Equal(("net", "/devices/virtual/net/vft0"), (added.Subsystem, added.DevicePath));
        Assert.NotEqual(0ul, added.Sequence);
        await First(stream, uevent => uevent["INTERFACE"] == "vft0" && uevent.Action == UeventAction.Remove);
    }

    [KernelFact("ip")]
    public async Task Link_changes_are_told_and_leaving_a_bridge_is_no_removal()
    {
        using KernelNamespace space = new();
        using EventStream<LinkEvent> stream = Expect.Value(KernelEvents.WatchLinks(space.Kernel, space.Namespace));
        space.Ip("link add vft0 type bridge", "link add vft1 type veth peer name vft2", "link set vft1 master vft0");
        LinkEvent member = await First(stream, link => link is { Name: "vft1", Master: not null });
        space.Ip("link set vft1 nomaster", "link set vft1 up");
        LinkEvent next = await First(stream, link => link.Name == "vft1" && (link.Removed || (link.Flags & LinkInfo.FlagUp) != 0));
        Assert.False(next.Removed);
        space.Ip("link del vft1");
        Assert.Equal(member.Index, (await First(stream, link => link is { Name: "vft1", Removed: true })).Index);
    }

    [KernelFact("ip")]
    public async Task Move_to_another_namespace_says_where_to()
    {
        using KernelNamespace space = new("link add vft1 type veth peer name vft2");
        using KernelNamespace other = new();
        using EventStream<LinkEvent> stream = Expect.Value(KernelEvents.WatchLinks(space.Kernel, space.Namespace));
        using RouteClient route = Expect.Value(RouteClient.Open(space.Kernel, space.Namespace));
        LinkInfo link = Expect.Value(await route.GetLinkAsync("vft1"));
        Expect.Done(await route.ChangeLinkAsync(link.Index, "vft1", new LinkChange { Namespace = other.Namespace }));
        LinkEvent moved = await First(stream, seen => seen is { Name: "vft1", Removed: true });
        Assert.NotNull(moved.MovedToNamespaceId);
        Assert.NotNull(moved.MovedToIndex);
    }

    [KernelFact("ip")]
    public async Task Stream_that_is_not_read_tells_of_its_losses()
    {
        using KernelNamespace space = new("link add vft0 type bridge");
        using EventStream<LinkEvent> stream = Expect.Value(KernelEvents.WatchLinks(space.Kernel, space.Namespace));
        using RouteClient route = Expect.Value(RouteClient.Open(space.Kernel, space.Namespace));
        int index = Expect.Value(await route.GetLinkAsync("vft0")).Index;
        for (int i = 0; i < 1000; i++)
            Expect.Done(await route.ChangeLinkAsync(index, "vft0", new LinkChange { Mtu = 1400 + (i % 2) }));
        using CancellationTokenSource limit = new(Limit);
        await foreach (KernelEvent<LinkEvent> seen in stream.WithCancellation(limit.Token))
        {
            if (seen.IsOverrun)
                return;
        }
        Assert.Fail("the stream ended");
    }

    private static async Task<T> First<T>(EventStream<T> stream, Func<T, bool> isIt)
        where T : class
    {
        using CancellationTokenSource limit = new(Limit);
        await foreach (KernelEvent<T> seen in stream.WithCancellation(limit.Token))
        {
            Assert.Null(seen.Fault);
            if (seen.Value is { } value && isIt(value))
                return value;
        }
        throw new InvalidOperationException("the stream ended");
    }
}
