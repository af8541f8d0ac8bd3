using Vfleet.Node.Pools;

namespace Vfleet.Node.Allocation;

/// <summary>What one PF can give to a request, and gives.</summary>
/// <param name="pf">The PF.</param>
/// <param name="free">VFs of it that the request may have.</param>
/// <param name="most">How many of them at most: one where each VF is to be on another PF, or what its speed allows.</param>
/// <param name="handedOut">VFs of it that somebody has already.</param>
internal sealed class PfShare(string pf, int free, int most, int handedOut)
{
    private readonly List<Candidate> _taken = [];
    private Queue<Candidate> _offered = [];

    public string Pf => pf;

    public int Most => most;

    public IReadOnlyList<Candidate> Taken => _taken;

    private int Free => free;

    private int HandedOut => handedOut + _taken.Count;

    private int Available => Math.Min(most - _taken.Count, _offered.Count);

    private bool IsNextWarm => _offered.TryPeek(out Candidate? next) && next.IsWarm;

    /// <summary>Its VFs of the tier that is chosen from now; of an earlier tier none is left that could be taken.</summary>
    public void Offer(IEnumerable<Candidate> tier) =>
        _offered = new Queue<Candidate>(tier.OrderBy(vf => vf.IsWarm ? 0 : 1).ThenBy(vf => vf.Index));

    public void TakeOne() => _taken.Add(_offered.Dequeue());

    /// <summary>The PF that gives the next VF of the tier; null where none has one left.</summary>
    /// <param name="shares">All PFs.</param>
    /// <param name="wanted">VFs still wanted.</param>
    /// <param name="policy">Pack or spread.</param>
    public static PfShare? Next(IReadOnlyList<PfShare> shares, int wanted, AllocationPolicy policy)
    {
        PfShare[] open = [.. shares.Where(share => share.Available > 0)];
        return (policy == AllocationPolicy.Spread ? InOrderOfSpread(open) : InOrderOfPack(open, wanted))
            .ThenByDescending(share => share.IsNextWarm)
            .ThenBy(share => share.Pf, StringComparer.Ordinal)
            .FirstOrDefault();
    }

    private static IOrderedEnumerable<PfShare> InOrderOfSpread(PfShare[] open) => open.OrderBy(share => share.HandedOut);

    /// <summary>
    /// A PF that gives already goes on giving. Else the one with the fewest free VFs that suffices, so that the others can still serve
    /// large requests; and where none suffices, the one that gives most, which takes the fewest PFs in all.
    /// </summary>
    private static IOrderedEnumerable<PfShare> InOrderOfPack(PfShare[] open, int wanted)
    {
        PfShare[] giving = [.. open.Where(share => share._taken.Count > 0)];
        PfShare[] among = giving.Length > 0 ? giving : open;
        PfShare[] enough = [.. among.Where(share => share.Available >= wanted)];
        return enough.Length > 0
            ? enough.OrderBy(share => share.Free)
            : among.OrderByDescending(share => share.Available).ThenBy(share => share.Free);
    }
}
