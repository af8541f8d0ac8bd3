using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;
using Vfleet.Simulation.Faults;
using Vfleet.Simulation.Links;

namespace Vfleet.Simulation.Netlink;

/// <summary>RTM_GETLINK: one interface, or all of the namespace.</summary>
internal static class LinkQueries
{
    public static Refusal Get(SimulatedMachine machine, Reply reply, in NetlinkMessage message)
    {
        if (LinkRequest.Parse(message) is not { } request)
            return Errno.EINVAL;
        Refusal refusal = request.Find(machine, reply.Within, out SimulatedLink? link);
        if (refusal.IsRefused)
            return refusal;
        uint mask = request.Attributes.Number(LinkAttribute.ExtendedMask) ?? 0;
        if ((mask & LinkAttribute.FilterVf) != 0 && machine.Faults.IsHit(SimulatedFault.MessageTooLong, link!.Name))
            return Errno.EMSGSIZE;
        Write(reply, link!, mask);
        return Refusal.None;
    }

    public static Refusal Dump(SimulatedMachine machine, Reply reply, in NetlinkMessage message)
    {
        // Old programs ask with a bare rtgenmsg: every interface, nothing extra.
        LinkRequest? request = LinkRequest.Parse(message);
        if (request is null && message.Payload.Length >= 16)
            return Errno.EINVAL;
        uint mask = request?.Attributes.Number(LinkAttribute.ExtendedMask) ?? 0;
        reply.BeginDump();
        foreach (SimulatedLink link in reply.Within.Links.Values)
            Write(reply, link, mask);
        return Refusal.None;
    }

    private static void Write(Reply reply, SimulatedLink link, uint mask)
    {
        MessageWriter writer = reply.Begin(RouteMessage.NewLink);
        LinkMessages.Fill(writer, link, link.Index, mask, 0);
        reply.Add(writer);
    }
}
