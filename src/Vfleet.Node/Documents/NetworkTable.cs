using Vfleet.Host.Settings;
using Vfleet.Linux.Route;
using F = Vfleet.Node.Documents.FieldOf<Vfleet.Node.Documents.NetworkSpec>;

namespace Vfleet.Node.Documents;

/// <summary>The fields of a <c>SriovNetwork</c>.</summary>
internal static class NetworkTable
{
    // u32 in the kernel (struct ifla_vf_rate), int in the operator's type.
    private const uint MostMbps = int.MaxValue;

    /// <summary>The fields of <c>spec</c>.</summary>
    public static readonly ObjectTable<NetworkSpec> Table = new(
        "Settings of a VF while it is attached",
        new NetworkSpec(),
        F.Item("networkNamespace", Kinds.ObjectName, s => s.NetworkNamespace, (s, v) => s with { NetworkNamespace = v },
            "Namespace of the NetworkAttachmentDefinition", use: FieldUse.ClusterOnly),
        F.Item("resourceName", Kinds.ResourceName, s => s.ResourceName, (s, v) => s with { ResourceName = v },
            "The resource a VF is taken from", isRequired: true),
        F.Item("capabilities", Kinds.JsonText, s => s.Capabilities, (s, v) => s with { Capabilities = v },
            "What the CNI plugin may be told at run time, a JSON object as text", use: FieldUse.ClusterOnly),
        F.Item("ipam", Kinds.JsonText, s => s.Ipam, (s, v) => s with { Ipam = v },
            "Configuration of the CNI plugin that gives addresses, a JSON object as text", use: FieldUse.ClusterOnly),
        Setting("vlan", Kinds.Number(0, 4094), s => s.Vlan, (s, v) => s with { Vlan = v }, "Port VLAN; 0 is untagged"),
        Setting("vlanQoS", Kinds.Number(0, 7), s => s.VlanQos, (s, v) => s with { VlanQos = v }, "Priority of the port VLAN"),
        Setting("vlanProto", Kinds.Words(("802.1q", VlanProtocol.Dot1Q), ("802.1Q", VlanProtocol.Dot1Q), ("802.1ad", VlanProtocol.Dot1Ad),
            ("802.1AD", VlanProtocol.Dot1Ad)),
            s => s.VlanProtocol, (s, v) => s with { VlanProtocol = v }, "Protocol of the port VLAN"),
        Setting("spoofChk", Kinds.OnOff, s => s.SpoofCheck, (s, v) => s with { SpoofCheck = v },
            "Drop frames with a foreign source address"),
        Setting("trust", Kinds.OnOff, s => s.Trust, (s, v) => s with { Trust = v }, "Let the VF change its own address and modes"),
        Setting("linkState", Kinds.Words(("auto", VfLinkState.Auto), ("enable", VfLinkState.Enable), ("disable", VfLinkState.Disable)),
            s => s.LinkState,
            (s, v) => s with { LinkState = v }, "Link state policy of the VF"),
        Setting("minTxRate", Kinds.Count(0, MostMbps), s => s.MinTxRateMbps, (s, v) => s with { MinTxRateMbps = v },
            "Guaranteed rate in Mbit/s; 0 is none"),
        Setting("maxTxRate", Kinds.Count(0, MostMbps), s => s.MaxTxRateMbps, (s, v) => s with { MaxTxRateMbps = v },
            "Largest rate in Mbit/s; 0 is no limit"),
        F.Item("metaPlugins", Kinds.Text, s => s.MetaPlugins, (s, v) => s with { MetaPlugins = v },
            "CNI plugins that follow, JSON objects as text", use: FieldUse.ClusterOnly),
        F.Item("logLevel", Kinds.Words("panic", "error", "warning", "info", "debug", ""), s => s.LogLevel,
            (s, v) => s with { LogLevel = v },
            "Log level of the CNI plugin", use: FieldUse.ClusterOnly),
        F.Item("logFile", Kinds.Text, s => s.LogFile, (s, v) => s with { LogFile = v }, "Log file of the CNI plugin",
            use: FieldUse.ClusterOnly));

    private static Field<NetworkSpec> Setting<TValue>(
        string name, ValueKind<TValue> kind, Func<VfSettings, TValue?> get, Func<VfSettings, TValue, VfSettings> set, string description)
        where TValue : struct =>
        F.Value(name, kind, s => get(s.Settings), (s, v) => s with { Settings = set(s.Settings, v) }, description);
}
