using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Events;

/// <summary>Opens the kernel's streams of events.</summary>
public static class KernelEvents
{
    private const uint KernelUevents = 1, LinkGroup = 1;

    /// <summary>
    /// Events of kernel objects, straight from the kernel. Equivalent to <c>udevadm monitor --kernel --property</c>. Interfaces
    /// announce themselves only in their own namespace, other devices in the first one.
    /// </summary>
    public static Outcome<EventStream<Uevent>> WatchUevents(IKernel kernel, NetworkNamespace? within = null) =>
        kernel.OpenNetlink(NetlinkProtocol.KobjectUevent, within, KernelUevents)
            .Map(socket => new EventStream<Uevent>(socket, static (datagram, found) =>
            {
                if (Uevent.Parse(datagram) is { } uevent)
                    found.Add(uevent);
            }));

    /// <summary>Changes of links in a namespace (RTNLGRP_LINK). Equivalent to <c>ip monitor link</c>.</summary>
    public static Outcome<EventStream<LinkEvent>> WatchLinks(IKernel kernel, NetworkNamespace? within = null) =>
        kernel.OpenNetlink(NetlinkProtocol.Route, within, LinkGroup)
            .Map(socket => new EventStream<LinkEvent>(socket, LinkEvent.ParseAll));
}
