using Vfleet.Node.Pools;

namespace Vfleet.Node.Documents;

/// <summary>Arithmetic of VF indexes.</summary>
internal static class IndexRanges
{
    /// <summary>True where both hold an index.</summary>
    public static bool Overlaps(this IndexRange left, IndexRange right) => left.First <= right.Last && right.First <= left.Last;

    /// <summary>The first <paramref name="count"/> indexes.</summary>
    public static IReadOnlyList<IndexRange> UpTo(int count) => count == 0 ? [] : [new IndexRange(0, count - 1)];

    /// <summary>The same indexes, sorted and each of them once.</summary>
    public static IReadOnlyList<IndexRange> Union(IEnumerable<IndexRange> ranges)
    {
        List<IndexRange> union = [];
        foreach (IndexRange range in ranges.OrderBy(range => range.First))
        {
            if (union.Count > 0 && range.First <= union[^1].Last + 1)
                union[^1] = union[^1] with { Last = Math.Max(union[^1].Last, range.Last) };
            else
                union.Add(range);
        }

        return union;
    }

    /// <summary>What both hold.</summary>
    public static IReadOnlyList<IndexRange> Common(IReadOnlyList<IndexRange> left, IReadOnlyList<IndexRange> right) =>
    [
        .. from one in left
           from other in right
           where one.Overlaps(other)
           select new IndexRange(Math.Max(one.First, other.First), Math.Min(one.Last, other.Last)),
    ];

    /// <summary>What is below <paramref name="count"/>.</summary>
    public static IReadOnlyList<IndexRange> Below(IEnumerable<IndexRange> ranges, int count) =>
        [.. ranges.Where(range => range.First < count).Select(range => range with { Last = Math.Min(range.Last, count - 1) })];
}
