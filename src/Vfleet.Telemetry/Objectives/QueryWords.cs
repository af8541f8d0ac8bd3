namespace Vfleet.Telemetry.Objectives;

/// <summary>Words of PromQL that are no metrics.</summary>
internal static class QueryWords
{
    /// <summary>Aggregations (docs: querying/operators).</summary>
    public static readonly HashSet<string> Aggregations = new(StringComparer.OrdinalIgnoreCase)
    {
        "sum", "min", "max", "avg", "group", "stddev", "stdvar", "count", "count_values", "bottomk", "topk", "quantile",
    };

    /// <summary>Words behind which labels stand in parentheses.</summary>
    public static readonly HashSet<string> BeforeLabels = new(StringComparer.OrdinalIgnoreCase)
    {
        "by", "without", "on", "ignoring", "group_left", "group_right",
    };

    /// <summary>Operators that are words.</summary>
    public static readonly HashSet<string> Operators = new(StringComparer.OrdinalIgnoreCase) { "and", "or", "unless", "atan2", "bool",
        "offset" };

    /// <summary>Numbers that are words.</summary>
    public static readonly HashSet<string> Numbers = new(StringComparer.OrdinalIgnoreCase) { "inf", "nan" };

    /// <summary>Functions (docs: querying/functions) of Prometheus 2.42.</summary>
    public static readonly HashSet<string> Functions = new(StringComparer.Ordinal)
    {
        "abs", "absent", "absent_over_time", "acos", "acosh", "asin", "asinh", "atan", "atanh", "avg_over_time", "ceil", "changes", "clamp",
        "clamp_max", "clamp_min", "cos", "cosh", "count_over_time", "day_of_month", "day_of_week", "day_of_year", "days_in_month", "deg",
        "delta", "deriv", "end", "exp", "floor", "histogram_count", "histogram_fraction", "histogram_quantile", "histogram_sum",
        "holt_winters", "hour", "idelta", "increase", "irate", "label_join", "label_replace", "last_over_time", "ln", "log10", "log2",
        "max_over_time", "min_over_time", "minute", "month", "pi", "predict_linear", "present_over_time", "quantile_over_time", "rad",
        "rate", "resets", "round", "scalar", "sgn", "sin", "sinh", "sort", "sort_desc", "sqrt", "start", "stddev_over_time",
        "stdvar_over_time", "sum_over_time", "tan", "tanh", "time", "timestamp", "vector", "year",
    };
}
