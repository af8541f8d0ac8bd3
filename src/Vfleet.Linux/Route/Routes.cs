using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Route;

/// <summary>struct rtmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct RouteHeader
{
    /// <summary>Address family; 0 asks for all.</summary>
    public byte Family;

    /// <summary>Length of the destination's prefix in bits; 0 is a default route.</summary>
    public byte DestinationLength;

    /// <summary>Length of the source's prefix in bits.</summary>
    public byte SourceLength;

    /// <summary>Type of service.</summary>
    public byte TypeOfService;

    /// <summary>Routing table; 254 is main.</summary>
    public byte Table;

    /// <summary>RTPROT_*.</summary>
    public byte Protocol;

    /// <summary>RT_SCOPE_*.</summary>
    public byte Scope;

    /// <summary>RTN_*: 1 is unicast.</summary>
    public byte Type;

    /// <summary>RTM_F_*.</summary>
    public uint Flags;
}

/// <summary>A default route's outgoing interfaces: one, or several for a multipath route.</summary>
internal sealed record DefaultRoute(IReadOnlyList<int> Interfaces);

/// <summary>RTM_NEWROUTE as far as default routes go. Source: net/ipv4/fib_semantics.c fib_dump_info.</summary>
internal static class RouteParser
{
    private const byte Unicast = 1;
    private const int AttributeDestination = 1, AttributeOutgoing = 4, AttributeMultipath = 9;
    private const int NextHopSize = 8;

    public static DefaultRoute? ParseDefault(in NetlinkMessage message)
    {
        if (message.Type != RouteMessage.NewRoute || message.Payload.Length < Unsafe.SizeOf<RouteHeader>())
            return null;
        RouteHeader header = MemoryMarshal.Read<RouteHeader>(message.Payload);
        if (header.DestinationLength != 0 || header.Type != Unicast)
            return null;
        List<int> interfaces = [];
        AttributeReader reader = new(message.Payload[Unsafe.SizeOf<RouteHeader>()..]);
        while (reader.Read())
        {
            if (reader.Type == AttributeDestination)
                return null;
            if (reader.Type == AttributeOutgoing)
                interfaces.Add((int)reader.AsUInt32());
            else if (reader.Type == AttributeMultipath)
                TakeHops(reader.Value, interfaces);
        }
        return interfaces.Count == 0 ? null : new DefaultRoute(interfaces);
    }

    private static void TakeHops(ReadOnlySpan<byte> hops, List<int> interfaces)
    {
        // struct rtnexthop: length, flags, hops, interface index.
        while (hops.Length >= NextHopSize)
        {
            ushort length = MemoryMarshal.Read<ushort>(hops);
            if (length < NextHopSize || length > hops.Length)
                return;
            interfaces.Add(MemoryMarshal.Read<int>(hops[4..]));
            hops = hops[Math.Min(hops.Length, NetlinkControl.Align(length))..];
        }
    }
}
