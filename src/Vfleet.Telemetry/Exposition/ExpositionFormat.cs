using System.Globalization;

namespace Vfleet.Telemetry.Exposition;

/// <summary>The text formats that are spoken.</summary>
public enum ExpositionFormat
{
    /// <summary>Prometheus's text format, version 0.0.4.</summary>
    PrometheusText,

    /// <summary>OpenMetrics 1.0.</summary>
    OpenMetrics,
}

/// <summary>Which format a caller wants, by its header Accept (RFC 9110, section 12.5.1).</summary>
public static class ExpositionFormats
{
    private const string OpenMetricsType = "application/openmetrics-text";

    /// <summary>The header Content-Type of a format.</summary>
    public static string ContentType(this ExpositionFormat format) => format == ExpositionFormat.OpenMetrics
        ? $"{OpenMetricsType}; version=1.0.0; charset=utf-8"
        : "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>
    /// OpenMetrics where it is named and no less wanted than text; text in every other case, also where neither is wanted: a scrape that
    /// fails tells its caller less than one in the format every caller knows.
    /// </summary>
    /// <param name="accept">The header; null or empty where there is none. What cannot be read in it is passed over.</param>
    public static ExpositionFormat Choose(string? accept)
    {
        double open = 0, text = 0;
        foreach (string range in (accept ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = range.Split(';', StringSplitOptions.TrimEntries);
            double quality = Quality(parts);
            if (parts[0].Equals(OpenMetricsType, StringComparison.OrdinalIgnoreCase) && IsSpoken(parts))
                open = Math.Max(open, quality);
            else if (parts[0].Equals("text/plain", StringComparison.OrdinalIgnoreCase))
                text = Math.Max(text, quality);
        }
        return open > 0 && open >= text ? ExpositionFormat.OpenMetrics : ExpositionFormat.PrometheusText;
    }

    private static bool IsSpoken(string[] parts) => Parameter(parts, "version") is null or "1.0.0" or "0.0.1";

    private static double Quality(string[] parts) => Parameter(parts, "q") is not { } text ? 1
        : !double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double quality) || quality > 1 ? 0
        : quality;

    private static string? Parameter(string[] parts, string name) => parts.Skip(1)
        .Select(part => part.Split('=', 2, StringSplitOptions.TrimEntries))
        .FirstOrDefault(pair => pair.Length == 2 && pair[0].Equals(name, StringComparison.OrdinalIgnoreCase))?[1].Trim('"');
}
