using System.Text.Json.Serialization;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Settings;

/// <summary>Settings wanted for a VF; null leaves one as it is.</summary>
public sealed record VfSettings
{
    /// <summary>MAC set through the PF; all zero gives the choice back to the VF.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>Port VLAN, 0 to 4094; 0 is untagged.</summary>
    public int? Vlan { get; init; }

    /// <summary>Priority of the port VLAN, 0 to 7.</summary>
    public int? VlanQos { get; init; }

    /// <summary>Protocol of the port VLAN.</summary>
    public VlanProtocol? VlanProtocol { get; init; }

    /// <summary>VLANs the VF may tag itself, such as <c>100-110,200</c>.</summary>
    public VlanTrunk? Trunk { get; init; }

    /// <summary>Drop frames with a foreign source address.</summary>
    public bool? SpoofCheck { get; init; }

    /// <summary>Let the VF change its own address and modes.</summary>
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

    /// <summary>True when nothing is wanted.</summary>
    [JsonIgnore]
    public bool IsEmpty => this == new VfSettings();

    /// <summary>
    /// The wishes that are not fulfilled already. Drivers report settings they cannot set (igb shows link state auto), so what is to be
    /// restored must not ask for what is there. A VLAN stays whole: without its priority and protocol it means another one.
    /// </summary>
    public VfSettings Except(VfInfo now)
    {
        bool isSameVlan = (Vlan is null || Vlan == now.Vlan) && (VlanQos is null || VlanQos == now.VlanQos) && (VlanProtocol is null || VlanProtocol == now.VlanProtocol);
        return this with
        {
            Mac = Mac == now.Mac ? null : Mac,
            Vlan = isSameVlan ? null : Vlan,
            VlanQos = isSameVlan ? null : VlanQos,
            VlanProtocol = isSameVlan ? null : VlanProtocol,
            SpoofCheck = SpoofCheck == now.SpoofCheck ? null : SpoofCheck,
            Trust = Trust == now.Trust ? null : Trust,
            LinkState = LinkState == now.LinkState ? null : LinkState,
            MinTxRateMbps = MinTxRateMbps == now.MinTxRateMbps ? null : MinTxRateMbps,
            MaxTxRateMbps = MaxTxRateMbps == now.MaxTxRateMbps ? null : MaxTxRateMbps,
            NodeGuid = NodeGuid == now.NodeGuid ? null : NodeGuid,
            PortGuid = PortGuid == now.PortGuid ? null : PortGuid,
        };
    }

    /// <summary>The settings a VF has now, as far as its driver reports them.</summary>
    public static VfSettings Of(VfInfo info) => new()
    {
        Mac = info.Mac,
        Vlan = info.Vlan,
        VlanQos = info.VlanQos,
        VlanProtocol = info.VlanProtocol,
        SpoofCheck = info.SpoofCheck,
        Trust = info.Trust,
        LinkState = info.LinkState,
        MinTxRateMbps = info.MinTxRateMbps,
        MaxTxRateMbps = info.MaxTxRateMbps,
        NodeGuid = info.NodeGuid,
        PortGuid = info.PortGuid,
    };
}
