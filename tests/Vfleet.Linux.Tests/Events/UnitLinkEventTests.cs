using Vfleet.Linux.Events;
using Vfleet.Linux.Route;
using Vfleet.Linux.Tests.Netlink;

namespace Vfleet.Linux.Tests.Events;

public sealed class UnitLinkEventTests
{
    [Fact]
    public void Link_message_is_read()
    {
        LinkEvent link = Assert.Single(Parse(Templates.Link(0)));
        Assert.Equal((false, 7, "enp1s0f0", 0x11043u), (link.Removed, link.Index, link.Name, link.Flags));
        Assert.Equal(("0000:01:00.0", "pci"), (link.ParentDevice, link.ParentBus));
        Assert.Null(link.Master);
    }

    [Fact]
    public void Move_to_another_namespace_is_a_removal_that_says_where_to()
    {
        byte[] moved = Templates.Build(RouteMessage.DeleteLink, request => request
            .Struct(new InterfaceMessage { Index = 7 }).Put(LinkAttribute.Name, "eth0").Put(45, 3).Put(49, 12));
        Assert.Equal(new LinkEvent(true, 7, "eth0", 0, 0) { MovedToNamespaceId = 3, MovedToIndex = 12 }, Assert.Single(Parse(moved)));
    }

    [Fact]
    public void Port_that_leaves_a_bridge_is_no_removal_of_the_link() =>
        Assert.Empty(Parse(Templates.Build(RouteMessage.DeleteLink, request => request
            .Struct(new InterfaceMessage { Family = 7, Index = 7 }).Put(LinkAttribute.Name, "eth0"))));

    [Fact]
    public void Other_messages_are_left_out() => Assert.Empty(Parse(Templates.Address(2)));

    private static List<LinkEvent> Parse(byte[] datagram)
    {
        List<LinkEvent> found = [];
        LinkEvent.ParseAll(datagram, found);
        return found;
    }
}
