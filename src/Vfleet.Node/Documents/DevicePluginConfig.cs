using Vfleet.Node.Pools;

namespace Vfleet.Node.Documents;

/// <summary>
/// The device plugin's <c>config.json</c>, as it is written today. What it does not know, it ignores, and so do we, but we tell.
/// </summary>
public sealed record DevicePluginConfig
{
    /// <summary>The resources that could be read, in their order: a device belongs to the first that selects it.</summary>
    public required IReadOnlyList<DevicePluginResource> Resources { get; init; }

    /// <summary>Everything that has to be changed. A resource with a problem is not in <see cref="Resources"/>.</summary>
    public required IReadOnlyList<DocumentProblem> Problems { get; init; }

    /// <summary>Keys that were ignored, and what else should be known.</summary>
    public required IReadOnlyList<DocumentNote> Notes { get; init; }

    /// <summary>The pools, in the order of the resources.</summary>
    public IReadOnlyList<PoolDefinition> Pools => [.. Resources.Select(resource => resource.Pool)];

    /// <summary>Reads a configuration.</summary>
    /// <param name="source">Name of the file.</param>
    /// <param name="text">What is in it.</param>
    public static DevicePluginConfig Read(string source, string text)
    {
        // Go matches names in any case, passes over unknown ones, and takes the last of two.
        Reading reading = new(source, isLenient: true);
        List<DevicePluginResource> resources = [];
        IReadOnlyList<DocumentNode> documents = YamlLoader.Load(text, reading);
        if (documents.Count == 0 && reading.Problems.Count == 0)
            reading.Problem(1, 1, "the file is empty", "write {\"resourceList\": [...]}");
        for (int i = 1; i < documents.Count; i++)
            reading.Problem(documents[i], "a second document is in the file", "one file is one configuration");
        if (documents.Count > 0 && DevicePluginTables.File.Read(documents[0], "", reading) is { } file && file.ResourceList is not null)
            ReadResources(file.ResourceList, reading, resources);
        return new DevicePluginConfig { Resources = resources, Problems = reading.Problems, Notes = reading.Notes };
    }

    private static void ReadResources(ListNode list, Reading reading, List<DevicePluginResource> resources)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        HashSet<string> bare = new(StringComparer.Ordinal);
        for (int i = 0; i < list.Items.Count; i++)
        {
            reading.BeginDocument();
            int before = reading.Problems.Count;
            string path = $"resourceList[{i}]";
            // What is missing in it is told where it begins.
            reading.Places[path] = list.Items[i];
            if (DevicePluginTables.Resource.Read(list.Items[i], path, reading) is not { } entry)
                continue;
            IReadOnlyList<VfSelector> selectors = ReadSelectors(entry, path, reading, out bool needsVhostNet);
            string name = $"{entry.ResourcePrefix}/{entry.ResourceName}";
            if (entry.ResourceName.Length > 0 && !names.Add(name))
                reading.ProblemAt($"{path}.resourceName", $"{path}.resourceName: {name.TrimStart('/')} is there twice",
                    "write its selectors as a list in one resource, or name one of them otherwise");
            else if (entry.ResourceName.Length > 0 && !bare.Add(entry.ResourceName))
                reading.ProblemAt($"{path}.resourceName",
                    $"{path}.resourceName: {entry.ResourceName} is there with another prefix, and a pool's name has none",
                    "name one of them otherwise");
            if (reading.Problems.Count == before)
                resources.Add(new DevicePluginResource(entry, needsVhostNet,
                    new PoolDefinition { Name = entry.ResourceName, Origin = $"{reading.Source} {path}", Selectors = selectors }));
        }
    }

    private static List<VfSelector> ReadSelectors(DevicePluginEntry entry, string path, Reading reading, out bool needsVhostNet)
    {
        List<VfSelector> selectors = [];
        needsVhostNet = false;
        DocumentNode[] nodes = entry.Selectors switch
        {
            null => [],
            ListNode list => [.. list.Items],
            _ => [entry.Selectors],
        };
        if (nodes.Length == 0 && reading.IsWhole($"{path}.selectors"))
            reading.ProblemAt(entry.Selectors is null ? path : $"{path}.selectors", $"{path}.selectors is missing or empty",
                "write which devices are meant; the device plugin ends with an error without it");
        for (int i = 0; i < nodes.Length; i++)
        {
            string place = entry.Selectors is ListNode ? $"{path}.selectors[{i}]" : $"{path}.selectors";
            if (DevicePluginTables.Selector.Read(nodes[i], place, reading) is not { } selector)
                continue;
            needsVhostNet |= selector.NeedVhostNet;
            Check(selector, entry.DeviceType, nodes[i], place, reading);
            selectors.Add(selector.ToSelector(entry.DeviceType));
        }

        return selectors;
    }

    private static void Check(DevicePluginSelector selector, DevicePluginDeviceType type, DocumentNode node, string place, Reading reading)
    {
        if (selector.IsRdma && selector.VdpaType is not null)
            reading.Problem(node, $"{place}: isRdma and vdpaType exclude each other", "remove one of them");
        if (type == DevicePluginDeviceType.AuxNetDevice && selector.AuxTypes.Count == 0)
            reading.Problem(node, $"{place}.auxTypes is missing", "auxNetDevice needs auxTypes: [\"sf\"]");
        if (selector.ToSelector(type).Unanswerable is { Count: > 0 } unanswerable)
            reading.Note(NoteKind.Warning, node, $"{place} matches nothing: {string.Join(", ", unanswerable)} cannot be answered here yet");
    }
}

/// <summary>One resource of the device plugin.</summary>
public sealed record DevicePluginResource
{
    internal DevicePluginResource(DevicePluginEntry entry, bool needsVhostNet, PoolDefinition pool)
    {
        Prefix = entry.ResourcePrefix;
        DeviceType = entry.DeviceType;
        ExcludesTopology = entry.ExcludeTopology;
        AdditionalInfo = entry.AdditionalInfo;
        NeedsVhostNet = needsVhostNet;
        Pool = pool;
    }

    /// <summary>Prefix of its name; null for the device plugin's own.</summary>
    public string? Prefix { get; init; }

    /// <summary>What sort of device.</summary>
    public DevicePluginDeviceType DeviceType { get; init; }

    /// <summary>True where the NUMA node is kept from kubelet.</summary>
    public bool ExcludesTopology { get; init; }

    /// <summary>Words handed to pods, by PCI address or <c>*</c> for all.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> AdditionalInfo { get; init; }

    /// <summary>True where some selector asks for the vhost-net device in the pod.</summary>
    public bool NeedsVhostNet { get; init; }

    /// <summary>The pool.</summary>
    public PoolDefinition Pool { get; init; }
}

/// <summary>What sort of device a resource of the device plugin is.</summary>
public enum DevicePluginDeviceType
{
    /// <summary>Network functions.</summary>
    NetDevice,

    /// <summary>Accelerators.</summary>
    Accelerator,

    /// <summary>Network devices on the auxiliary bus, such as subfunctions.</summary>
    AuxNetDevice,
}
