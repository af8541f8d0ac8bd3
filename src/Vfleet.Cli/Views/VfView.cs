using System.Globalization;
using System.Text.Json.Nodes;
using Vfleet.Cli.Output;
using Vfleet.Host.Inventory;
using Vfleet.Linux.Route;

namespace Vfleet.Cli.Views;

/// <summary>A VF as rows and as JSON. The JSON keys are a promise: docs/cli.md.</summary>
internal static class VfView
{
    public static readonly IReadOnlyList<Column<VfRow>> Columns =
    [
        new("VF", row => row.Vf.Label),
        new("PF", row => $"{row.Vf.Pf.Label}/{row.Vf.Index}"),
        new("DRIVER", row => row.Vf.Driver),
        new("NETDEV", row => row.Vf.Link?.Name),
        new("NAMESPACE", row => row.Vf.NamespacePath),
        new("MAC", row => row.Vf.Link?.Mac?.ToString() ?? AdminMac(row.Vf)),
        new("VLAN", row => row.Vf.Settings?.Vlan is { } vlan ? vlan == 0 ? "-" : $"{vlan}" : null),
        new("SPOOFCHK", row => OnOff(row.Vf.Settings?.SpoofCheck)),
        new("TRUST", row => OnOff(row.Vf.Settings?.Trust)),
        new("OWNER", row => row.Owner, OnlyWide: true),
        new("STATE", row => LinkState(row.Vf.Settings?.LinkState), OnlyWide: true),
        new("RATE", row => Rate(row.Vf.Settings), OnlyWide: true),
        new("NUMA", row => Text(row.Vf.NumaNode), OnlyWide: true),
        new("IOMMU", row => Text(row.Vf.IommuGroup), OnlyWide: true),
        new("ADMIN MAC", row => AdminMac(row.Vf), OnlyWide: true),
        new("VFIO", row => row.Vf.VfioDevice, OnlyWide: true),
    ];

    public static JsonObject Json(VfRow row) => Json(row.Vf, row.Owner, row.Allocation);

    public static JsonObject Json(VirtualFunction vf) => Json(vf, null, null);

    private static JsonObject Json(VirtualFunction vf, string? owner, string? allocation) => new()
    {
        ["bdf"] = vf.Address?.ToString(),
        ["index"] = vf.Index,
        ["pf"] = vf.Pf.Name ?? vf.Pf.DeviceName,
        ["pfBdf"] = vf.Pf.Address?.ToString(),
        ["driver"] = vf.Driver,
        ["netdev"] = vf.Link?.Name,
        ["iommuGroup"] = vf.IommuGroup,
        ["numaNode"] = vf.NumaNode,
        ["mac"] = vf.Link?.Mac?.ToString(),
        ["adminMac"] = vf.Settings?.Mac?.ToString(),
        ["vlan"] = vf.Settings?.Vlan,
        ["vlanQos"] = vf.Settings?.VlanQos,
        ["vlanProto"] = Protocol(vf.Settings?.VlanProtocol),
        ["spoofCheck"] = vf.Settings?.SpoofCheck,
        ["trust"] = vf.Settings?.Trust,
        ["linkState"] = LinkState(vf.Settings?.LinkState),
        ["minTxRateMbps"] = vf.Settings?.MinTxRateMbps,
        ["maxTxRateMbps"] = vf.Settings?.MaxTxRateMbps,
        ["mtu"] = vf.Link?.Mtu,
        ["vfioDevice"] = vf.VfioDevice,
        ["namespace"] = vf.NamespacePath,
        ["owner"] = owner,
        ["allocation"] = allocation,
        ["counters"] = Counters(vf.Settings?.Counters),
    };

    public static string? Protocol(VlanProtocol? protocol) => protocol switch
    {
        VlanProtocol.Dot1Q => "802.1q",
        VlanProtocol.Dot1Ad => "802.1ad",
        _ => null,
    };

    public static string? LinkState(VfLinkState? state) => state?.ToString().ToLowerInvariant();

    private static JsonObject? Counters(VfCounters? counters) => counters is null ? null : new JsonObject
    {
        ["rxPackets"] = counters.RxPackets,
        ["txPackets"] = counters.TxPackets,
        ["rxBytes"] = counters.RxBytes,
        ["txBytes"] = counters.TxBytes,
        ["broadcast"] = counters.Broadcast,
        ["multicast"] = counters.Multicast,
        ["rxDropped"] = counters.RxDropped,
        ["txDropped"] = counters.TxDropped,
    };

    private static string? AdminMac(VirtualFunction vf) => vf.Settings?.Mac is { IsZero: false } mac ? mac.ToString() : null;

    private static string? OnOff(bool? value) => value is null ? null : value.Value ? "on" : "off";

    private static string? Text(int? value) => value?.ToString(CultureInfo.InvariantCulture);

    private static string? Rate(VfInfo? settings) => settings is null or { MinTxRateMbps: null or 0, MaxTxRateMbps: null or 0 }
        ? null
        : $"{settings.MinTxRateMbps ?? 0}-{(settings.MaxTxRateMbps is null or 0 ? "" : settings.MaxTxRateMbps)}";
}
