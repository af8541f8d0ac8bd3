using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;
using Vfleet.Simulation.Namespaces;

namespace Vfleet.Simulation.Netlink;

/// <summary>RTM_GETNSID: the number one namespace has for another. Source: net/core/net_namespace.c, rtnl_net_getid.</summary>
internal static class NamespaceIds
{
    private const int Id = 1, Pid = 2, Descriptor = 3;
    private const int Unknown = -1;

    public static Refusal Get(SimulatedMachine machine, Reply reply, in NetlinkMessage message)
    {
        // struct rtgenmsg is one byte, padded to four.
        if (message.Payload.Length < 4 || AttributeSet.Parse(message.Payload[4..]) is not { } attributes)
            return Errno.EINVAL;
        SimulatedNamespace? peer;
        Errno missing;
        if (attributes.Number(Pid) is { } pid)
            (peer, missing) = (machine.Namespaces.ByProcess((int)pid), Errno.ESRCH);
        else if (attributes.Number(Descriptor) is { } descriptor)
            (peer, missing) = (machine.Namespaces.ByDescriptor((int)descriptor), Errno.EBADF);
        else
            return new Refusal(Errno.EINVAL, "Peer netns reference is missing");
        if (peer is null)
            return new Refusal(missing, "Peer netns reference is invalid");
        MessageWriter writer = reply.Begin(RouteMessage.NewNamespaceId);
        writer.Struct(0);
        writer.Put(Id, reply.Within.PeerIds.GetValueOrDefault(peer.Inode, Unknown));
        reply.Add(writer);
        return Refusal.None;
    }
}
