using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vfleet.Linux.Route;

/// <summary>Message types of rtnetlink. Source: include/uapi/linux/rtnetlink.h.</summary>
public static class RouteMessage
{
#pragma warning disable CS1591 // the kernel's names are the documentation: rtnetlink(7)
    public const ushort NewLink = 16, DeleteLink = 17, GetLink = 18, SetLink = 19;
    public const ushort NewAddress = 20, DeleteAddress = 21, GetAddress = 22;
    public const ushort NewRoute = 24, DeleteRoute = 25, GetRoute = 26;
    public const ushort NewNeighbour = 28, DeleteNeighbour = 29, GetNeighbour = 30;
    public const ushort NewNamespaceId = 88, DeleteNamespaceId = 89, GetNamespaceId = 90;
    public const ushort NewLinkProperty = 108, DeleteLinkProperty = 109;
#pragma warning restore CS1591
}

/// <summary>Attributes of links (IFLA_*). Source: include/uapi/linux/if_link.h.</summary>
public static class LinkAttribute
{
#pragma warning disable CS1591 // the kernel's names are the documentation
    public const int Address = 1, Broadcast = 2, Name = 3, Mtu = 4, LowerLink = 5, Master = 10, OperState = 16, LinkInfo = 18,
        NamespacePid = 19, Alias = 20, NumVf = 21, VfInfoList = 22, Stats64 = 23, ExtendedMask = 29, NamespaceFd = 28, Carrier = 33,
        CarrierChanges = 35, LinkNamespaceId = 37, CarrierDownCount = 48, MaxMtu = 51, PropertyList = 52, AlternativeName = 53, PermanentAddress = 54,
        ParentDeviceName = 56, ParentDeviceBusName = 57;
    public const int InfoKind = 1, InfoData = 2;

    public const int BondMode = 1, BondMonitor = 3, BondFailOverMac = 13;

    /// <summary>Filter bits of IFLA_EXT_MASK.</summary>
    public const uint FilterVf = 1, FilterSkipStats = 8;
#pragma warning restore CS1591
}

/// <summary>Attributes of a VF (IFLA_VF_*), inside IFLA_VF_INFO (1) of IFLA_VFINFO_LIST. Source: include/uapi/linux/if_link.h.</summary>
public static class VfAttribute
{
#pragma warning disable CS1591 // the kernel's names are the documentation
    public const int Info = 1;
    public const int Mac = 1, Vlan = 2, TxRate = 3, SpoofCheck = 4, LinkState = 5, Rate = 6, RssQuery = 7, Stats = 8, Trust = 9,
        NodeGuid = 10, PortGuid = 11, VlanList = 12, Broadcast = 13;
    public const int VlanInfo = 1;
    public const int StatsRxPackets = 0, StatsTxPackets = 1, StatsRxBytes = 2, StatsTxBytes = 3, StatsBroadcast = 4, StatsMulticast = 5,
        StatsPad = 6, StatsRxDropped = 7, StatsTxDropped = 8;
#pragma warning restore CS1591
}

/// <summary>struct ifinfomsg.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct InterfaceMessage
{
    /// <summary>ifi_family.</summary>
    public byte Family;

    /// <summary>Padding.</summary>
    public byte Pad;

    /// <summary>ifi_type: ARPHRD_*; 1 is Ethernet.</summary>
    public ushort Type;

    /// <summary>ifi_index.</summary>
    public int Index;

    /// <summary>ifi_flags: IFF_*.</summary>
    public uint Flags;

    /// <summary>ifi_change: which flags are meant.</summary>
    public uint Change;
}

/// <summary>struct ifla_vf_mac.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct VfMacMessage
{
    /// <summary>VF index.</summary>
    public uint Vf;

    /// <summary>The address, left-aligned.</summary>
    public VfMacRoom Mac;
}

/// <summary>MAX_ADDR_LEN bytes.</summary>
[InlineArray(32)]
public struct VfMacRoom
{
    private byte _first;
}

/// <summary>struct ifla_vf_vlan_info; its first three fields are struct ifla_vf_vlan.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct VfVlanMessage
{
    /// <summary>VF index.</summary>
    public uint Vf;

    /// <summary>0 to 4094; 0 removes the VLAN.</summary>
    public uint Vlan;

    /// <summary>Priority, 0 to 7.</summary>
    public uint Qos;

    /// <summary>Ethertype in network order: 0x8100 (802.1Q) or 0x88a8 (802.1ad).</summary>
    public ushort Protocol;

    private readonly ushort _pad;
}

/// <summary>struct ifla_vf_rate.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct VfRateMessage
{
    /// <summary>VF index.</summary>
    public uint Vf;

    /// <summary>Mbit/s; 0 is none.</summary>
    public uint MinimumTx;

    /// <summary>Mbit/s; 0 is no limit.</summary>
    public uint MaximumTx;
}

/// <summary>
/// The structures of two numbers: ifla_vf_spoofchk, ifla_vf_link_state, ifla_vf_trust, ifla_vf_rss_query_en, ifla_vf_tx_rate.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct VfSettingMessage
{
    /// <summary>VF index.</summary>
    public uint Vf;

    /// <summary>The setting; 0xffffffff where the driver does not know.</summary>
    public uint Setting;
}

/// <summary>struct ifla_vf_guid.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct VfGuidMessage
{
    /// <summary>VF index.</summary>
    public uint Vf;

    private readonly uint _pad;

    /// <summary>The GUID as a number in host order.</summary>
    public ulong Guid;
}
