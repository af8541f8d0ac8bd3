using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;
using Vfleet.Simulation.Drivers;
using Vfleet.Simulation.Faults;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Namespaces;
using Vfleet.Simulation.Wire;

namespace Vfleet.Simulation.Netlink;

/// <summary>RTM_SETLINK and RTM_NEWLINK of an interface that exists, in the order of the kernel's do_setlink.</summary>
internal static class LinkChanges
{
    public static Refusal Set(SimulatedMachine machine, Reply reply, in NetlinkMessage message)
    {
        if (LinkRequest.Parse(message) is not { } request)
            return Errno.EINVAL;
        if (request.Attributes.Has(LinkAttribute.NamespacePid) && request.Attributes.Has(LinkAttribute.NamespaceFd))
            return new Refusal(Errno.EINVAL, "multiple netns identifying attributes specified");
        Refusal refusal = request.Find(machine, reply.Within, out SimulatedLink? link);
        if (refusal.IsRefused)
            return message.Type == RouteMessage.NewLink && message.Flags.HasFlag(NetlinkFlags.Create) ? BondLinks.Create(machine, reply.Within, request) : refusal;
        if (message.Type == RouteMessage.NewLink && message.Flags.HasFlag(NetlinkFlags.Exclusive))
            return Errno.EEXIST;
        if (request.Attributes.Has(LinkAttribute.Address) && request.Attributes.Bytes(LinkAttribute.Address).Length < MacAddresses.Size)
            return Errno.EINVAL;
        if (link!.Device is { } device && machine.Faults.IsHit(SimulatedFault.Busy, device.Name))
            return Errno.EBUSY;
        refusal = Apply(machine, request, link);
        machine.Events.LinkChanged(link);
        return refusal;
    }

    private static Refusal Apply(SimulatedMachine machine, LinkRequest request, SimulatedLink link)
    {
        string? name = request.Attributes.Text(LinkAttribute.Name);
        Refusal refusal = Move(machine, request, link, name);
        if (!refusal.IsRefused && request.Attributes.Has(LinkAttribute.Address))
            refusal = VfMacRules.Change(link, MacAddress.Read(request.Attributes.Bytes(LinkAttribute.Address))!.Value);
        if (!refusal.IsRefused && request.Attributes.Number(LinkAttribute.Mtu) is { } mtu)
            refusal = ChangeMtu(link, mtu);
        if (!refusal.IsRefused && request.Header.Index > 0 && !string.IsNullOrEmpty(name))
            refusal = link.IsUp && !machine.RenamesUp && name != link.Name ? Errno.EBUSY : LinkTable.Rename(link, name);
        if (!refusal.IsRefused && request.Attributes.Text(LinkAttribute.Alias) is { } alias)
            link.Alias = alias;
        if (!refusal.IsRefused && (request.Header.Flags != 0 || request.Header.Change != 0))
            ChangeFlags(machine, link, request.Header);
        if (!refusal.IsRefused && request.Attributes.Number(LinkAttribute.Master) is { } master)
            refusal = BondLinks.SetMaster(machine, link, (int)master);
        if (!refusal.IsRefused && request.Attributes.Has(LinkAttribute.VfInfoList))
            refusal = VfChanges.Apply(machine, link, request.Attributes.Bytes(LinkAttribute.VfInfoList));
        return refusal;
    }

    private static Refusal Move(SimulatedMachine machine, LinkRequest request, SimulatedLink link, string? name)
    {
        SimulatedNamespace? target;
        if (request.Attributes.Number(LinkAttribute.NamespacePid) is { } pid)
        {
            target = machine.Namespaces.ByProcess((int)pid);
            if (target is null)
                return Errno.ESRCH;
        }
        else if (request.Attributes.Number(LinkAttribute.NamespaceFd) is { } descriptor)
        {
            target = machine.Namespaces.ByDescriptor((int)descriptor);
            if (target is null)
                return Errno.EBADF;
        }
        else
        {
            return Refusal.None;
        }
        return LinkMove.To(machine, link, target, string.IsNullOrEmpty(name) ? null : name);
    }

    private static Refusal ChangeMtu(SimulatedLink link, uint mtu)
    {
        if (mtu > int.MaxValue || mtu < link.MinimumMtu)
            return new Refusal(Errno.EINVAL, "mtu less than device minimum");
        if (link.MaximumMtu > 0 && mtu > link.MaximumMtu)
            return new Refusal(Errno.EINVAL, "mtu greater than device maximum");
        link.Mtu = mtu;
        return Refusal.None;
    }

    private static void ChangeFlags(SimulatedMachine machine, SimulatedLink link, in InterfaceMessage header)
    {
        // Without a mask every changeable flag is meant (rtnl_dev_combine_flags).
        uint change = header.Change == 0 ? uint.MaxValue : header.Change;
        bool wasUp = link.IsUp;
        link.Flags = link.FlagsAfter(header.Flags, change);
        if (wasUp == link.IsUp)
            return;
        if (!link.IsUp)
            link.Namespace.Routes.RemoveAll(route => route.OutputIndex == link.Index);
        else if (link.Device is { Sriov: not null } port)
            machine.Cables.Restart(port, machine.Timing.Carrier);
        CarrierRules.RefreshAll(machine);
    }
}
