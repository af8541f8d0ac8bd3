using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;
using Vfleet.Simulation.Drivers;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Namespaces;
using Vfleet.Simulation.Wire;

namespace Vfleet.Simulation.Netlink;

/// <summary>Bonds: made, given members, removed. Source: drivers/net/bonding/bond_main.c bond_enslave, __bond_release_one.</summary>
internal static class BondLinks
{
    public static Refusal Create(SimulatedMachine machine, SimulatedNamespace within, LinkRequest request)
    {
        if (AttributeSet.Parse(request.Attributes.Bytes(LinkAttribute.LinkInfo)) is not { } info || info.Text(LinkAttribute.InfoKind) != LinkInfo.BondKind
            || AttributeSet.Parse(info.Bytes(LinkAttribute.InfoData)) is not { } data)
            return Errno.EOPNOTSUPP;
        if (request.Attributes.Text(LinkAttribute.Name) is not { } name || !LinkNames.IsValid(name))
            return Errno.EINVAL;
        BondSettings settings = new((BondMode)First(data, LinkAttribute.BondMode), data.Number(LinkAttribute.BondMonitor) ?? 0,
            First(data, LinkAttribute.BondFailOverMac));
        if (settings.Mode > BondMode.BalanceBoth || settings.FailOverMac > 2)
            return Errno.EINVAL;
        SimulatedLink link = new()
        {
            Name = name,
            Namespace = within,
            Index = within.ReserveIndex(0),
            Switches = new LinkSwitches(within.Defaults),
            Bond = settings,
            Flags = SimulatedLink.FlagBroadcast | SimulatedLink.FlagMulticast | SimulatedLink.FlagMaster,
            MaximumMtu = 65535,
        };
        within.Links.Add(link.Index, link);
        machine.Events.LinkAdded(link);
        return Refusal.None;
    }

    /// <summary>RTM_DELLINK: a device's interface cannot be removed.</summary>
    public static Refusal Delete(SimulatedMachine machine, Reply reply, in NetlinkMessage message)
    {
        if (LinkRequest.Parse(message) is not { } request)
            return Errno.EINVAL;
        Refusal refusal = request.Find(machine, reply.Within, out SimulatedLink? link);
        if (refusal.IsRefused)
            return refusal;
        if (link!.Bond is null)
            return Errno.EOPNOTSUPP;
        foreach (SimulatedLink member in MembersOf(link))
            Release(machine, member);
        LinkTable.Remove(machine, link);
        return Refusal.None;
    }

    public static Refusal SetMaster(SimulatedMachine machine, SimulatedLink link, int master)
    {
        if (master == link.Master)
            return Refusal.None;
        if (link.Namespace.Links.GetValueOrDefault(link.Master)?.Bond is not null)
            Release(machine, link);
        link.Master = 0;
        if (master == 0)
            return Refusal.None;
        // Bridges are not simulated: whatever is no bond stands for one.
        if (link.Namespace.Links.GetValueOrDefault(master) is not { Bond: { } settings } bond)
        {
            link.Master = master;
            return Refusal.None;
        }
        if (link.IsUp)
            return new Refusal(Errno.EPERM, "Device can not be enslaved while up");
        bool isFirst = MembersOf(bond).Length == 0;
        if (isFirst)
            bond.Mac = link.Mac;
        else if (settings.FailOverMac == 0 && VfMacRules.Change(link, bond.Mac) is { IsRefused: true } refusal)
            return refusal;
        link.Mtu = bond.Mtu;
        link.Master = master;
        link.Flags |= SimulatedLink.FlagUp | SimulatedLink.FlagSlave;
        CarrierRules.RefreshAll(machine);
        return Refusal.None;
    }

    /// <summary>A member that leaves is closed.</summary>
    private static void Release(SimulatedMachine machine, SimulatedLink member)
    {
        member.Master = 0;
        member.Flags &= ~(SimulatedLink.FlagUp | SimulatedLink.FlagSlave);
        CarrierRules.RefreshAll(machine);
        machine.Events.LinkChanged(member);
    }

    private static SimulatedLink[] MembersOf(SimulatedLink bond) => [.. bond.Namespace.Links.Values.Where(link => link.Master == bond.Index)];

    private static byte First(AttributeSet data, int type) => data.Bytes(type) is [var value, ..] ? value : (byte)0;
}
