using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Vfleet.Node.Pools;
using E = Vfleet.Node.Documents.FieldOf<Vfleet.Node.Documents.DevicePluginEntry>;
using S = Vfleet.Node.Documents.FieldOf<Vfleet.Node.Documents.DevicePluginSelector>;

namespace Vfleet.Node.Documents;

/// <summary>The file.</summary>
internal sealed record DevicePluginFile(ListNode? ResourceList = null);

/// <summary>One entry of <c>resourceList</c>.</summary>
internal sealed record DevicePluginEntry
{
    public string ResourceName { get; init; } = "";

    public string? ResourcePrefix { get; init; }

    public DevicePluginDeviceType DeviceType { get; init; }

    public bool ExcludeTopology { get; init; }

    public DocumentNode? Selectors { get; init; }

    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> AdditionalInfo { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, string>>();
}

/// <summary>One selector as it is written.</summary>
internal sealed record DevicePluginSelector
{
    public VfSelector Answerable { get; init; } = new();

    public IReadOnlyList<string> AcpiIndexes { get; init; } = [];

    public IReadOnlyList<string> DdpProfiles { get; init; } = [];

    public IReadOnlyList<string> PKeys { get; init; } = [];

    public IReadOnlyList<string> AuxTypes { get; init; } = [];

    public bool IsRdma { get; init; }

    public bool NeedVhostNet { get; init; }

    public string? VdpaType { get; init; }

    /// <summary>The selector in a pool's terms.</summary>
    public VfSelector ToSelector(DevicePluginDeviceType type)
    {
        List<string> unanswerable = [];
        if (type == DevicePluginDeviceType.Accelerator)
            unanswerable.Add("deviceType=accelerator");
        if (type == DevicePluginDeviceType.AuxNetDevice)
            unanswerable.Add("deviceType=auxNetDevice");
        foreach ((string name, IReadOnlyList<string> values) in new[] { ("acpiIndexes", AcpiIndexes), ("auxTypes", AuxTypes),
            ("ddpProfiles", DdpProfiles), ("pKeys", PKeys) })
        {
            if (values.Count > 0)
                unanswerable.Add($"{name}={string.Join(',', values)}");
        }

        if (IsRdma)
            unanswerable.Add("isRdma=true");
        if (VdpaType is not null)
            unanswerable.Add($"vdpaType={VdpaType}");
        return Answerable with { Unanswerable = unanswerable };
    }
}

/// <summary>The fields of the device plugin's configuration.</summary>
internal static class DevicePluginTables
{
    private static readonly ListKind<string> HexIds = new(Kinds.HexId);
    private static readonly NodeKind Node = new();

    /// <summary>The file.</summary>
    public static readonly ObjectTable<DevicePluginFile> File = new(
        "The device plugin's configuration",
        new DevicePluginFile(),
        FieldOf<DevicePluginFile>.Item("resourceList", new ListNodeKind(), f => f.ResourceList, (f, v) => f with { ResourceList = v },
            "The resources", isRequired: true));

    /// <summary>A resource.</summary>
    public static readonly ObjectTable<DevicePluginEntry> Resource = new(
        "A resource",
        new DevicePluginEntry(),
        E.Item("resourceName", Kinds.ResourceName, e => e.ResourceName, (e, v) => e with { ResourceName = v }, "Its name without prefix",
            isRequired: true),
        E.Item("resourcePrefix", Kinds.Text, e => e.ResourcePrefix, (e, v) => e with { ResourcePrefix = v.Length == 0 ? null : v },
            "Prefix of its name"),
        E.Value("deviceType", Kinds.Words(("netDevice", DevicePluginDeviceType.NetDevice),
            ("accelerator", DevicePluginDeviceType.Accelerator), ("auxNetDevice", DevicePluginDeviceType.AuxNetDevice)),
            e => (DevicePluginDeviceType?)e.DeviceType, (e, v) => e with { DeviceType = v }, "What sort of device"),
        E.Value("excludeTopology", Kinds.Switch, e => (bool?)e.ExcludeTopology, (e, v) => e with { ExcludeTopology = v },
            "The NUMA node is kept from kubelet"),
        E.Item("selectors", Node, e => e.Selectors, (e, v) => e with { Selectors = v },
            "Which devices are meant: one selector, or a list of them"),
        E.Item("additionalInfo", new InfoKind(), e => e.AdditionalInfo, (e, v) => e with { AdditionalInfo = v }, "Words handed to pods"));

    /// <summary>A selector.</summary>
    public static readonly ObjectTable<DevicePluginSelector> Selector = new(
        "Which devices are meant",
        new DevicePluginSelector(),
        S.Item("vendors", HexIds, s => s.Answerable.Vendors, (s, v) => s with { Answerable = s.Answerable with { Vendors = Lower(v) } },
            "Vendor ids"),
        S.Item("devices", HexIds, s => s.Answerable.Devices, (s, v) => s with { Answerable = s.Answerable with { Devices = Lower(v) } },
            "Device ids of the VFs"),
        S.Item("drivers", Kinds.Texts, s => s.Answerable.Drivers, (s, v) => s with { Answerable = s.Answerable with { Drivers = v } },
            "Drivers"),
        S.Item("pciAddresses", new ListKind<string>(new AddressKind()), s => s.Answerable.PciAddresses,
            (s, v) => s with { Answerable = s.Answerable with { PciAddresses = v } }, "PCI addresses of the VFs"),
        S.Item("pfNames", Kinds.PfNames, s => s.Answerable.PfNames, (s, v) => s with { Answerable = s.Answerable with { PfNames = v } },
            "PFs by name"),
        S.Item("rootDevices", Kinds.RootDevices, s => s.Answerable.RootDevices,
            (s, v) => s with { Answerable = s.Answerable with { RootDevices = v } }, "PFs by PCI address"),
        S.Item("linkTypes", Kinds.Texts, s => s.Answerable.LinkTypes, (s, v) => s with { Answerable = s.Answerable with { LinkTypes = v } },
            "Link types"),
        S.Item("acpiIndexes", Kinds.Texts, s => s.AcpiIndexes, (s, v) => s with { AcpiIndexes = v }, "ACPI indexes"),
        S.Item("ddpProfiles", Kinds.Texts, s => s.DdpProfiles, (s, v) => s with { DdpProfiles = v }, "DDP profiles"),
        S.Item("pKeys", Kinds.Texts, s => s.PKeys, (s, v) => s with { PKeys = v }, "InfiniBand partition keys"),
        S.Item("auxTypes", Kinds.Texts, s => s.AuxTypes, (s, v) => s with { AuxTypes = v }, "Types of auxiliary devices"),
        S.Value("isRdma", Kinds.Switch, s => (bool?)s.IsRdma, (s, v) => s with { IsRdma = v }, "Only devices with RDMA"),
        S.Value("needVhostNet", Kinds.Switch, s => (bool?)s.NeedVhostNet, (s, v) => s with { NeedVhostNet = v },
            "The vhost-net device goes with them"),
        S.Item("vdpaType", Kinds.Words("virtio", "vhost"), s => s.VdpaType, (s, v) => s with { VdpaType = v }, "Kind of vDPA device"));

    private static IReadOnlyList<string> Lower(IReadOnlyList<string> ids) => [.. ids.Select(id => id.ToLowerInvariant())];

    /// <summary>A value that is read later.</summary>
    private sealed class NodeKind : ValueKind<DocumentNode>
    {
        public override bool TryRead(DocumentNode node, string path, Reading reading, out DocumentNode value)
        {
            value = node;
            return node is ListNode or MapNode || Mistyped(node, path, reading, "a selector or a list of them");
        }

        public override JsonNode? Write(DocumentNode value) => null;

        public override JsonObject Schema() => [];
    }

    /// <summary>A list that is read later.</summary>
    private sealed class ListNodeKind : ValueKind<ListNode>
    {
        public override bool TryRead(DocumentNode node, string path, Reading reading, [MaybeNullWhen(false)] out ListNode value)
        {
            value = node as ListNode;
            return value is not null || Mistyped(node, path, reading, "a list");
        }

        public override JsonNode? Write(ListNode value) => null;

        public override JsonObject Schema() => [];
    }

    /// <summary>A PCI address.</summary>
    private sealed class AddressKind : ValueKind<string>
    {
        public override bool TryRead(DocumentNode node, string path, Reading reading, out string value)
        {
            if (!TryText(node, path, reading, out value))
                return false;
            if (PciAddress.TryParse(value, out PciAddress address))
            {
                value = address.ToString();
                return true;
            }

            reading.Problem(node, $"{path}: \"{Quoted.Short(value)}\" is no PCI address", "write one such as 0000:3b:02.0");
            return false;
        }

        public override JsonNode? Write(string value) => JsonValue.Create(value);

        public override JsonObject Schema() => new() { ["type"] = "string" };
    }

    /// <summary>Names with names with texts.</summary>
    private sealed class InfoKind : ValueKind<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>>
    {
        public override bool TryRead(DocumentNode node, string path, Reading reading,
            out IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> value)
        {
            Dictionary<string, IReadOnlyDictionary<string, string>> read = new(StringComparer.Ordinal);
            value = read;
            if (node is not MapNode map)
                return Mistyped(node, path, reading, "an object of addresses with names and texts");
            bool isWhole = true;
            foreach (MapEntry entry in map.Entries)
            {
                bool isRead = Kinds.Map.TryRead(entry.Value, $"{path}[\"{Quoted.Short(entry.Key.Value)}\"]", reading,
                    out IReadOnlyDictionary<string, string>? words);
                isWhole &= isRead;
                if (isRead)
                    read[entry.Key.Value] = words!;
            }

            return isWhole;
        }

        public override JsonNode? Write(IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> value) => null;

        public override JsonObject Schema() => [];
    }
}
