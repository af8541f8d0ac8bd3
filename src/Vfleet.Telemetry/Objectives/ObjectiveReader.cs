using Vfleet.Node.Documents;
using DocumentReading = Vfleet.Node.Documents.Reading;

namespace Vfleet.Telemetry.Objectives;

/// <summary>
/// Reads objectives from Vfleet's own YAML, or from OpenSLO's, several documents to a text, and tells of every problem in all of them at
/// once.
/// </summary>
public static class ObjectiveReader
{
    /// <summary>Reads a text.</summary>
    /// <param name="source">Name of the text, for messages.</param>
    /// <param name="text">YAML or JSON.</param>
    /// <param name="allowsUnknown">True where metrics need not be Vfleet's.</param>
    public static ObjectiveSet Read(string source, string text, bool allowsUnknown = false)
    {
        DocumentReading reading = new(source);
        ObjectiveChecks checks = new(reading, allowsUnknown);
        List<Objective> objectives = [];
        IReadOnlyList<DocumentNode> documents = YamlLoader.Load(text, reading);
        foreach (DocumentNode document in documents)
        {
            reading.BeginDocument();
            if (document is MapNode map && (map.Find("apiVersion") ?? map.Find("kind")) is not null)
                objectives.AddRange(OpenSloReader.Read(map, reading, checks));
            else if (ObjectiveTables.File.Read(document, "", reading) is { } file)
                objectives.AddRange(Of(file, reading, checks));
        }
        if (objectives.Count == 0 && reading.Problems.Count == 0)
            reading.Problem(0, 0, "no objective is in the text", "write objectives:, or a document of kind SLO");
        return new ObjectiveSet(reading.Problems.Count == 0 ? objectives : [], reading.Problems, reading.Notes);
    }

    private static IEnumerable<Objective> Of(ObjectiveFile file, DocumentReading reading, ObjectiveChecks checks)
    {
        checks.Labels("labels", file.Labels);
        string service = file.Service ?? new Objective().Service;
        // Where an entry is none, those behind it would be told of under the numbers of others.
        IReadOnlyList<ObjectiveEntry> entries = reading.IsWhole("objectives") ? file.Objectives ?? [] : [];
        for (int i = 0; i < entries.Count; i++)
        {
            ObjectiveEntry entry = entries[i];
            string path = $"objectives[{i}]";
            if (entry.Name is not null)
                checks.Unique($"{path}.name", service, entry.Name);
            if (entry.Target is { } target)
                checks.Target($"{path}.target", target);
            checks.Window($"{path}.window", entry.Window);
            checks.Labels($"{path}.labels", entry.Labels);
            yield return new Objective
            {
                Name = entry.Name ?? "",
                Service = service,
                Description = entry.Description,
                Target = entry.Target ?? 0,
                IsCritical = entry.Critical ?? true,
                Runbook = entry.Runbook,
                Labels = Merge(file.Labels, entry.Labels),
                Indicator = IndicatorOf(entry, path, reading, checks),
            };
        }
    }

    private static Indicator IndicatorOf(ObjectiveEntry entry, string path, DocumentReading reading, ObjectiveChecks checks)
    {
        if (entry.Ratio is null == entry.Threshold is null && reading.IsWhole($"{path}.ratio", $"{path}.threshold"))
            checks.Tell(path, entry.Ratio is null ? "ratio or threshold is missing" : "ratio and threshold exclude each other",
                "say what is measured: ratio, or threshold");
        if (entry.Threshold is { } threshold)
        {
            checks.Instant($"{path}.threshold.value", threshold.Value);
            return new ThresholdIndicator(threshold.Value ?? "", threshold.Operator ?? default, threshold.Limit ?? 0);
        }
        if (entry.Ratio is { } ratio && ratio.Errors is null == ratio.Good is null && reading.IsWhole($"{path}.ratio"))
            checks.Tell($"{path}.ratio", ratio.Good is null ? "errors or good is missing" : "errors and good exclude each other",
                "write one of them beside total");
        checks.Windowed($"{path}.ratio.errors", entry.Ratio?.Errors);
        checks.Windowed($"{path}.ratio.good", entry.Ratio?.Good);
        checks.Windowed($"{path}.ratio.total", entry.Ratio?.Total);
        return new RatioIndicator(entry.Ratio?.Errors ?? entry.Ratio?.Good ?? "", entry.Ratio?.Errors is null, entry.Ratio?.Total ?? "");
    }

    private static SortedDictionary<string, string> Merge(
        IReadOnlyDictionary<string, string>? all, IReadOnlyDictionary<string, string>? own)
    {
        SortedDictionary<string, string> merged = new(StringComparer.Ordinal);
        foreach ((string name, string value) in (all ?? MapKind.Empty).Concat(own ?? MapKind.Empty))
            merged[name] = value;
        return merged;
    }
}
