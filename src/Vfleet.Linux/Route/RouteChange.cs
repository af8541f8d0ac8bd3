using System.Net;
using System.Net.Sockets;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Route;

/// <summary>A route to add.</summary>
/// <param name="Destination">Where to; 0.0.0.0/0 or ::/0 for a default route.</param>
/// <param name="Gateway">By way of whom; null where the destination is on the link.</param>
public sealed record RouteChange(IPNetwork Destination, IPAddress? Gateway)
{
    /// <summary>Packets of at most this many bytes; null for the interface's MTU.</summary>
    public uint? Mtu { get; init; }

    /// <summary>MSS to advertise, in bytes; null for the kernel's.</summary>
    public uint? AdvertisedMss { get; init; }

    /// <summary>Metric: the smaller wins; null for the kernel's.</summary>
    public uint? Priority { get; init; }

    /// <summary>Table; null for main (254).</summary>
    public uint? Table { get; init; }

    /// <summary>RT_SCOPE_*; null for what the gateway means: link (253) without one, global (0) with one.</summary>
    public byte? Scope { get; init; }
}

/// <summary>RTM_NEWROUTE. Source: net/ipv4/fib_frontend.c rtm_to_fib_config, net/ipv6/route.c rtm_to_fib6_config.</summary>
internal static class RouteWriter
{
    private const int AttributeDestination = 1, AttributeOutgoing = 4, AttributeGateway = 5, AttributePriority = 6, AttributeMetrics = 8, AttributeTable = 15;
    private const int MetricMtu = 2, MetricAdvertisedMss = 8;
    private const byte Inet = 2, Inet6 = 10, Main = 254, Compatible = 252, Static = 4, Unicast = 1, LinkScope = 253;

    public static void Write(NetlinkRequest request, int index, RouteChange route)
    {
        bool isFour = route.Destination.BaseAddress.AddressFamily == AddressFamily.InterNetwork;
        request.Clear().Begin(RouteMessage.NewRoute, NetlinkFlags.Ack | NetlinkFlags.Create | NetlinkFlags.Exclusive);
        request.Struct(new RouteHeader
        {
            Family = isFour ? Inet : Inet6,
            DestinationLength = (byte)route.Destination.PrefixLength,
            Table = route.Table is { } table ? table < 256 ? (byte)table : Compatible : Main,
            Protocol = Static,
            // IPv6 has no scopes of routes.
            Scope = route.Scope ?? (isFour && route.Gateway is null ? LinkScope : (byte)0),
            Type = Unicast,
        });
        if (route.Destination.PrefixLength > 0)
            request.Put(AttributeDestination, (ReadOnlySpan<byte>)route.Destination.BaseAddress.GetAddressBytes());
        request.Put(AttributeOutgoing, (uint)index);
        if (route.Gateway is { } gateway)
            request.Put(AttributeGateway, (ReadOnlySpan<byte>)gateway.GetAddressBytes());
        if (route.Priority is { } priority)
            request.Put(AttributePriority, priority);
        if (route.Table is { } other)
            request.Put(AttributeTable, other);
        if (route.Mtu is null && route.AdvertisedMss is null)
            return;
        int metrics = request.BeginNest(AttributeMetrics);
        if (route.Mtu is { } mtu)
            request.Put(MetricMtu, mtu);
        if (route.AdvertisedMss is { } mss)
            request.Put(MetricAdvertisedMss, mss);
        request.EndNest(metrics);
    }
}
