using B = Vfleet.Node.Documents.FieldOf<Vfleet.Node.Documents.OvsBridge>;
using I = Vfleet.Node.Documents.FieldOf<Vfleet.Node.Documents.OvsInterface>;
using O = Vfleet.Node.Documents.FieldOf<Vfleet.Node.Documents.OvsSettings>;
using P = Vfleet.Node.Documents.FieldOf<Vfleet.Node.Documents.PolicyBridge>;
using U = Vfleet.Node.Documents.FieldOf<Vfleet.Node.Documents.OvsUplink>;

namespace Vfleet.Node.Documents;

/// <summary>The fields of a policy's software bridge.</summary>
internal static class PolicyBridgeTables
{
    private static readonly ObjectTable<OvsInterface> Interface = new(
        "The PF's row in the table Interface of Open vSwitch",
        new OvsInterface(),
        I.Item("type", Kinds.Text, i => i.Type, (i, v) => i with { Type = v }, "Column type"),
        I.Item("options", Kinds.Map, i => i.Options, (i, v) => i with { Options = v }, "Column options"),
        I.Item("externalIDs", Kinds.Map, i => i.ExternalIds, (i, v) => i with { ExternalIds = v }, "Column external_ids"),
        I.Item("otherConfig", Kinds.Map, i => i.OtherConfig, (i, v) => i with { OtherConfig = v }, "Column other_config"),
        I.Value("mtuRequest", Kinds.Number(68, 65535), i => i.MtuRequest, (i, v) => i with { MtuRequest = v }, "Column mtu_request"));

    private static readonly ObjectTable<OvsUplink> Uplink = new(
        "The PF in the bridge",
        new OvsUplink(),
        U.Item("interface", Kinds.Object(Interface), u => u.Interface, (u, v) => u with { Interface = v },
            "The PF's interface in the bridge"));

    private static readonly ObjectTable<OvsBridge> Bridge = new(
        "The bridge's row in the table Bridge of Open vSwitch",
        new OvsBridge(),
        B.Item("datapathType", Kinds.Text, b => b.DatapathType, (b, v) => b with { DatapathType = v }, "Column datapath_type"),
        B.Item("externalIDs", Kinds.Map, b => b.ExternalIds, (b, v) => b with { ExternalIds = v }, "Column external_ids"),
        B.Item("otherConfig", Kinds.Map, b => b.OtherConfig, (b, v) => b with { OtherConfig = v }, "Column other_config"),
        B.Item("failMode", Kinds.Words("secure", "standalone"), b => b.FailMode, (b, v) => b with { FailMode = v }, "Column fail_mode"));

    private static readonly ObjectTable<OvsSettings> Ovs = new(
        "An Open vSwitch bridge",
        new OvsSettings(),
        O.Item("bridge", Kinds.Object(Bridge), o => o.Bridge, (o, v) => o with { Bridge = v }, "The bridge"),
        O.Item("uplink", Kinds.Object(Uplink), o => o.Uplink, (o, v) => o with { Uplink = v }, "The PF in it"));

    /// <summary>The fields of <c>spec.bridge</c>.</summary>
    public static readonly ObjectTable<PolicyBridge> Table = new(
        "A software bridge for the PFs, in switchdev mode",
        new PolicyBridge(),
        P.Item("ovs", Kinds.Object(Ovs), p => p.Ovs, (p, v) => p with { Ovs = v }, "An Open vSwitch bridge"));
}
