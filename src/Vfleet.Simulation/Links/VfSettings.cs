using Vfleet.Linux.Route;
using Vfleet.Simulation.Drivers;

namespace Vfleet.Simulation.Links;

/// <summary>What a PF's driver keeps for one VF; what RTM_GETLINK shows in IFLA_VF_INFO.</summary>
internal sealed class VfSettings
{
    public const ushort Vlan8021Q = 0x8100;
    public const ushort Vlan8021Ad = 0x88a8;

    /// <summary>The settings of VFs that have just been created.</summary>
    public static VfSettings[] Fresh(int count, NicTraits? traits) =>
        [.. Enumerable.Range(0, count).Select(_ => new VfSettings { SpoofCheck = traits?.SpoofCheckByDefault ?? false })];

    public MacAddress Mac { get; set; }

    /// <summary>True when <see cref="Mac"/> was set on the PF, not by the VF's own driver.</summary>
    public bool MacIsAdministrative { get; set; }

    public ushort Vlan { get; set; }

    public byte Qos { get; set; }

    public ushort VlanProtocol { get; set; } = Vlan8021Q;

    public bool SpoofCheck { get; set; }

    public bool Trust { get; set; }

    public bool RssQuery { get; set; }

    public VfLinkState LinkState { get; set; }

    public uint MinimumRate { get; set; }

    public uint MaximumRate { get; set; }

    public ulong NodeGuid { get; set; }

    public ulong PortGuid { get; set; }

    /// <summary>VLANs allowed through by a vendor's trunk file.</summary>
    public SortedSet<int> Trunk { get; } = [];

    public LinkCounters Counters { get; } = new();
}
