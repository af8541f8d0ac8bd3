using System.Reflection;
using Vfleet.Node.Documents;

namespace Vfleet.Telemetry.Drivers;

/// <summary>
/// The maps of all drivers: those that come with Vfleet, and the machine's own, which stand in for ours where they are of the same driver.
/// </summary>
public sealed class CounterMaps
{
    /// <summary>Where a machine's own maps are.</summary>
    public const string Folder = "/etc/vfleet/telemetry/drivers";

    private const string Resources = "drivers/";
    private readonly Dictionary<string, CounterMap> _byDriver;

    private CounterMaps(Dictionary<string, CounterMap> byDriver) => _byDriver = byDriver;

    /// <summary>Those that come with Vfleet.</summary>
    public static CounterMaps Own { get; } = Read(OwnTexts()).Maps;

    /// <summary>Drivers that have a map.</summary>
    public IReadOnlyCollection<string> Drivers => _byDriver.Keys;

    /// <summary>The map of a driver; null where it has none.</summary>
    public CounterMap? Of(string? driver) => driver is null ? null : _byDriver.GetValueOrDefault(driver);

    /// <summary>Ours and a machine's own.</summary>
    /// <param name="files">The files.</param>
    /// <param name="folder">Where its own are; a folder that is not there holds none.</param>
    /// <returns>The maps, and everything that has to be changed; a file with a problem is passed over as a whole.</returns>
    public static (CounterMaps Maps, IReadOnlyList<DocumentProblem> Problems) Load(IFileTree files, string folder = Folder)
    {
        List<(string, string)> texts = [];
        List<DocumentProblem> unread = [];
        foreach (string name in (files.List(folder).Or([]) ?? []).Where(name => name.EndsWith(".yaml", StringComparison.Ordinal)))
        {
            string path = $"{folder}/{name}";
            if (files.ReadText(path).Try(out string? text, out Fault? fault))
                texts.Add((path, text));
            else
                unread.Add(new DocumentProblem(path, 0, 0, fault.Error, fault.Remedy));
        }
        (CounterMaps maps, IReadOnlyList<DocumentProblem> problems) = Read([.. OwnTexts(), .. texts]);
        return (maps, [.. unread, .. problems]);
    }

    /// <summary>Maps from texts; a later one stands in for an earlier one of the same driver.</summary>
    /// <param name="texts">Names of the texts, and the texts.</param>
    internal static (CounterMaps Maps, IReadOnlyList<DocumentProblem> Problems) Read(IReadOnlyList<(string Source, string Text)> texts)
    {
        List<DocumentProblem> problems = [];
        List<MapText> maps = [.. texts.Select(each => MapText.Read(each.Source, each.Text, problems)).OfType<MapText>()];
        while (true)
        {
            Dictionary<string, MapText> byDriver = new(StringComparer.Ordinal);
            foreach (MapText map in maps)
                Array.ForEach([.. map.Drivers], driver => byDriver[driver] = map);
            Dictionary<string, CounterMap> whole = new(StringComparer.Ordinal);
            MapText? broken = null;
            foreach (MapText map in byDriver.Values.Distinct())
            {
                if (Resolve(map, byDriver, [], problems) is { } terms)
                    Array.ForEach([.. map.Drivers.Where(driver => byDriver[driver] == map)], driver => whole[driver] = new CounterMap(map.Drivers, terms));
                else
                    broken = map;
            }
            if (broken is null)
                return (new CounterMaps(whole), [.. problems.Distinct()]);
            // The last one that takes part in it: without it those that come with Vfleet are there again.
            maps.Remove(maps.Last(map => byDriver.ContainsValue(map) && Resolve(map, byDriver, [], []) is null));
        }
    }

    /// <summary>A map's terms with those of maps it extends, its own first; null where that goes round in a circle or leads nowhere.</summary>
    private static CounterTerm[]? Resolve(MapText map, Dictionary<string, MapText> byDriver, IReadOnlyList<MapText> path, List<DocumentProblem> problems)
    {
        List<CounterTerm> terms = [.. map.Terms];
        bool isWhole = true;
        foreach ((string name, int line, int column) in map.Extends)
        {
            CounterTerm[]? taken = null;
            if (!byDriver.TryGetValue(name, out MapText? other))
                problems.Add(new DocumentProblem(map.Source, line, column, $"extends: no map is of driver {name}", Nearest.Hint(name, byDriver.Keys)));
            else if (other == map || path.Contains(other))
                problems.Add(new DocumentProblem(map.Source, line, column, $"extends: {name} extends this map, so neither would have an end", "remove one of them"));
            else
                taken = Resolve(other, byDriver, [.. path, map], problems);
            isWhole &= taken is not null;
            foreach (CounterTerm term in taken ?? [])
            {
                if (!terms.Exists(own => own.Group == term.Group && own.Name == term.Name))
                    terms.Add(term);
            }
        }
        return isWhole ? [.. terms] : null;
    }

    private static IReadOnlyList<(string Source, string Text)> OwnTexts()
    {
        Assembly assembly = typeof(CounterMaps).Assembly;
        return
        [
            .. assembly.GetManifestResourceNames().Where(name => name.StartsWith(Resources, StringComparison.Ordinal)).Order(StringComparer.Ordinal)
                .Select(name =>
                {
                    using StreamReader reader = new(assembly.GetManifestResourceStream(name)!);
                    return (name, reader.ReadToEnd());
                }),
        ];
    }
}
