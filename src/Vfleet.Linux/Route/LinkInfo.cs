namespace Vfleet.Linux.Route;

/// <summary>A link as the kernel lists it. Equivalent to a stanza of <c>ip -d link show</c>.</summary>
public sealed record LinkInfo
{
    /// <summary><see cref="Kind"/> of a bond.</summary>
    public const string BondKind = "bond";

    /// <summary>IFF_UP.</summary>
    public const uint FlagUp = 1;

    /// <summary>IFF_ALLMULTI: frames for every group are received.</summary>
    public const uint FlagAllMulticast = 0x200;

    /// <summary>IFF_LOWER_UP: the carrier is there.</summary>
    public const uint FlagLowerUp = 0x10000;

    /// <summary>Interface index, unique in its namespace.</summary>
    public required int Index { get; init; }

    /// <summary>Interface name, 1 to 15 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>Alternative names.</summary>
    public IReadOnlyList<string> AlternativeNames { get; init; } = [];

    /// <summary>ARPHRD_* of the link: 1 is Ethernet, 32 InfiniBand (include/uapi/linux/if_arp.h).</summary>
    public int HardwareType { get; init; }

    /// <summary>Link-layer address; empty where the link has none.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>The address burnt in, where the driver tells.</summary>
    public MacAddress? PermanentMac { get; init; }

    /// <summary>Largest payload in bytes.</summary>
    public int Mtu { get; init; }

    /// <summary>Largest MTU its driver takes, bytes; 0 where the kernel does not tell (IFLA_MAX_MTU).</summary>
    public int MaxMtu { get; init; }

    /// <summary>IFF_* flags.</summary>
    public uint Flags { get; init; }

    /// <summary>Administratively up.</summary>
    public bool IsUp => (Flags & FlagUp) != 0;

    /// <summary>Receives frames for every group.</summary>
    public bool IsAllMulticast => (Flags & FlagAllMulticast) != 0;

    /// <summary>The carrier is there.</summary>
    public bool HasCarrier => (Flags & FlagLowerUp) != 0;

    /// <summary>Index of the bridge or bond it belongs to; 0 for none.</summary>
    public int Master { get; init; }

    /// <summary>Index of the link it is built upon, as a VLAN is upon its device; 0 for none, or for one in another namespace.</summary>
    public int LowerIndex { get; init; }

    /// <summary>Packets received and sent since the link was made; null where they were not asked for.</summary>
    public ulong? Packets { get; init; }

    /// <summary>How often the carrier went since the interface was made (IFLA_CARRIER_DOWN_COUNT); null before Linux 4.16.</summary>
    public uint? CarrierLosses { get; init; }

    /// <summary>Packets and bytes since the interface was made; null where they were not asked for.</summary>
    public LinkStatistics? Statistics { get; init; }

    /// <summary>Kind of a virtual link, such as <c>bridge</c>; null for a device.</summary>
    public string? Kind { get; init; }

    /// <summary>Device that carries the link, such as <c>0000:01:00.0</c> (kernel 5.14 and later).</summary>
    public string? ParentDevice { get; init; }

    /// <summary>Bus of <see cref="ParentDevice"/>: <c>pci</c>, <c>netdevsim</c>.</summary>
    public string? ParentBus { get; init; }

    /// <summary>Number of VFs the driver reports.</summary>
    public int NumVfs { get; init; }

    /// <summary>The VFs, where they were asked for; complete at any count.</summary>
    public IReadOnlyList<VfInfo> Vfs { get; init; } = [];
}

/// <summary>The first of an interface's counters (struct rtnl_link_stats64, include/uapi/linux/if_link.h). They never go down.</summary>
public sealed record LinkStatistics(
    ulong RxPackets, ulong TxPackets, ulong RxBytes, ulong TxBytes, ulong RxErrors, ulong TxErrors, ulong RxDropped, ulong TxDropped)
{
    /// <summary>Multicast packets received; null where the kernel does not tell.</summary>
    public ulong? RxMulticast { get; init; }

    /// <summary>What its driver says of errors and drops in detail; only those that are not 0, for most drivers count few of them.</summary>
    public IReadOnlyDictionary<LinkErrorCause, ulong> Causes { get; init; } = NoCauses;

    internal static IReadOnlyDictionary<LinkErrorCause, ulong> NoCauses { get; } = new Dictionary<LinkErrorCause, ulong>();
}

/// <summary>Why packets were lost: places of the counters in struct rtnl_link_stats64.</summary>
public enum LinkErrorCause
{
    /// <summary>Sent again after another station spoke.</summary>
    Collisions = 9,

    /// <summary>Received with a wrong length.</summary>
    RxLength = 10,

    /// <summary>Received when the ring had no room.</summary>
    RxOver = 11,

    /// <summary>Received with a wrong checksum of the frame.</summary>
    RxCrc = 12,

    /// <summary>Received with a wrong alignment.</summary>
    RxFrame = 13,

    /// <summary>Lost in the receiver's FIFO.</summary>
    RxFifo = 14,

    /// <summary>Missed for want of buffers.</summary>
    RxMissed = 15,

    /// <summary>Given up while they were sent.</summary>
    TxAborted = 16,

    /// <summary>Not sent for want of a carrier.</summary>
    TxCarrier = 17,

    /// <summary>Lost in the sender's FIFO.</summary>
    TxFifo = 18,

    /// <summary>Sent without a heartbeat.</summary>
    TxHeartbeat = 19,

    /// <summary>Sent with a late collision.</summary>
    TxWindow = 20,

    /// <summary>Received, and nobody wanted them.</summary>
    RxNoHandler = 23,

    /// <summary>Received for another host.</summary>
    RxOtherHost = 24,
}

/// <summary>One VF's settings as its PF's driver reports them. Equivalent to a <c>vf N</c> line of <c>ip -s link show PF</c>.</summary>
public sealed record VfInfo
{
    /// <summary>VF index, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The MAC set by the administrator; all zero where the VF may choose.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>Port VLAN, 0 to 4094; 0 is untagged.</summary>
    public int? Vlan { get; init; }

    /// <summary>Priority of the port VLAN, 0 to 7.</summary>
    public int? VlanQos { get; init; }

    /// <summary>Protocol of the port VLAN.</summary>
    public VlanProtocol? VlanProtocol { get; init; }

    /// <summary>Further VLANs of a trunk, where the driver lists more than one.</summary>
    public int VlanCount { get; init; }

    /// <summary>Whether frames with a foreign source address are dropped.</summary>
    public bool? SpoofCheck { get; init; }

    /// <summary>Whether the VF may change its own address and modes.</summary>
    public bool? Trust { get; init; }

    /// <summary>Link state policy.</summary>
    public VfLinkState? LinkState { get; init; }

    /// <summary>Guaranteed rate in Mbit/s; 0 is none.</summary>
    public uint? MinTxRateMbps { get; init; }

    /// <summary>Largest rate in Mbit/s; 0 is no limit.</summary>
    public uint? MaxTxRateMbps { get; init; }

    /// <summary>InfiniBand node GUID.</summary>
    public ulong? NodeGuid { get; init; }

    /// <summary>InfiniBand port GUID.</summary>
    public ulong? PortGuid { get; init; }

    /// <summary>Counters, where they were asked for.</summary>
    public VfCounters? Counters { get; init; }
}

/// <summary>Counters of a VF since it was created, as its PF's driver keeps them; many drivers report zeros.</summary>
public sealed record VfCounters(
    ulong RxPackets, ulong TxPackets, ulong RxBytes, ulong TxBytes, ulong Broadcast, ulong Multicast, ulong RxDropped, ulong TxDropped);

/// <summary>Link state policy of a VF (IFLA_VF_LINK_STATE_*).</summary>
public enum VfLinkState
{
    /// <summary>Follows the PF's link.</summary>
    Auto = 0,

    /// <summary>Always up, so that VFs talk to each other when the cable is out.</summary>
    Enable = 1,

    /// <summary>Always down.</summary>
    Disable = 2,
}

/// <summary>VLAN protocol, as its ethertype.</summary>
public enum VlanProtocol
{
    /// <summary>802.1Q.</summary>
    Dot1Q = 0x8100,

    /// <summary>802.1ad, the outer tag of QinQ.</summary>
    Dot1Ad = 0x88a8,
}
