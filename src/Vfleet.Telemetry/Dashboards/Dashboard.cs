namespace Vfleet.Telemetry.Dashboards;

/// <summary>A dashboard of Grafana, as it is described here.</summary>
/// <param name="Uid">Its name in addresses: links between dashboards hold it.</param>
/// <param name="Title">Its title.</param>
/// <param name="Description">For whom it is.</param>
/// <param name="Variables">What can be chosen above it.</param>
/// <param name="Rows">Its panels.</param>
internal sealed record Dashboard(string Uid, string Title, string Description, IReadOnlyList<Variable> Variables, IReadOnlyList<Row> Rows);

/// <summary>A choice of label values, several or all.</summary>
/// <param name="Name">The label.</param>
/// <param name="Metric">A series that has it.</param>
/// <param name="Selector">What narrows it: other choices. Empty for nothing.</param>
internal sealed record Variable(string Name, string Metric, string Selector = "");

/// <summary>Panels below a heading.</summary>
internal sealed record Row(string Title, params Panel[] Panels);

/// <summary>How a panel shows what it has.</summary>
internal enum PanelKind
{
    /// <summary>Lines over time.</summary>
    TimeSeries,

    /// <summary>One number.</summary>
    Stat,

    /// <summary>Bars side by side.</summary>
    Bars,

    /// <summary>Rows and columns, as of now.</summary>
    Table,

    /// <summary>Shares of a whole.</summary>
    Pie,

    /// <summary>Buckets of a histogram over time.</summary>
    Heatmap,

    /// <summary>Words.</summary>
    Text,
}

/// <summary>A panel.</summary>
/// <param name="Kind">How it shows.</param>
/// <param name="Title">Its title.</param>
/// <param name="Description">What it means, and what to look for.</param>
/// <param name="Queries">What it shows.</param>
internal sealed record Panel(PanelKind Kind, string Title, string Description, params Query[] Queries)
{
    /// <summary>Columns of 24.</summary>
    public int Width { get; init; } = 12;

    /// <summary>Rows of 30 pixels.</summary>
    public int Height { get; init; } = 8;

    /// <summary>Grafana's name of the unit.</summary>
    public string Unit { get; init; } = "short";

    /// <summary>Where a click on a value leads; null for nowhere.</summary>
    public DrillDown? Link { get; init; }

    /// <summary>Markdown of a panel with words.</summary>
    public string? Markdown { get; init; }
}

/// <summary>A query of a panel.</summary>
/// <param name="Expression">In PromQL, with the dashboard's choices as <c>$name</c>.</param>
/// <param name="Legend">What a line is called; label values in double braces.</param>
internal sealed record Query(string Expression, string Legend = "");

/// <summary>A link from a value to a dashboard that shows more of it.</summary>
/// <param name="Uid">The dashboard.</param>
/// <param name="Title">Its title.</param>
/// <param name="Labels">Labels of the value that are chosen there.</param>
internal sealed record DrillDown(string Uid, string Title, params string[] Labels);
