namespace Vfleet.Node.Counters;

/// <summary>A value for each counter; null where there is none, which is not zero.</summary>
public sealed class CounterValues
{
    private readonly ulong?[] _values;

    private CounterValues(ulong?[] values) => _values = values;

    /// <summary>Every counter.</summary>
    public static IReadOnlyList<VfCounter> All { get; } =
        [.. Enumerable.Range(0, (int)VfCounter.TransmitErrors + 1).Select(number => (VfCounter)number)];

    /// <summary>No value at all.</summary>
    public static CounterValues None { get; } = new(new ulong?[All.Count]);

    /// <summary>The value of a counter.</summary>
    public ulong? this[VfCounter counter] => _values[(int)counter];

    /// <summary>True where there is no value at all.</summary>
    public bool IsEmpty => Array.TrueForAll(_values, value => value is null);

    /// <summary>Values from a function.</summary>
    public static CounterValues Of(Func<VfCounter, ulong?> value)
    {
        ulong?[] values = new ulong?[(int)VfCounter.TransmitErrors + 1];
        for (int i = 0; i < values.Length; i++)
            values[i] = value((VfCounter)i);
        return new CounterValues(values);
    }

    /// <summary>True where each counter has the same value, or none, in both.</summary>
    internal bool IsSame(CounterValues other) => !Any(counter => this[counter] != other[counter]);

    /// <summary>True where a counter is so.</summary>
    internal static bool Any(Func<VfCounter, bool> isSo)
    {
        for (VfCounter counter = 0; counter <= VfCounter.TransmitErrors; counter++)
        {
            if (isSo(counter))
                return true;
        }
        return false;
    }
}
