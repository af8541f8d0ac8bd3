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
    /// <summary>Bytes for a metric's help, type and unit, and of what follows its name in a sample; more of them only cost a copy.</summary>
    private const int FixedRoom = 1024, LongestSuffix = 8;

    /// <summary>Writes all metrics; those without samples are left out.</summary>
    /// <param name="families">The metrics, each name once.</param>
    /// <param name="format">The format.</param>
    public static byte[] Write(IEnumerable<MetricFamily> families, ExpositionFormat format)
    {
        MetricFamily[] told = [.. families.Where(family => family.Samples.Count > 0)];
        // Room for all of it at once: a buffer that grows is copied each time.
        ArrayBufferWriter<byte> output = new(FixedRoom + told.Sum(RoomFor));
        foreach (MetricFamily family in told)
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
        byte[] usual = Encoding.UTF8.GetBytes(family.Name + SuffixOf(family.Kind));
        foreach (Sample sample in family.Samples)
        {
            if (sample.Suffix is { } suffix)
                Put(output, family.Name + suffix);
            else
                output.Write(usual);
            output.Write(sample.Labels.Bytes.Span);
            Span<byte> rest = output.GetSpan(SampleValue.Longest + 1);
            rest[0] = (byte)' ';
            output.Advance(1 + sample.Value.Write(rest[1..]));
            if (isOpen && sample.Example is { } example)
                Put(output, string.Create(CultureInfo.InvariantCulture,
                    $" # {example.Labels} {example.Value:R} {example.At.ToUnixTimeMilliseconds() / 1000.0:0.000}"));
            Put(output, "\n");
        }
    }

    private static int RoomFor(MetricFamily family)
    {
        int room = FixedRoom;
        foreach (Sample sample in family.Samples)
            room += family.Name.Length + LongestSuffix + sample.Labels.Bytes.Length + SampleValue.Longest + 2;
        return room;
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
