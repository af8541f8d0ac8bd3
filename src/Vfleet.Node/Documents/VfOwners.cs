using Vfleet.Node.Pools;

namespace Vfleet.Node.Documents;

/// <summary>Which of a PF's VFs are whose, as ranges: a document may name thousands of PFs with thousands of VFs each.</summary>
internal sealed class VfOwners
{
    private readonly List<(IndexRange Range, int Owner)> _claims = [];

    /// <summary>The largest index that is somebody's, and one; 0 where nothing is.</summary>
    public int End => _claims.Count == 0 ? 0 : _claims[^1].Range.Last + 1;

    /// <summary>The VFs of each owner, in the order of their indexes.</summary>
    public ILookup<int, IndexRange> ByOwner => _claims.ToLookup(claim => claim.Owner, claim => claim.Range);

    /// <summary>Gives what is nobody's in a range to an owner.</summary>
    /// <returns>What is somebody's already: each owner met, with the first VF that is its own.</returns>
    public IReadOnlyList<(int Owner, int Index)> Claim(IndexRange range, int owner)
    {
        List<(int Owner, int Index)> met = [];
        int next = range.First;
        int at = FirstReaching(range.First);
        for (; at < _claims.Count && _claims[at].Range.First <= range.Last; at++)
        {
            IndexRange taken = _claims[at].Range;
            if (next < taken.First)
                _claims.Insert(at++, (new IndexRange(next, taken.First - 1), owner));
            met.Add((_claims[at].Owner, Math.Max(taken.First, range.First)));
            next = taken.Last + 1;
        }

        if (next <= range.Last)
            _claims.Insert(at, (range with { First = next }, owner));
        return met;
    }

    /// <summary>The place of the first claim that does not end before an index.</summary>
    private int FirstReaching(int index)
    {
        int low = 0;
        int high = _claims.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_claims[middle].Range.Last < index)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
