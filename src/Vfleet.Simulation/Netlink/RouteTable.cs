using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Namespaces;

namespace Vfleet.Simulation.Netlink;

/// <summary>RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE of the main table. Source: net/ipv4/fib_frontend.c.</summary>
internal static class RouteTable
{
    private const int Destination = 1, OutputInterface = 4, Gateway = 5, Priority = 6, Table = 15;
    private const byte MainTable = 254, ProtocolBoot = 3, ScopeLink = 253, Unicast = 1;

    public static Refusal Change(Reply reply, in NetlinkMessage message)
    {
        if (!MemoryMarshal.TryRead(message.Payload, out RouteHeader header)
            || AttributeSet.Parse(message.Payload[Unsafe.SizeOf<RouteHeader>()..]) is not { } attributes)
            return Errno.EINVAL;
        if (AddressFamily.SizeOf(header.Family) == 0)
            return Errno.EOPNOTSUPP;
        SimulatedRoute route = new(
            header.Family, attributes.Bytes(Destination).ToArray(), header.DestinationLength, attributes.Bytes(Gateway).ToArray(),
            (int)(attributes.Number(OutputInterface) ?? 0), attributes.Number(Priority) ?? 0);
        SimulatedRoute? known = reply.Within.Routes.Find(other => IsSame(other, route));
        return message.Type == RouteMessage.NewRoute ? Add(reply.Within, known, route, message.Flags) : Remove(reply.Within, known);
    }

    public static Refusal Dump(Reply reply, in NetlinkMessage message)
    {
        byte family = message.Payload[0];
        reply.BeginDump();
        foreach (SimulatedRoute route in reply.Within.Routes)
        {
            if (family == AddressFamily.Unspecified || route.Family == family)
                Write(reply, route);
        }
        return Refusal.None;
    }

    private static Refusal Add(SimulatedNamespace within, SimulatedRoute? known, SimulatedRoute route, NetlinkFlags flags)
    {
        if (!within.Links.TryGetValue(route.OutputIndex, out SimulatedLink? output))
            return Errno.ENODEV;
        if (!output.IsUp)
            return new Refusal(Errno.ENETDOWN, "Device for nexthop is not up");
        if (known is not null && !flags.HasFlag(NetlinkFlags.Replace))
            return Errno.EEXIST;
        if (known is not null)
            within.Routes.Remove(known);
        within.Routes.Add(route);
        return Refusal.None;
    }

    private static Refusal Remove(SimulatedNamespace within, SimulatedRoute? known) =>
        known is not null && within.Routes.Remove(known) ? Refusal.None : Errno.ESRCH;

    private static bool IsSame(SimulatedRoute one, SimulatedRoute other) =>
        one.Family == other.Family && one.Prefix == other.Prefix && one.Metric == other.Metric
        && one.Destination.SequenceEqual(other.Destination);

    private static void Write(Reply reply, SimulatedRoute route)
    {
        MessageWriter writer = reply.Begin(RouteMessage.NewRoute);
        writer.Struct(new RouteHeader
        {
            Family = route.Family,
            DestinationLength = route.Prefix,
            Table = MainTable,
            Protocol = ProtocolBoot,
            Scope = route.Gateway.Length > 0 ? (byte)0 : ScopeLink,
            Type = Unicast,
        });
        writer.Put(Table, (uint)MainTable);
        if (route.Destination.Length > 0)
            writer.Put(Destination, route.Destination);
        if (route.Metric > 0)
            writer.Put(Priority, route.Metric);
        if (route.Gateway.Length > 0)
            writer.Put(Gateway, route.Gateway);
        writer.Put(OutputInterface, route.OutputIndex);
        reply.Add(writer);
    }
}
