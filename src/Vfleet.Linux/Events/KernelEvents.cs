using Vfleet.Linux.Generic;
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

    /// <summary>
    /// Changes that devlink announces: ports, health, parameters. Equivalent to <c>devlink monitor</c>. Their content is for DevlinkClient
    /// to read.
    /// </summary>
    /// <returns>Kernel where this kernel has no devlink.</returns>
    public static async Task<Outcome<EventStream<DevlinkEvent>>> WatchDevlinkAsync(IKernel kernel, CancellationToken cancel = default)
    {
        const string Name = "devlink", Group = "config";
        if (!kernel.OpenNetlink(NetlinkProtocol.Generic).Try(out INetlinkSocket? socket, out Fault? fault))
            return fault;
        Outcome<GenericFamily> asked;
        using (GenericClient client = new(new NetlinkClient(socket), Name))
            asked = await client.FamilyAsync(cancel).ConfigureAwait(false);
        if (!asked.Try(out GenericFamily? family, out fault))
            return fault;
        return family.Groups.TryGetValue(Group, out uint group)
            ? kernel.OpenNetlink(NetlinkProtocol.Generic, null,
                group).Map(joined => new EventStream<DevlinkEvent>(joined, DevlinkEvent.ParseAll))
            : Fault.Unsupported("this kernel's devlink announces nothing", $"it has no multicast group {Group}", target: Name);
    }
}
