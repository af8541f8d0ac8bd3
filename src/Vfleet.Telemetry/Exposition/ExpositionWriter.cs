using System.Buffers;
using System.Globalization;
using System.Text;

namespace Vfleet.Telemetry.Exposition;

/// <summary>
/// Writes metrics in Prometheus's text format 0.0.4 or OpenMetrics 1.0. Equivalent to what client libraries of Prometheus answer a scrape
/// with.
/// </summary>
public static class ExpositionWriter
{
    /// <summary>Writes all metrics; those without samples are left out.</summary>
    /// <param name="families">The metrics, each name once.</param>
    /// <param name="format">The format.</param>
    public static byte[] Write(IEnumerable<MetricFamily> families, ExpositionFormat format)
    {
        ArrayBufferWriter<byte> output = new(64 * 1024);
        foreach (MetricFamily family in families.Where(family => family.Samples.Count > 0))
            Write(output, family, format);
        if (format == ExpositionFormat.OpenMetrics)
            Put(output, "# EOF\n");
        return output.WrittenSpan.ToArray();
    }

    private static void Write(ArrayBufferWriter<byte> output, MetricFamily family, ExpositionFormat format)
    {
        bool isOpen = format == ExpositionFormat.OpenMetrics;
        // The text format names a metric as its samples are called, OpenMetrics without what its kind adds.
        string name = isOpen ? family.Name : family.Name + SuffixOf(family.Kind);
        Put(output, $"# HELP {name} {Help(family.Help, isOpen)}\n# TYPE {name} {TypeOf(family.Kind, isOpen)}\n");
        if (isOpen && family.Unit is { } unit)
            Put(output, $"# UNIT {name} {unit}\n");
        foreach (Sample sample in family.Samples)
        {
            Put(output, family.Name);
            Put(output, sample.Suffix ?? SuffixOf(family.Kind));
            output.Write(sample.Labels.Bytes.Span);
            Put(output, " ");
            Put(output, sample.Value.ToString());
            if (isOpen && sample.Example is { } example)
                Put(output, string.Create(CultureInfo.InvariantCulture,
                    $" # {example.Labels} {example.Value:R} {example.At.ToUnixTimeMilliseconds() / 1000.0:0.000}"));
            Put(output, "\n");
        }
    }

    private static string SuffixOf(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "_total",
        MetricKind.Info => "_info",
        _ => "",
    };

    private static string TypeOf(MetricKind kind, bool isOpen) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.OldCounter => isOpen ? "unknown" : "counter",
        MetricKind.Info => isOpen ? "info" : "gauge",
        MetricKind.Histogram => "histogram",
        _ => "gauge",
    };

    private static string Help(string text, bool isOpen)
    {
        string escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return isOpen ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    private static void Put(ArrayBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);
}
