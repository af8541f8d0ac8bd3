using System.Text.RegularExpressions;
using Vfleet.Node.Documents;
using F = Vfleet.Node.Documents.FieldOf<Vfleet.Telemetry.Objectives.ObjectiveFile>;
using O = Vfleet.Node.Documents.FieldOf<Vfleet.Telemetry.Objectives.ObjectiveEntry>;
using R = Vfleet.Node.Documents.FieldOf<Vfleet.Telemetry.Objectives.RatioEntry>;
using T = Vfleet.Node.Documents.FieldOf<Vfleet.Telemetry.Objectives.ThresholdEntry>;

namespace Vfleet.Telemetry.Objectives;

/// <summary>A file of objectives as it is written.</summary>
internal sealed record ObjectiveFile(string? Service, IReadOnlyDictionary<string, string>? Labels,
    IReadOnlyList<ObjectiveEntry>? Objectives);

/// <summary>An objective as it is written.</summary>
internal sealed record ObjectiveEntry
{
    public string? Name { get; init; }

    public string? Description { get; init; }

    public decimal? Target { get; init; }

    public string? Window { get; init; }

    public bool? Critical { get; init; }

    public string? Runbook { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public RatioEntry? Ratio { get; init; }

    public ThresholdEntry? Threshold { get; init; }
}

/// <summary>A ratio as it is written.</summary>
internal sealed record RatioEntry(string? Errors, string? Good, string? Total);

/// <summary>A limit as it is written.</summary>
internal sealed record ThresholdEntry(string? Value, ThresholdOperator? Operator, decimal? Limit);

/// <summary>The fields of Vfleet's own files of objectives.</summary>
internal static partial class ObjectiveTables
{
    /// <summary>A name: part of a label's value, and of the names of groups and alerts.</summary>
    public static readonly TextKind Name = new(NamePattern(), "1 to 63 of a-z 0-9 - with a letter or digit at both ends");

    /// <summary>A decimal number.</summary>
    public static readonly DecimalKind Decimal = new();

    /// <summary>How a value relates to its limit while all is well.</summary>
    public static readonly WordKind<ThresholdOperator> Operator = Kinds.Words(
        ("lte", ThresholdOperator.AtMost), ("lt", ThresholdOperator.Below),
        ("gte", ThresholdOperator.AtLeast), ("gt", ThresholdOperator.Above));

    private static readonly ObjectTable<RatioEntry> Ratio = new(
        "Bad events of all, or good events of all",
        new RatioEntry(null, null, null),
        R.Item("errors", Kinds.Text, r => r.Errors, (r, v) => r with { Errors = v }, "Rate of bad events over {{.window}}"),
        R.Item("good", Kinds.Text, r => r.Good, (r, v) => r with { Good = v }, "Rate of good events over {{.window}}, instead of errors"),
        R.Item("total", Kinds.Text, r => r.Total, (r, v) => r with { Total = v }, "Rate of all events over {{.window}}", isRequired: true));

    private static readonly ObjectTable<ThresholdEntry> Threshold = new(
        "Time in which a value is within a limit",
        new ThresholdEntry(null, null, null),
        T.Item("value", Kinds.Text, t => t.Value, (t, v) => t with { Value = v }, "A query for the value now", isRequired: true),
        T.Value("op", Operator, t => t.Operator, (t, v) => t with { Operator = v },
            "lte, lt, gte or gt: how the value relates to the limit",
            isRequired: true),
        T.Value("limit", Decimal, t => t.Limit, (t, v) => t with { Limit = v }, "The limit", isRequired: true));

    private static readonly ObjectTable<ObjectiveEntry> Objective = new(
        "A service level objective",
        new ObjectiveEntry(),
        O.Item("name", Name, o => o.Name, (o, v) => o with { Name = v }, "Its name, such as packet-drops", isRequired: true),
        O.Item("description", Kinds.Text, o => o.Description, (o, v) => o with { Description = v }, "What it wants, in a sentence"),
        O.Value("target", Decimal, o => o.Target, (o, v) => o with { Target = v }, "Percent of events, or of time, that have to be good",
            isRequired: true),
        O.Item("window", Kinds.Text, o => o.Window, (o, v) => o with { Window = v }, "The time it is kept over; 30d is the only one"),
        O.Value("critical", Kinds.Switch, o => o.Critical, (o, v) => o with { Critical = v },
            "false where its budget pages nobody, however fast it burns; true where it is missing"),
        O.Item("runbook", Kinds.Text, o => o.Runbook, (o, v) => o with { Runbook = v }, "Where a reader of its alerts is sent"),
        O.Item("labels", Kinds.Map, o => o.Labels, (o, v) => o with { Labels = v }, "Labels of its alerts, such as team"),
        O.Item("ratio", Kinds.Object(Ratio), o => o.Ratio, (o, v) => o with { Ratio = v }, "Bad events of all, or good events of all"),
        O.Item("threshold", Kinds.Object(Threshold), o => o.Threshold, (o, v) => o with { Threshold = v },
            "Time in which a value is within a limit, instead of a ratio"));

    /// <summary>The fields of a file.</summary>
    public static readonly ObjectTable<ObjectiveFile> File = new(
        "Service level objectives",
        new ObjectiveFile(null, null, null),
        F.Item("service", Name, f => f.Service, (f, v) => f with { Service = v }, "Whose objectives they are; vfleet where it is missing"),
        F.Item("labels", Kinds.Map, f => f.Labels, (f, v) => f with { Labels = v }, "Labels of the alerts of all of them"),
        F.Item("objectives", new ListKind<ObjectiveEntry>(Kinds.Object(Objective)), f => f.Objectives, (f, v) => f with { Objectives = v },
            "The objectives", isRequired: true));

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
    private static partial Regex NamePattern();
}
