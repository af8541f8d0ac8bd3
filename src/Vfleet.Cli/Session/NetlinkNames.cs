using System.Globalization;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;

namespace Vfleet.Cli.Session;

/// <summary>The kernel's names of messages, for <c>--verbose</c>.</summary>
internal static class NetlinkNames
{
    public static string Of(ushort type, NetlinkFlags flags)
    {
        string name = type switch
        {
            RouteMessage.GetLink => "RTM_GETLINK",
            RouteMessage.SetLink => "RTM_SETLINK",
            RouteMessage.NewAddress => "RTM_NEWADDR",
            RouteMessage.DeleteAddress => "RTM_DELADDR",
            RouteMessage.GetAddress => "RTM_GETADDR",
            RouteMessage.GetRoute => "RTM_GETROUTE",
            RouteMessage.NewLinkProperty => "RTM_NEWLINKPROP",
            RouteMessage.DeleteLinkProperty => "RTM_DELLINKPROP",
            _ => type.ToString(CultureInfo.InvariantCulture),
        };
        return (flags & NetlinkFlags.Dump) == NetlinkFlags.Dump ? $"{name} dump" : name;
    }
}
