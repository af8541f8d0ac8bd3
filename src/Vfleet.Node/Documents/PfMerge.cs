using Vfleet.Host.Inventory;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Documents;

/// <summary>What one policy wants of one PF.</summary>
/// <param name="Selection">The policy.</param>
/// <param name="Ranges">The VFs it takes.</param>
/// <param name="IsPartition">True where it names the VFs, false where it takes as many as it counts.</param>
internal sealed record PfWish(PfSelection Selection, IReadOnlyList<IndexRange> Ranges, bool IsPartition)
{
    public string Policy => Selection.Policy;

    public int Priority => Selection.Priority;

    /// <summary>The wish of a policy that names the PF in these ways.</summary>
    public static PfWish Of(PfSelection selection, IReadOnlyList<PfPart> parts) =>
        new(selection, RangesOf(selection, parts), parts.Any(part => part.Ranges.Count > 0));

    /// <summary>The wish of a policy that matches this PF.</summary>
    public static PfWish Of(PfSelection selection, PhysicalFunction pf)
    {
        PfPart[] names = [.. selection.Selector.PfNames.Where(part => PfSelection.IsName(part, pf))];
        PfPart[] addresses = [.. selection.Selector.RootDevices.Where(part => PfSelection.IsAddress(part, pf))];
        PfPart[][] ways = [.. new[] { names, addresses }.Where(way => way.Any(part => part.Ranges.Count > 0))];
        return ways.Length switch
        {
            0 => new(selection, IndexRanges.UpTo(selection.WantedVfs), IsPartition: false),
            1 => Of(selection, ways[0]),
            _ => new(selection, IndexRanges.Common(RangesOf(selection, names), RangesOf(selection, addresses)), IsPartition: true),
        };
    }

    private static IReadOnlyList<IndexRange> RangesOf(PfSelection selection, IReadOnlyList<PfPart> parts) =>
        parts.Any(part => part.Ranges.Count == 0)
            ? IndexRanges.UpTo(selection.WantedVfs)
            : selection.WantedVfs == 0 ? [] : IndexRanges.Union(parts.SelectMany(part => part.Ranges));

    /// <summary>True where no PF can be meant by both.</summary>
    public bool Excludes(PfWish other) =>
        Differ(Selection.Selector.Vendor, other.Selection.Selector.Vendor)
            || Differ(Selection.Selector.DeviceId, other.Selection.Selector.DeviceId);

    private static bool Differ(string? left, string? right) =>
        left is not null && right is not null && !left.Equals(right, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Something that came up when policies were merged.</summary>
/// <param name="IsProblem">True where it has to be changed, false where priorities decide.</param>
/// <param name="Policy">The policy that gives way, or would.</param>
/// <param name="Field">The field it is about.</param>
/// <param name="Message">What came up.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record MergeFinding(bool IsProblem, string Policy, string Field, string Message, string? Remedy);

/// <summary>
/// What several policies together want of one PF. The lower priority number wins, as the operator sorts them; where two of the same
/// priority contradict each other nobody can know what is meant, and it is a problem. As with the operator, the count is raised for a
/// partition that keeps clear of the winner's VFs.
/// </summary>
internal sealed class PfMerge
{
    private readonly string _pf;
    private readonly PfWish[] _wishes;
    private readonly int? _totalVfs;
    private readonly VfOwners _owners = new();
    private readonly bool[] _collides;

    private PfMerge(string pf, IEnumerable<PfWish> wishes, int? totalVfs)
    {
        _pf = pf;
        _totalVfs = totalVfs;
        _wishes = [.. wishes.OrderBy(wish => wish.Priority).ThenBy(wish => wish.Policy, StringComparer.Ordinal)];
        _collides = new bool[_wishes.Length];
    }

    /// <summary>The policy that wins.</summary>
    public PfSelection Winner => _wishes[0].Selection;

    /// <summary>Number of VFs to create.</summary>
    public int WantedVfs { get; private set; }

    /// <summary>The VFs' resources.</summary>
    public IReadOnlyList<VfGroup> Groups { get; private set; } = [];

    /// <summary>What came up.</summary>
    public List<MergeFinding> Findings { get; } = [];

    /// <summary>Merges what policies, one or more, want of a PF.</summary>
    /// <param name="pf">Its name.</param>
    /// <param name="wishes">What they want.</param>
    /// <param name="totalVfs">VFs the device allows; null where it is not known.</param>
    public static PfMerge Of(string pf, IReadOnlyList<PfWish> wishes, int? totalVfs)
    {
        PfMerge merge = new(pf, wishes, totalVfs);
        for (int wish = 0; wish < merge._wishes.Length; wish++)
            merge.Claim(wish);
        merge.Settle("spec.mtu", "mtu", selection => selection.Mtu?.ToString());
        merge.Settle("spec.eSwitchMode", "eSwitchMode", selection => selection.EswitchMode?.ToString().ToLowerInvariant());
        merge.Settle("spec.linkType", "linkType",
            selection => selection.LinkType switch { null => null, PfLinkType.InfiniBand => "ib", _ => "eth" });
        merge.Settle("spec.externallyManaged", "externallyManaged", selection => selection.IsExternallyManaged ? "true" : "false");
        merge.WantedVfs = merge.Count();
        ILookup<int, IndexRange> owned = merge._owners.ByOwner;
        merge.Groups = [.. merge._wishes.Select((wish, number) => merge.Group(wish, owned[number])).Where(group => group.Ranges.Count > 0)];
        return merge;
    }

    /// <summary>The first value in the order of priorities; null where no policy names one.</summary>
    public TValue? First<TValue>(Func<PfSelection, TValue?> value)
        where TValue : struct => _wishes.Select(wish => value(wish.Selection)).FirstOrDefault(found => found is not null);

    /// <summary>Gives the VFs nobody has to a wish, and tells of those somebody has.</summary>
    private void Claim(int number)
    {
        PfWish wish = _wishes[number];
        // Each policy that has some of these VFs already, with the first such VF.
        SortedDictionary<int, int> others = [];
        foreach ((int owner, int index) in wish.Ranges.SelectMany(range => _owners.Claim(range, number)))
        {
            if (!_wishes[owner].Excludes(wish))
                others.TryAdd(owner, index);
        }

        if (others.Count == 0)
            return;
        _collides[number] = true;
        int[] clashes = [.. others.Keys.Where(other => IsClash(_wishes[other], wish))];
        int with = clashes.Length > 0 ? clashes[0] : others.Keys.First();
        PfWish first = _wishes[with];
        string both = $"policy {wish.Policy} and policy {first.Policy} both take VF {others[with]} of {_pf}";
        if (clashes.Length > 0)
            Add(isProblem: true, wish, "spec.nicSelector", both, $"make their ranges disjoint{Elsewhere(wish, first)}");
        else
            Add(isProblem: false, wish, "spec.nicSelector",
                $"{both}; {first.Policy} wins with priority {first.Priority} against {wish.Priority}", null);
    }

    private static bool IsClash(PfWish winner, PfWish loser) =>
        winner.Priority == loser.Priority || (winner.IsPartition && loser.IsPartition);

    private void Settle(string field, string name, Func<PfSelection, string?> value)
    {
        PfWish? winner = null;
        foreach (PfWish wish in _wishes.Where(wish => value(wish.Selection) is not null))
        {
            winner ??= wish;
            if (value(wish.Selection) != value(winner.Selection) && !wish.Excludes(winner))
                Contradiction(field, wish, winner, $"{name} {value(wish.Selection)}", $"{name} {value(winner.Selection)}");
        }
    }

    private int Count()
    {
        PfWish winner = _wishes[0];
        int count = winner.Selection.WantedVfs;
        bool isAll = _wishes.Any(wish => wish.Selection.ProvisionsAll);
        for (int number = 1; number < _wishes.Length && !isAll; number++)
        {
            PfWish wish = _wishes[number];
            int wanted = wish.Selection.WantedVfs;
            if (wanted == winner.Selection.WantedVfs || wish.Excludes(winner))
                continue;
            bool isRaised = wish.Priority != winner.Priority && wish.IsPartition && !_collides[number] && wanted > count;
            if (isRaised)
            {
                count = wanted;
                Add(isProblem: false, wish, "spec.numVfs",
                    $"policy {wish.Policy} wants {wanted} VFs on {_pf} and policy {winner.Policy} {winner.Selection.WantedVfs}; "
                    + $"{wanted} are created, because the VFs of both keep clear of each other", null);
            }
            else
            {
                Contradiction("spec.numVfs", wish, winner, $"{wanted} VFs", $"{winner.Selection.WantedVfs} VFs");
            }
        }

        if (isAll)
            count = _totalVfs ?? Math.Max(_owners.End, _wishes.Max(wish => wish.Selection.WantedVfs));
        else if (count > _totalVfs)
            Add(isProblem: true, winner, "spec.numVfs", $"policy {winner.Policy} wants {count} VFs on {_pf}, which has {_totalVfs} at most",
                $"lower numVfs to {_totalVfs}");
        return count;
    }

    private VfGroup Group(PfWish wish, IEnumerable<IndexRange> owned)
    {
        IReadOnlyList<IndexRange> ranges = IndexRanges.Below(owned, WantedVfs);
        bool isCut = wish.Ranges.Any(range => range.Last >= WantedVfs);
        if (isCut && _wishes.Any(other => other.Selection.ProvisionsAll))
            Add(isProblem: true, wish, "spec.nicSelector",
                $"policy {wish.Policy} reaches beyond the {WantedVfs} VFs that {_pf} has at most",
                "make the range shorter, or lower numVfs");
        PfSelection selection = wish.Selection;
        return selection.Groups.Count == 0
            ? new VfGroup { Pf = _pf, Ranges = [], ResourceName = "", Policy = selection.Policy }
            : selection.Groups[0] with { Pf = _pf, Ranges = ranges };
    }

    private void Contradiction(string field, PfWish loser, PfWish winner, string wanted, string instead)
    {
        string message = $"policy {loser.Policy} wants {wanted} on {_pf}, policy {winner.Policy} {instead}";
        if (loser.Priority == winner.Priority)
            Add(isProblem: true, loser, field, $"{message}, both with priority {loser.Priority}",
                $"write the same in both, or give one of them a lower priority number: it wins{Elsewhere(loser, winner)}");
        else
            Add(isProblem: false, loser, field, $"{message}; {winner.Policy} wins with priority {winner.Priority} against {loser.Priority}",
                null);
    }

    /// <summary>Policies for different nodes of a cluster are no contradiction there; here each node is given its own.</summary>
    private static string Elsewhere(PfWish one, PfWish other) =>
        one.Selection.NodeSelector != other.Selection.NodeSelector
            ? "; nodeSelector has no effect here, so leave out what is for other nodes" : "";

    private void Add(bool isProblem, PfWish wish, string field, string message, string? remedy) =>
        Findings.Add(new MergeFinding(isProblem, wish.Policy, field, message, remedy));
}
