using System.Globalization;

namespace Vfleet.Telemetry.Reading;

/// <summary>
/// The numbered lines of /proc/interrupts (proc_interrupts(5)), one after another, without a string for each of its fields, which are vectors times
/// CPUs. What is no line of a numbered interrupt is passed over.
/// </summary>
internal ref struct InterruptLines
{
    private ReadOnlySpan<char> _rest, _counts;

    /// <param name="text">The file.</param>
    public InterruptLines(ReadOnlySpan<char> text)
    {
        _rest = text;
        List<int> cpus = [];
        ReadOnlySpan<char> head = TakeLine();
        while (TryTakeWord(ref head, out ReadOnlySpan<char> word))
            cpus.Add(int.TryParse(word[Math.Min(3, word.Length)..], NumberStyles.None, CultureInfo.InvariantCulture, out int cpu) ? cpu : -1);
        Cpus = [.. cpus];
    }

    /// <summary>The numbers of its columns.</summary>
    public int[] Cpus { get; }

    /// <summary>The interrupt's number.</summary>
    public int Number { get; private set; }

    /// <summary>Goes to the next numbered interrupt.</summary>
    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            ReadOnlySpan<char> line = TakeLine();
            int colon = line.IndexOf(':');
            if (colon < 0 || !int.TryParse(line[..colon].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                continue;
            Number = number;
            _counts = line[(colon + 1)..];
            return true;
        }
        return false;
    }

    /// <summary>The next column of this interrupt; false past the last one, and where the line says something else.</summary>
    public bool TryTakeCount(out ulong count)
    {
        count = 0;
        return TryTakeWord(ref _counts, out ReadOnlySpan<char> word) && ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out count);
    }

    private ReadOnlySpan<char> TakeLine()
    {
        int end = _rest.IndexOf('\n');
        ReadOnlySpan<char> line = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? [] : _rest[(end + 1)..];
        return line;
    }

    private static bool TryTakeWord(ref ReadOnlySpan<char> text, out ReadOnlySpan<char> word)
    {
        text = text.TrimStart(' ');
        int end = text.IndexOf(' ');
        word = end < 0 ? text : text[..end];
        text = text[word.Length..];
        return !word.IsEmpty;
    }
}
