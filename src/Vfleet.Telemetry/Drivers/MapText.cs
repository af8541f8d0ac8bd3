using System.Text.RegularExpressions;
using Vfleet.Node.Documents;
using F = Vfleet.Node.Documents.FieldOf<Vfleet.Telemetry.Drivers.MapFields>;

namespace Vfleet.Telemetry.Drivers;

/// <summary>A map as a file holds it.</summary>
/// <param name="Source">Name of the file.</param>
/// <param name="Drivers">The drivers it is of.</param>
/// <param name="Extends">Drivers whose maps it adds to, and where they are named.</param>
/// <param name="Terms">Its own terms.</param>
internal sealed partial record MapText(
    string Source, IReadOnlyList<string> Drivers, IReadOnlyList<(string Name, int Line, int Column)> Extends, IReadOnlyList<CounterTerm> Terms)
{
    /// <summary>Bytes of a driver's counter name, with the zero behind it (ETH_GSTRING_LEN).</summary>
    private const int LongestVendor = 31;

    private static readonly ObjectTable<MapFields> Table = new(
        "What a driver's own counters mean",
        new MapFields(),
        F.Item("drivers", Kinds.Texts, m => m.Drivers, (m, v) => m with { Drivers = v }, "Names of the kernel modules", isRequired: true),
        F.Item("extends", Kinds.Texts, m => m.Extends, (m, v) => m with { Extends = v }, "Drivers whose maps this one adds to"),
        F.Item("receive", Kinds.Map, m => m.Receive, (m, v) => m with { Receive = v }, "Why packets that came were lost"),
        F.Item("transmit", Kinds.Map, m => m.Transmit, (m, v) => m with { Transmit = v }, "Why packets that were sent were lost"),
        F.Item("hardware", Kinds.Map, m => m.Hardware, (m, v) => m with { Hardware = v }, "Errors of the device"),
        F.Item("queues", Kinds.Map, m => m.Queues, (m, v) => m with { Queues = v }, "Counters of each queue"));

    /// <summary>Reads one map.</summary>
    /// <returns>Null where something has to be changed, which is told in <paramref name="problems"/>.</returns>
    public static MapText? Read(string source, string text, List<DocumentProblem> problems)
    {
        Node.Documents.Reading reading = new(source);
        IReadOnlyList<DocumentNode> documents = YamlLoader.Load(text, reading);
        if (documents.Count != 1 && reading.Problems.Count == 0)
            reading.Problem(1, 1, $"{documents.Count} documents are in the file", "one file is one map, which begins with drivers:");
        MapText? map = reading.Problems.Count == 0 && Table.Read(documents[0], "", reading) is { } fields ? Of(source, fields, reading) : null;
        problems.AddRange(reading.Problems);
        return reading.Problems.Count == 0 ? map : null;
    }

    private static MapText Of(string source, MapFields fields, Node.Documents.Reading reading)
    {
        if (fields.Drivers.Count == 0 && reading.IsWhole("drivers"))
            reading.ProblemAt("drivers", "drivers: the list is empty", "name the kernel module, such as igb");
        List<CounterTerm> terms = [];
        foreach ((CounterGroup group, IReadOnlyDictionary<string, string> names, IReadOnlyList<string> known) in ((CounterGroup, IReadOnlyDictionary<string, string>, IReadOnlyList<string>)[])[
            (CounterGroup.Receive, fields.Receive, CommonNames.Causes), (CounterGroup.Transmit, fields.Transmit, CommonNames.Causes),
            (CounterGroup.Hardware, fields.Hardware, CommonNames.Hardware), (CounterGroup.Queues, fields.Queues, CommonNames.Queues)])
            terms.AddRange(names.Select(each => TermOf(group, each.Key, each.Value, known, reading)).OfType<CounterTerm>());
        return new MapText(source, fields.Drivers, [.. fields.Extends.Select((name, i) => PlaceOf(name, $"extends[{i}]", reading))], terms);
    }

    private static (string, int, int) PlaceOf(string name, string path, Node.Documents.Reading reading)
    {
        DocumentNode? node = reading.Places.GetValueOrDefault(path) ?? reading.Places.GetValueOrDefault("extends");
        return (name, node?.Line ?? 0, node?.Column ?? 0);
    }

    private static CounterTerm? TermOf(CounterGroup group, string name, string value, IReadOnlyList<string> known, Node.Documents.Reading reading)
    {
        string part = group.ToString().ToLowerInvariant(), place = $"{part}[\"{name}\"]";
        if (!known.Contains(name))
        {
            reading.ProblemAt(place, $"{part}: {Quoted.Short(name)} is no common name", Nearest.Hint(name, known));
            return null;
        }
        string[] vendors = value.Split('+', StringSplitOptions.TrimEntries);
        foreach (string vendor in vendors)
        {
            if (!Vendor().IsMatch(vendor) || vendor.Replace("{queue}", "", StringComparison.Ordinal).Length > LongestVendor)
                reading.ProblemAt(place, $"{part}.{name}: '{Quoted.Short(vendor)}' is no name of a counter",
                    $"write names as `ethtool -S` shows them, of up to {LongestVendor} characters, + between them, {{queue}} once for a queue's number");
            else if (group == CounterGroup.Queues && !vendor.Contains("{queue}", StringComparison.Ordinal))
                reading.ProblemAt(place, $"{part}.{name}: '{Quoted.Short(vendor)}' has no {{queue}} in it", "write {queue} where the queue's number is");
        }
        return new CounterTerm(group, name, vendors);
    }

    [GeneratedRegex(@"^[^\s{}+]*(\{queue\})?[^\s{}+]+$|^[^\s{}+]+\{queue\}$")]
    private static partial Regex Vendor();
}

/// <summary>The fields of a map's file.</summary>
internal sealed record MapFields
{
    /// <summary>Drivers it is of.</summary>
    public IReadOnlyList<string> Drivers { get; init; } = [];

    /// <summary>Drivers whose maps it adds to.</summary>
    public IReadOnlyList<string> Extends { get; init; } = [];

    /// <summary>Causes on the way in.</summary>
    public IReadOnlyDictionary<string, string> Receive { get; init; } = MapKind.Empty;

    /// <summary>Causes on the way out.</summary>
    public IReadOnlyDictionary<string, string> Transmit { get; init; } = MapKind.Empty;

    /// <summary>Errors of the device.</summary>
    public IReadOnlyDictionary<string, string> Hardware { get; init; } = MapKind.Empty;

    /// <summary>Counters of each queue.</summary>
    public IReadOnlyDictionary<string, string> Queues { get; init; } = MapKind.Empty;
}
