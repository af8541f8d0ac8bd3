using Vfleet.Node.Documents;
using D = Vfleet.Node.Documents.FieldOf<Vfleet.Telemetry.Objectives.SloDocument>;
using G = Vfleet.Node.Documents.FieldOf<Vfleet.Telemetry.Objectives.SloObjective>;
using I = Vfleet.Node.Documents.FieldOf<Vfleet.Telemetry.Objectives.SloIndicator>;
using M = Vfleet.Node.Documents.FieldOf<Vfleet.Telemetry.Objectives.SloMetadata>;
using Q = Vfleet.Node.Documents.FieldOf<Vfleet.Telemetry.Objectives.SloQuery>;
using R = Vfleet.Node.Documents.FieldOf<Vfleet.Telemetry.Objectives.SloRatio>;
using S = Vfleet.Node.Documents.FieldOf<Vfleet.Telemetry.Objectives.SloSpec>;
using V = Vfleet.Node.Documents.FieldOf<Vfleet.Telemetry.Objectives.SloSource>;
using W = Vfleet.Node.Documents.FieldOf<Vfleet.Telemetry.Objectives.SloWindow>;
using X = Vfleet.Node.Documents.FieldOf<Vfleet.Telemetry.Objectives.SloMetric>;
using Y = Vfleet.Node.Documents.FieldOf<Vfleet.Telemetry.Objectives.SloInline>;

namespace Vfleet.Telemetry.Objectives;

internal sealed record SloDocument(SloMetadata? Metadata, SloSpec? Spec);

internal sealed record SloMetadata(string? Name);

internal sealed record SloSpec(
    string? Description, string? Service, SloInline? Inline, string? Reference, IReadOnlyList<SloWindow>? Windows, string? Budgeting,
    IReadOnlyList<SloObjective>? Objectives);

internal sealed record SloWindow(string? Duration, bool? IsRolling);

internal sealed record SloObjective(ThresholdOperator? Operator, decimal? Value, decimal? Target, decimal? Percent);

internal sealed record SloInline(SloIndicator? Spec);

internal sealed record SloIndicator(SloMetric? Threshold, SloRatio? Ratio);

internal sealed record SloRatio(SloMetric? Good, SloMetric? Bad, SloMetric? Total);

internal sealed record SloMetric(SloSource? Source);

internal sealed record SloSource(string? Type, SloQuery? Query);

internal sealed record SloQuery(string? Query);

/// <summary>The fields of a document <c>kind: SLO</c> of OpenSLO v1 (github.com/OpenSLO/OpenSLO), as far as Prometheus has use for
/// them.</summary>
internal static class OpenSloTables
{
    public const string ApiVersion = "openslo/v1", Slo = "SLO";

    /// <summary>Kinds that stand beside SLOs and make no rules.</summary>
    public static readonly string[] Beside = ["AlertCondition", "AlertNotificationTarget", "AlertPolicy", "DataSource", "SLI", "Service"];

    private static readonly ObjectTable<SloQuery> Query = new("A query", new SloQuery(null as string),
        Q.Item("query", Kinds.Text, q => q.Query, (q, v) => q with { Query = v }, "The query, in PromQL", isRequired: true));

    private static readonly ObjectTable<SloSource> Source = new("Where a metric comes from", new SloSource(null, null),
        V.Passed("metricSourceRef", "A DataSource"),
        V.Item("type", Kinds.Words("Prometheus", "prometheus"), s => s.Type, (s, v) => s with { Type = v }, "Prometheus"),
        V.Item("spec", Kinds.Object(Query), s => s.Query, (s, v) => s with { Query = v }, "The query", isRequired: true));

    private static readonly ObjectTable<SloMetric> Metric = new("A metric", new SloMetric(null as SloSource),
        X.Item("metricSource", Kinds.Object(Source), m => m.Source, (m, v) => m with { Source = v }, "Where it comes from",
            isRequired: true));

    private static readonly ObjectTable<SloRatio> Ratio = new("Good or bad events of all", new SloRatio(null, null, null),
        R.Passed("counter", "Whether the metrics are counters: the query says what is made of them"),
        R.Item("good", Kinds.Object(Metric), r => r.Good, (r, v) => r with { Good = v }, "Good events"),
        R.Item("bad", Kinds.Object(Metric), r => r.Bad, (r, v) => r with { Bad = v }, "Bad events, instead of good"),
        R.Item("total", Kinds.Object(Metric), r => r.Total, (r, v) => r with { Total = v }, "All events", isRequired: true));

    private static readonly ObjectTable<SloIndicator> Indicator = new("An indicator", new SloIndicator(null, null),
        I.Passed("description", "What it is"),
        I.Item("thresholdMetric", Kinds.Object(Metric), i => i.Threshold, (i, v) => i with { Threshold = v },
            "A value that objectives compare with a limit"),
        I.Item("ratioMetric", Kinds.Object(Ratio), i => i.Ratio, (i, v) => i with { Ratio = v }, "Good or bad events of all"));

    private static readonly ObjectTable<SloInline> Inline = new("An indicator with its name", new SloInline(null as SloIndicator),
        Y.Passed("metadata", "Its name"),
        Y.Item("spec", Kinds.Object(Indicator), i => i.Spec, (i, v) => i with { Spec = v }, "What is measured", isRequired: true));

    private static readonly ObjectTable<SloWindow> Window = new("A time", new SloWindow(null, null),
        W.Item("duration", Kinds.Text, w => w.Duration, (w, v) => w with { Duration = v }, "How long; 30d is the only one",
            isRequired: true),
        W.Value("isRolling", Kinds.Switch, w => w.IsRolling, (w, v) => w with { IsRolling = v },
            "true: it ends now, and does not begin with a month"),
        W.Passed("calendar", "Of windows that do not roll"));

    private static readonly ObjectTable<SloObjective> Objective = new("How much has to be good", new SloObjective(null, null, null, null),
        G.Passed("displayName", "A name for people"),
        G.Value("op", ObjectiveTables.Operator, o => o.Operator, (o, v) => o with { Operator = v }, "lte, lt, gte or gt"),
        G.Value("value", ObjectiveTables.Decimal, o => o.Value, (o, v) => o with { Value = v }, "The limit"),
        G.Value("target", ObjectiveTables.Decimal, o => o.Target, (o, v) => o with { Target = v },
            "Share that has to be good, such as 0.999"),
        G.Value("targetPercent", ObjectiveTables.Decimal, o => o.Percent, (o, v) => o with { Percent = v }, "The same in percent"));

    private static readonly ObjectTable<SloMetadata> Metadata = new("Name and labels", new SloMetadata(null as string),
        M.Item("name", ObjectiveTables.Name, m => m.Name, (m, v) => m with { Name = v }, "Its name", isRequired: true),
        M.Passed("displayName", "A name for people"),
        M.Passed("labels", "Labels of the document"),
        M.Passed("annotations", "Annotations of the document"));

    private static readonly ObjectTable<SloSpec> Spec = new("What is wanted", new SloSpec(null, null, null, null, null, null, null),
        S.Item("description", Kinds.Text, s => s.Description, (s, v) => s with { Description = v }, "What it wants"),
        S.Item("service", ObjectiveTables.Name, s => s.Service, (s, v) => s with { Service = v }, "Whose objective it is",
            isRequired: true),
        S.Item("indicator", Kinds.Object(Inline), s => s.Inline, (s, v) => s with { Inline = v }, "What is measured"),
        S.Item("indicatorRef", Kinds.Text, s => s.Reference, (s, v) => s with { Reference = v }, "An SLI by name"),
        S.Item("timeWindow", new ListKind<SloWindow>(Kinds.Object(Window)), s => s.Windows, (s, v) => s with { Windows = v },
            "The time it is kept over: one of 30d that rolls", isRequired: true),
        S.Item("budgetingMethod", Kinds.Text, s => s.Budgeting, (s, v) => s with { Budgeting = v }, "Occurrences", isRequired: true),
        S.Item("objectives", new ListKind<SloObjective>(Kinds.Object(Objective)), s => s.Objectives, (s, v) => s with { Objectives = v },
            "How much has to be good", isRequired: true),
        S.Value("alertPolicies", Kinds.Any, _ => (Unit?)null, (s, _) => s, "Whom to tell", use: FieldUse.NotApplied));

    /// <summary>The fields of a document.</summary>
    public static readonly ObjectTable<SloDocument> Document = new("An SLO of OpenSLO", new SloDocument(null, null),
        D.Item("apiVersion", Kinds.Words(ApiVersion), _ => ApiVersion, (d, _) => d, "openslo/v1", isRequired: true),
        D.Item("kind", Kinds.Words(Slo), _ => Slo, (d, _) => d, "SLO", isRequired: true),
        D.Item("metadata", Kinds.Object(Metadata), d => d.Metadata, (d, v) => d with { Metadata = v }, "Name and labels", isRequired: true),
        D.Item("spec", Kinds.Object(Spec), d => d.Spec, (d, v) => d with { Spec = v }, "What is wanted", isRequired: true));
}
