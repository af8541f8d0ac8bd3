using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Route;

/// <summary>How a bond uses its members. Source: Documentation/networking/bonding.rst.</summary>
public enum BondMode : byte
{
    /// <summary>One after the other.</summary>
    BalanceRoundRobin = 0,

    /// <summary>One at a time; another when that fails.</summary>
    ActiveBackup = 1,

    /// <summary>By a hash of the addresses.</summary>
    BalanceXor = 2,

    /// <summary>All of them.</summary>
    Broadcast = 3,

    /// <summary>Link aggregation with the switch.</summary>
    Lacp = 4,

    /// <summary>By load, what is sent.</summary>
    BalanceTransmit = 5,

    /// <summary>By load, both ways.</summary>
    BalanceBoth = 6,
}

/// <summary>A bond to make.</summary>
/// <param name="Mode">How it uses its members.</param>
/// <param name="MonitorMilliseconds">How often it looks for their carrier (miimon); 0 for never.</param>
/// <param name="FailOverMac">
/// fail_over_mac: 0 gives all members one address, 1 gives the bond the address of the member in use, 2 sets a member's address when it comes into use.
/// </param>
public sealed record BondSettings(BondMode Mode, uint MonitorMilliseconds, byte FailOverMac);

/// <summary>RTM_NEWLINK of a bond. Source: drivers/net/bonding/bond_netlink.c bond_changelink.</summary>
internal static class BondWriter
{
    public static void Write(NetlinkRequest request, string name, BondSettings bond)
    {
        request.Clear().Begin(RouteMessage.NewLink, NetlinkFlags.Ack | NetlinkFlags.Create | NetlinkFlags.Exclusive).Struct(default(InterfaceMessage));
        request.Put(LinkAttribute.Name, name);
        int info = request.BeginNest(LinkAttribute.LinkInfo);
        request.Put(LinkAttribute.InfoKind, LinkInfo.BondKind);
        int data = request.BeginNest(LinkAttribute.InfoData);
        request.Put(LinkAttribute.BondMode, (byte)bond.Mode);
        request.Put(LinkAttribute.BondMonitor, bond.MonitorMilliseconds);
        request.Put(LinkAttribute.BondFailOverMac, bond.FailOverMac);
        request.EndNest(data).EndNest(info);
    }
}
