using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;
using Vfleet.Simulation.Links;

namespace Vfleet.Simulation.Netlink;

/// <summary>
/// RTM_NEWLINKPROP and RTM_DELLINKPROP: alternative names. Equivalent to <c>ip link property add|del dev DEV altname NAME</c>.
/// </summary>
internal static class LinkProperties
{
    public static Refusal Change(SimulatedMachine machine, Reply reply, in NetlinkMessage message)
    {
        if (LinkRequest.Parse(message) is not { } request)
            return Errno.EINVAL;
        Refusal refusal = request.Find(machine, reply.Within, out SimulatedLink? link);
        if (refusal.IsRefused)
            return refusal;
        bool isNew = message.Type == RouteMessage.NewLinkProperty;
        AttributeReader names = new(request.Attributes.Bytes(LinkAttribute.PropertyList));
        while (names.Read())
        {
            if (names.Type != LinkAttribute.AlternativeName)
                continue;
            refusal = isNew ? Add(link!, names.AsText()) : Remove(link!, names.AsText());
            if (refusal.IsRefused)
                return refusal;
        }
        machine.Events.LinkChanged(link!);
        return Refusal.None;
    }

    private static Refusal Add(SimulatedLink link, string name)
    {
        if (name.Length == 0 || name.Length >= LinkNames.AlternativeSize)
            return Errno.ERANGE;
        if (link.Namespace.ByName(name) is not null)
            return Errno.EEXIST;
        link.AltNames.Add(name);
        return Refusal.None;
    }

    private static Refusal Remove(SimulatedLink link, string name)
    {
        if (link.Namespace.ByName(name) is not { } holder)
            return Errno.ENOENT;
        // The interface's own name, or another interface's, is no property of this one.
        if (holder != link || link.Name == name)
            return Errno.EINVAL;
        link.AltNames.Remove(name);
        return Refusal.None;
    }
}
