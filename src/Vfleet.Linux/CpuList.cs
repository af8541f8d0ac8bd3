using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vfleet.Linux;

/// <summary>A set of CPUs as the kernel writes it: <c>0-3,8</c>. Source: lib/bitmap-str.c, bitmap_parselist.</summary>
public sealed class CpuList : IEquatable<CpuList>
{
    /// <summary>More than any kernel is built for (CONFIG_NR_CPUS); it keeps a wrong number from filling the memory.</summary>
    private const int Most = 1 << 16;

    private readonly int[] _cpus;

    /// <summary>A set of CPUs; their order and repetitions do not matter.</summary>
    public CpuList(params IEnumerable<int> cpus) => _cpus = [.. cpus.Distinct().Order()];

    /// <summary>The CPUs, ascending.</summary>
    public IReadOnlyList<int> Cpus => _cpus;

    /// <summary>True where there is none.</summary>
    public bool IsEmpty => _cpus.Length == 0;

    /// <summary>Parses <c>0-3,8</c>; an empty text is an empty set.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out CpuList? list)
    {
        list = null;
        if (text is null)
            return false;
        HashSet<int> found = [];
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TryNumber(ends[0], out int first) || !TryNumber(ends[^1], out int last) || last < first)
                return false;
            found.UnionWith(Enumerable.Range(first, last - first + 1));
        }
        list = new CpuList(found);
        return true;
    }

    /// <summary>The CPUs in both.</summary>
    public CpuList Intersect(CpuList other) => new(_cpus.Intersect(other._cpus));

    /// <summary>The CPUs that the other lacks.</summary>
    public CpuList Except(CpuList other) => new(_cpus.Except(other._cpus));

    /// <summary>True where the other has every CPU of this one.</summary>
    public bool IsWithin(CpuList other) => Except(other).IsEmpty;

    /// <inheritdoc/>
    public bool Equals(CpuList? other) => other is not null && Enumerable.SequenceEqual(_cpus, other._cpus);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CpuList);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (int cpu in _cpus)
            hash.Add(cpu);
        return hash.ToHashCode();
    }

    /// <summary>As the kernel writes it, such as <c>0-3,8</c>.</summary>
    public override string ToString()
    {
        List<string> parts = [];
        for (int at = 0; at < _cpus.Length;)
        {
            int end = at;
            while (end + 1 < _cpus.Length && _cpus[end + 1] == _cpus[end] + 1)
                end++;
            parts.Add(end == at ? $"{_cpus[at]}" : $"{_cpus[at]}-{_cpus[end]}");
            at = end + 1;
        }
        return string.Join(',', parts);
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < Most;
}
