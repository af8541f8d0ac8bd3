namespace Vfleet.Telemetry.Objectives;

/// <summary>A service level objective: how often an indicator has to be good, over 30 days.</summary>
public sealed record Objective
{
    /// <summary>Days over which an objective is kept: the burn rates that are known are made for this window alone.</summary>
    public const int WindowDays = 30;

    /// <summary>Its name: a-z, 0-9 and dashes, one per service.</summary>
    public string Name { get; init; } = "";

    /// <summary>Whose objective it is.</summary>
    public string Service { get; init; } = "vfleet";

    /// <summary>What it wants, in a sentence; null for none.</summary>
    public string? Description { get; init; }

    /// <summary>Percent of events, or of time, that have to be good: above 0, below 100.</summary>
    public decimal Target { get; init; }

    /// <summary>False where its budget pages nobody, however fast it burns: capacity, and what can wait.</summary>
    public bool IsCritical { get; init; } = true;

    /// <summary>What is measured.</summary>
    public Indicator Indicator { get; init; } = new ThresholdIndicator("", ThresholdOperator.AtMost, 0);

    /// <summary>Labels of its alerts.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Where a reader of its alerts is sent; null for Vfleet's own runbook.</summary>
    public string? Runbook { get; init; }

    /// <summary>Share of events that may be bad, above 0 and below 1.</summary>
    public decimal Budget => (100 - Target) / 100;
}

/// <summary>What an objective measures.</summary>
public abstract record Indicator;

/// <summary>Bad events of all.</summary>
/// <param name="Part">Rate of bad or of good events, with <c>{{.window}}</c> in the place of each range.</param>
/// <param name="IsGood">True where the part counts good events.</param>
/// <param name="Total">Rate of all events, likewise.</param>
public sealed record RatioIndicator(string Part, bool IsGood, string Total) : Indicator;

/// <summary>Time within a limit.</summary>
/// <param name="Value">A query for the value now.</param>
/// <param name="Operator">How the value relates to the limit while all is well.</param>
/// <param name="Limit">The limit.</param>
public sealed record ThresholdIndicator(string Value, ThresholdOperator Operator, decimal Limit) : Indicator;

/// <summary>How a value relates to its limit while all is well; words as in OpenSLO.</summary>
public enum ThresholdOperator
{
    /// <summary><c>lte</c></summary>
    AtMost,

    /// <summary><c>lt</c></summary>
    Below,

    /// <summary><c>gte</c></summary>
    AtLeast,

    /// <summary><c>gt</c></summary>
    Above,
}
