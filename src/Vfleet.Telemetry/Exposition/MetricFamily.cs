using System.Globalization;
using System.Text;

namespace Vfleet.Telemetry.Exposition;

/// <summary>What a metric is.</summary>
public enum MetricKind
{
    /// <summary>Only goes up; its samples end in <c>_total</c>.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>Always 1; its labels are what it tells. Its samples end in <c>_info</c>.</summary>
    Info,

    /// <summary>Buckets, a count and a sum.</summary>
    Histogram,

    /// <summary>
    /// A counter whose name has no <c>_total</c>, as today's exporter has it: a counter in the text format, of type unknown in
    /// OpenMetrics.
    /// </summary>
    OldCounter,
}

/// <summary>A metric with all its samples.</summary>
/// <param name="Name">Its name without <c>_total</c> or <c>_info</c>; with a unit it ends in the unit.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Help">What it means, in a sentence.</param>
/// <param name="Unit">OpenMetrics's unit, such as <c>bytes</c>; null for none.</param>
/// <param name="Samples">Its samples; a metric without any is not written.</param>
public sealed record MetricFamily(string Name, MetricKind Kind, string Help, string? Unit, IReadOnlyList<Sample> Samples)
{
    /// <summary>A counter without a unit.</summary>
    public static MetricFamily Counter(string name, string help, IReadOnlyList<Sample> samples) =>
        new(name, MetricKind.Counter, help, null, samples);

    /// <summary>A gauge without a unit.</summary>
    public static MetricFamily Gauge(string name, string help, IReadOnlyList<Sample> samples) =>
        new(name, MetricKind.Gauge, help, null, samples);

    /// <summary>What labels tell.</summary>
    public static MetricFamily Info(string name, string help, IReadOnlyList<Sample> samples) =>
        new(name, MetricKind.Info, help, null, samples);

    /// <summary>A counter as today's exporter names it.</summary>
    public static MetricFamily OldCounter(string name, string help, IReadOnlyList<Sample> samples) =>
        new(name, MetricKind.OldCounter, help, null, samples);
}

/// <summary>A value with its labels.</summary>
/// <param name="Labels">The labels.</param>
/// <param name="Value">The value.</param>
/// <param name="Suffix">What follows the metric's name, as in a histogram; null for what its kind asks for.</param>
public readonly record struct Sample(LabelSet Labels, SampleValue Value, string? Suffix = null)
{
    /// <summary>One that is counted in it; OpenMetrics tells it, the text format does not know any. Null for none.</summary>
    public Exemplar? Example { get; init; }
}

/// <summary>What a sample counts, as an example.</summary>
/// <param name="Labels">What leads to it; 128 characters at most with their names (OpenMetrics 1.0, Exemplars).</param>
/// <param name="Value">Its value.</param>
/// <param name="At">When it was counted.</param>
public sealed record Exemplar(LabelSet Labels, double Value, DateTimeOffset At);

/// <summary>A value: a whole number, exact to 64 bits, or one with a fraction.</summary>
public readonly record struct SampleValue
{
    private readonly double? _real;
    private readonly ulong _whole;

    private SampleValue(ulong whole, double? real) => (_whole, _real) = (whole, real);

    /// <summary>A whole number.</summary>
    public static implicit operator SampleValue(ulong value) => new(value, null);

    /// <summary>A count.</summary>
    public static implicit operator SampleValue(int value) => new(0, value);

    /// <summary>Any number.</summary>
    public static implicit operator SampleValue(double value) => new(0, value);

    /// <summary>Yes is 1.</summary>
    public static implicit operator SampleValue(bool value) => new(value ? 1UL : 0, null);

    /// <summary>As it is written.</summary>
    public override string ToString()
    {
        Span<byte> room = stackalloc byte[Longest];
        return Encoding.UTF8.GetString(room[..Write(room)]);
    }

    /// <summary>Bytes of a value, at most.</summary>
    internal const int Longest = 32;

    /// <summary>Writes it, and returns how many bytes it took.</summary>
    /// <param name="room">At least <see cref="Longest"/> bytes.</param>
    internal int Write(Span<byte> room)
    {
        int written;
        switch (_real)
        {
            case null:
                _ = _whole.TryFormat(room, out written, default, CultureInfo.InvariantCulture);
                return written;
            case double.PositiveInfinity:
                "+Inf"u8.CopyTo(room);
                return "+Inf"u8.Length;
            case double.NegativeInfinity:
                "-Inf"u8.CopyTo(room);
                return "-Inf"u8.Length;
            case { } real:
                _ = real.TryFormat(room, out written, "R", CultureInfo.InvariantCulture);
                return written;
        }
    }
}
