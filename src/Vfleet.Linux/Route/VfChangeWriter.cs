using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Route;

/// <summary>Writes RTM_SETLINK for one VF. Source: net/core/rtnetlink.c do_setvfinfo.</summary>
internal static class VfChangeWriter
{
    public static void Write(NetlinkRequest request, int pfIndex, VfChange change)
    {
        request.Begin(RouteMessage.SetLink, NetlinkFlags.Ack).Struct(new InterfaceMessage { Index = pfIndex });
        int list = request.BeginNest(LinkAttribute.VfInfoList);
        int info = request.BeginNest(VfAttribute.Info);
        uint vf = (uint)change.Index;
        if (change.Mac is { } mac)
        {
            VfMacMessage message = new() { Vf = vf };
            mac.Write(message.Mac);
            request.Put(VfAttribute.Mac, message);
        }
        if (change.Vlan is { } vlan)
            WriteVlan(request, vf, vlan);
        if (change.Rate is { } rate)
            request.Put(VfAttribute.Rate, new VfRateMessage { Vf = vf, MinimumTx = rate.MinTxMbps, MaximumTx = rate.MaxTxMbps });
        Setting(request, VfAttribute.SpoofCheck, vf, Number(change.SpoofCheck));
        Setting(request, VfAttribute.LinkState, vf, (uint?)change.LinkState);
        Setting(request, VfAttribute.Trust, vf, Number(change.Trust));
        if (change.NodeGuid is { } node)
            request.Put(VfAttribute.NodeGuid, new VfGuidMessage { Vf = vf, Guid = node });
        if (change.PortGuid is { } port)
            request.Put(VfAttribute.PortGuid, new VfGuidMessage { Vf = vf, Guid = port });
        request.EndNest(info).EndNest(list);
    }

    public static string Describe(string pf, VfChange change)
    {
        StringBuilder text = new(string.Create(CultureInfo.InvariantCulture, $"ip link set {pf} vf {change.Index}"));
        if (change.Mac is { } mac)
            text.Append(CultureInfo.InvariantCulture, $" mac {mac}");
        if (change.Vlan is { } vlan)
        {
            string protocol = vlan.Protocol == VlanProtocol.Dot1Ad ? "802.1ad" : "802.1q";
            text.Append(CultureInfo.InvariantCulture, $" vlan {vlan.Id} qos {vlan.Qos} proto {protocol}");
        }
        if (change.Rate is { } rate)
            text.Append(CultureInfo.InvariantCulture, $" min_tx_rate {rate.MinTxMbps} max_tx_rate {rate.MaxTxMbps}");
        if (change.SpoofCheck is { } spoof)
            text.Append(spoof ? " spoofchk on" : " spoofchk off");
        if (change.LinkState is { } state)
            text.Append(CultureInfo.InvariantCulture, $" state {state.ToString().ToLowerInvariant()}");
        if (change.Trust is { } trust)
            text.Append(trust ? " trust on" : " trust off");
        if (change.NodeGuid is { } node)
            text.Append(CultureInfo.InvariantCulture, $" node_guid {node:x16}");
        if (change.PortGuid is { } port)
            text.Append(CultureInfo.InvariantCulture, $" port_guid {port:x16}");
        return text.ToString();
    }

    private static void WriteVlan(NetlinkRequest request, uint vf, VfVlan vlan)
    {
        int list = request.BeginNest(VfAttribute.VlanList);
        request.Put(VfAttribute.VlanInfo, new VfVlanMessage
        {
            Vf = vf,
            Vlan = (uint)vlan.Id,
            Qos = (uint)vlan.Qos,
            Protocol = BinaryPrimitives.ReverseEndianness((ushort)vlan.Protocol),
        });
        request.EndNest(list);
    }

    private static void Setting(NetlinkRequest request, int type, uint vf, uint? value)
    {
        if (value is { } setting)
            request.Put(type, new VfSettingMessage { Vf = vf, Setting = setting });
    }

    private static uint? Number(bool? value) => value is null ? null : value.Value ? 1u : 0u;
}
