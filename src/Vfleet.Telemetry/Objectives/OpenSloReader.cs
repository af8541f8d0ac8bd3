using System.Globalization;
using Vfleet.Node.Documents;
using DocumentReading = Vfleet.Node.Documents.Reading;

namespace Vfleet.Telemetry.Objectives;

/// <summary>
/// Makes objectives of OpenSLO's documents: ratios of events, and values within a limit, each over 30 days that roll, budgeted by
/// occurrences. Several objectives of a document become one each, with their number behind its name.
/// </summary>
internal static class OpenSloReader
{
    private const string Occurrences = "Occurrences";

    public static IEnumerable<Objective> Read(MapNode map, DocumentReading reading, ObjectiveChecks checks)
    {
        string kind = (map.Find("kind") as ScalarNode)?.Value ?? "";
        if (OpenSloTables.Beside.Contains(kind))
        {
            reading.Note(NoteKind.Ignored, map, $"kind {kind} makes no rules and is passed over");
            return [];
        }
        int before = reading.Problems.Count;
        SloDocument? document = OpenSloTables.Document.Read(map, "", reading);
        if (document?.Spec is not { } spec || document.Metadata?.Name is not { } name)
            return [];
        CheckFrame(spec, reading, checks);
        CheckIndicator(spec, reading, checks);
        checks.Unique("metadata.name", spec.Service ?? "", name);
        IReadOnlyList<SloObjective> objectives = spec.Objectives ?? [];
        if (objectives.Count == 0 && reading.IsWhole("spec.objectives") && reading.Places.ContainsKey("spec.objectives"))
            checks.Tell("spec.objectives", "no objective is in the list", "write one, such as - target: 0.999");
        for (int i = 0; i < objectives.Count; i++)
            CheckObjective(spec, objectives[i], $"spec.objectives[{i}]", reading, checks);
        if (reading.Problems.Count > before)
            return [];
        return [.. objectives.Select((each, number) => Of(spec, each,
            objectives.Count == 1 ? name : $"{name}-{number.ToString(CultureInfo.InvariantCulture)}"))];
    }

    private static void CheckFrame(SloSpec spec, DocumentReading reading, ObjectiveChecks checks)
    {
        if (spec.Budgeting is { } method && method != Occurrences)
            checks.Tell("spec.budgetingMethod", $"\"{Quoted.Short(method)}\" is not {Occurrences}",
                $"write {Occurrences}: time slices are counted by no rule of Prometheus");
        if (spec.Windows is { Count: not 1 } && reading.IsWhole("spec.timeWindow"))
            checks.Tell("spec.timeWindow", "one window was expected", "write one: - duration: 30d, isRolling: true");
        foreach ((SloWindow window, int i) in (spec.Windows ?? []).Select((window, i) => (window, i)))
        {
            checks.Window($"spec.timeWindow[{i}].duration", window.Duration);
            if (window.IsRolling != true && reading.IsWhole($"spec.timeWindow[{i}].isRolling"))
                checks.Tell($"spec.timeWindow[{i}].isRolling", "the window does not roll",
                    "write isRolling: true: a budget that begins anew with each month is not known here");
        }
    }

    private static void CheckIndicator(SloSpec spec, DocumentReading reading, ObjectiveChecks checks)
    {
        if (spec.Reference is not null)
        {
            checks.Tell("spec.indicatorRef", "indicators by name are not looked up", "write the SLI's spec below indicator.spec");
            return;
        }
        if (!reading.IsWhole("spec.indicator"))
            return;
        const string Path = "spec.indicator.spec";
        SloIndicator? indicator = spec.Inline?.Spec;
        if (indicator?.Ratio is null == indicator?.Threshold is null)
            checks.Tell(spec.Inline is null ? "spec" : Path, spec.Inline is null
                ? "indicator is missing" : "one of ratioMetric and thresholdMetric was expected", "say what is measured");
        if (indicator?.Ratio is { } ratio && ratio.Good is null == ratio.Bad is null)
            checks.Tell($"{Path}.ratioMetric", "one of good and bad was expected", "write one of them beside total");
        foreach ((string part, SloMetric? metric) in ((string, SloMetric?)[])[
            ("good", indicator?.Ratio?.Good), ("bad", indicator?.Ratio?.Bad), ("total", indicator?.Ratio?.Total)])
            checks.Windowed($"{Path}.ratioMetric.{part}.metricSource.spec.query", QueryOf(metric));
        checks.Instant($"{Path}.thresholdMetric.metricSource.spec.query", QueryOf(indicator?.Threshold));
    }

    private static void CheckObjective(SloSpec spec, SloObjective objective, string path, DocumentReading reading, ObjectiveChecks checks)
    {
        bool isWhole = reading.IsWhole($"{path}.target", $"{path}.targetPercent");
        if (isWhole && objective.Target is null == objective.Percent is null)
            checks.Tell(path, "one of target and targetPercent was expected", "write one of them, such as target: 0.999");
        if (objective.Target is >= 1 and var share)
            checks.Tell($"{path}.target", $"{ObjectiveChecks.Number(share)} is no share below 1", "write 0.999, or targetPercent: 99.9");
        else if (objective.Target is { } target)
            checks.Target($"{path}.target", target * 100);
        if (objective.Percent is { } percent)
            checks.Target($"{path}.targetPercent", percent);
        bool isThreshold = spec.Inline?.Spec?.Threshold is not null;
        if (isThreshold && (objective.Operator is null || objective.Value is null) && reading.IsWhole($"{path}.op", $"{path}.value"))
            checks.Tell(path, "op and value are missing", "a threshold metric is compared with a value: op: lte, value: 0.5");
        if (!isThreshold && (objective.Operator is not null || objective.Value is not null))
            checks.Tell(path, "op and value belong to a threshold metric", "remove them");
    }

    private static Objective Of(SloSpec spec, SloObjective objective, string name)
    {
        SloIndicator indicator = spec.Inline!.Spec!;
        return new Objective
        {
            Name = name,
            Service = spec.Service!,
            Description = spec.Description,
            Target = objective.Percent ?? (objective.Target!.Value * 100),
            Indicator = indicator.Ratio is { } ratio
                ? new RatioIndicator(QueryOf(ratio.Good ?? ratio.Bad)!, ratio.Good is not null, QueryOf(ratio.Total)!)
                : new ThresholdIndicator(QueryOf(indicator.Threshold)!, objective.Operator!.Value, objective.Value!.Value),
        };
    }

    private static string? QueryOf(SloMetric? metric) => metric?.Source?.Query?.Query;
}
