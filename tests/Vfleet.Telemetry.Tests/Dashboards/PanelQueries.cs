using System.Text.RegularExpressions;

namespace Vfleet.Telemetry.Tests.Dashboards;

/// <summary>Queries of panels as Grafana sends them.</summary>
internal static partial class PanelQueries
{
    /// <summary>With everything chosen, and a range that four scrapes fit into.</summary>
    public static string Filled(string query) => Choice().Replace(query.Replace("$__rate_interval", "1m", StringComparison.Ordinal), ".*");

    /// <summary>Choices that a query asks for.</summary>
    public static IEnumerable<string> Choices(string query) => Choice().Matches(query).Select(match => match.Groups["name"].Value);

    [GeneratedRegex(@"\$(?<name>[a-z]\w*)")]
    private static partial Regex Choice();
}
