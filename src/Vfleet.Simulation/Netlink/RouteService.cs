using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;

namespace Vfleet.Simulation.Netlink;

/// <summary>rtnetlink: which request goes where. Source of the order of checks: net/core/rtnetlink.c, rtnetlink_rcv_msg.</summary>
internal static class RouteService
{
    private const ushort Last = 123;

    public static Refusal Handle(SimulatedMachine machine, Reply reply, in NetlinkMessage message)
    {
        if (message.Type > Last)
            return Errno.EOPNOTSUPP;
        if (message.Payload.IsEmpty)
            return Refusal.None;
        // The two low bits of a type say what it does: new, delete, get, set.
        bool isGet = (message.Type & 3) == 2;
        if (!isGet && !machine.Privileged)
            return Errno.EPERM;
        bool isDump = isGet && (message.Flags & NetlinkFlags.Dump) == NetlinkFlags.Dump;
        return message.Type switch
        {
            RouteMessage.GetLink when isDump => LinkQueries.Dump(machine, reply, message),
            RouteMessage.GetLink => LinkQueries.Get(machine, reply, message),
            RouteMessage.SetLink or RouteMessage.NewLink => LinkChanges.Set(machine, reply, message),
            RouteMessage.DeleteLink => BondLinks.Delete(machine, reply, message),
            RouteMessage.NewAddress or RouteMessage.DeleteAddress => AddressService.Change(machine, reply, message),
            RouteMessage.GetAddress when isDump => AddressService.Dump(reply, message),
            RouteMessage.NewRoute or RouteMessage.DeleteRoute => RouteTable.Change(reply, message),
            RouteMessage.GetRoute when isDump => RouteTable.Dump(reply, message),
            RouteMessage.GetNeighbour when isDump => Nothing(reply),
            RouteMessage.GetNamespaceId => NamespaceIds.Get(machine, reply, message),
            RouteMessage.NewLinkProperty or RouteMessage.DeleteLinkProperty => LinkProperties.Change(machine, reply, message),
            _ => Errno.EOPNOTSUPP,
        };
    }

    /// <summary>A list that is always empty: the simulated IP stack keeps no neighbours.</summary>
    private static Refusal Nothing(Reply reply)
    {
        reply.BeginDump();
        return Refusal.None;
    }
}
