using System.Text.RegularExpressions;

namespace Vfleet.Telemetry.Objectives;

/// <summary>Names as Prometheus takes them (docs: concepts/data_model).</summary>
internal static partial class PromNames
{
    /// <summary>Labels that rules set by themselves, and no objective may.</summary>
    public static readonly IReadOnlyList<string> Reserved = ["alertname", "severity", "slo", "slo_service", "slo_window"];

    /// <summary>True for the name of a label; names that begin with two underscores are Prometheus's own, and names all the same.</summary>
    public static bool IsLabel(string text) => Label().IsMatch(text);

    [GeneratedRegex(@"^[a-zA-Z_][a-zA-Z0-9_]*\z")]
    private static partial Regex Label();
}
