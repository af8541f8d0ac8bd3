using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vfleet.Host.Settings;

/// <summary>VLANs a VF may tag itself: ids 1 to 4094, as sorted ranges that do not touch.</summary>
public sealed record VlanTrunk
{
    private VlanTrunk(IReadOnlyList<(int First, int Last)> ranges) => Ranges = ranges;

    /// <summary>The ranges, both ends included.</summary>
    public IReadOnlyList<(int First, int Last)> Ranges { get; }

    /// <summary>Parses <c>100-110,200</c>; overlapping and touching ranges are joined.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out VlanTrunk? trunk)
    {
        trunk = null;
        List<(int First, int Last)> ranges = [];
        foreach (string part in text.Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TryId(ends[0], out int first) || !TryId(ends[^1], out int last) || first > last)
                return false;
            ranges.Add((first, last));
        }
        ranges.Sort();
        List<(int First, int Last)> joined = [];
        foreach ((int first, int last) in ranges)
        {
            if (joined.Count > 0 && first <= joined[^1].Last + 1)
                joined[^1] = (joined[^1].First, Math.Max(last, joined[^1].Last));
            else
                joined.Add((first, last));
        }
        trunk = new VlanTrunk(joined);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(VlanTrunk? other) => other is not null && Ranges.SequenceEqual(other.Ranges);

    /// <inheritdoc/>
    public override int GetHashCode() => Ranges.Aggregate(0, HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', Ranges.Select(range =>
        range.First == range.Last ? $"{range.First}" : $"{range.First}-{range.Last}"));

    private static bool TryId(string text, out int id) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id is >= 1 and <= 4094;
}
