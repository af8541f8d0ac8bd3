using System.Text;

namespace Vfleet.Telemetry.Exposition;

/// <summary>
/// Labels as they are written: in braces, values escaped. Written once and used for all series of a VF. Labels without a value are left
/// out, for to Prometheus both are the same; today's exporter writes an empty <c>numa_node</c>, which <see cref="Whole"/> keeps.
/// </summary>
public sealed class LabelSet
{
    /// <summary>Longest value, bytes of UTF-8; the rest is cut off, at a whole character.</summary>
    public const int LongestValue = 1024;

    /// <summary>Bytes of UTF-8 for a UTF-16 unit, at most.</summary>
    private const int LongestUnit = 3;

    private LabelSet(string text) => Bytes = Encoding.UTF8.GetBytes(text.Length == 0 ? "" : $"{{{text}}}");

    /// <summary>No labels.</summary>
    public static LabelSet None { get; } = new("");

    /// <summary>As they stand between name and value.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Labels in their order, those without a value left out.</summary>
    /// <param name="labels">Names, which follow Prometheus's grammar, with values of any kind.</param>
    public static LabelSet Of(params ReadOnlySpan<(string Name, string? Value)> labels) => new(Text("", labels, keepsEmpty: false));

    /// <summary>The same with labels that have no value.</summary>
    public static LabelSet Whole(params ReadOnlySpan<(string Name, string? Value)> labels) => new(Text("", labels, keepsEmpty: true));

    /// <summary>These labels and others behind them.</summary>
    public LabelSet With(params ReadOnlySpan<(string Name, string? Value)> labels) =>
        new(Text(Bytes.IsEmpty ? "" : Encoding.UTF8.GetString(Bytes.Span[1..^1]), labels, keepsEmpty: false));

    /// <inheritdoc/>
    public override string ToString() => Encoding.UTF8.GetString(Bytes.Span);

    private static string Text(string before, ReadOnlySpan<(string Name, string? Value)> labels, bool keepsEmpty)
    {
        StringBuilder text = new(before);
        foreach ((string name, string? value) in labels)
        {
            if (string.IsNullOrEmpty(value) && !keepsEmpty)
                continue;
            if (text.Length > 0)
                text.Append(',');
            text.Append(name).Append("=\"");
            Escape(text, value ?? "");
            text.Append('"');
        }
        return text.ToString();
    }

    /// <summary>
    /// Backslash, quote and line feed are escaped (Prometheus text format 0.0.4 and OpenMetrics 1.0 alike); half a character becomes
    /// U+FFFD.
    /// </summary>
    private static void Escape(StringBuilder text, string value)
    {
        if (value.Length <= LongestValue / LongestUnit && !value.AsSpan().ContainsAny('\\', '"', '\n')
            && !value.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
        {
            text.Append(value);
            return;
        }
        int length = 0;
        foreach (Rune rune in value.EnumerateRunes())
        {
            length += rune.Utf8SequenceLength;
            if (length > LongestValue)
                return;
            _ = rune.Value switch
            {
                '\\' => text.Append("\\\\"),
                '"' => text.Append("\\\""),
                '\n' => text.Append("\\n"),
                _ => text.Append(rune),
            };
        }
    }
}
