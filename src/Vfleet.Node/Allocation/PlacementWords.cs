using Vfleet.Node.Pools;

namespace Vfleet.Node.Allocation;

/// <summary>What refusals are made of.</summary>
internal static class PlacementWords
{
    private const int MostDetails = 3;

    public static string Vfs(int count) => count == 1 ? "1 VF" : $"{count} VFs";

    public static string Pfs(int count) => count == 1 ? "1 PF" : $"{count} PFs";

    /// <summary>
    /// How VFs are held: <c>5 attached, 1 used by a stranger (eth0v3: carries an address)</c>; a single VF is not numbered.
    /// </summary>
    public static string Held(IReadOnlyList<Candidate> held) => string.Join(", ",
        from candidate in held
        group candidate by candidate.Holding into kind
        orderby kind.Key
        select (held.Count == 1 ? "" : $"{kind.Count()} ") + Kind(kind.Key, kind.Count()) + Details(kind));

    /// <summary>What can be done about it, for the kinds there are.</summary>
    public static string Remedy(IReadOnlyList<Candidate> held) => string.Join(", ", held
        .Select(candidate => candidate.Holding).Distinct().Order()
        .Select(kind => kind switch
        {
            VfHolding.Reserved or VfHolding.Attached => "release an allocation",
            VfHolding.Releasing => "try again when cleaning is done",
            VfHolding.Quarantined => "find out what is wrong with what is quarantined and release it by hand",
            VfHolding.Stranger => "end the stranger's use",
            VfHolding.Unhealthy => "repair what is unhealthy",
            _ => "create what is lost anew",
        })
        .Distinct());

    private static string Kind(VfHolding kind, int count) => kind switch
    {
        VfHolding.Releasing => "being released",
        VfHolding.Stranger => count == 1 ? "used by a stranger" : "used by strangers",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private static string Details(IEnumerable<Candidate> vfs)
    {
        string[] details =
        [
            .. from vf in vfs.OrderBy(vf => vf.Pf, StringComparer.Ordinal).ThenBy(vf => vf.Index)
               let detail = vf.Holding switch
               {
                   VfHolding.Stranger => vf.Standing!.Stranger,
                   VfHolding.Unhealthy => $"{vf.Vf}: {vf.Standing!.Unhealthy}",
                   _ => null,
               }
               where detail is not null
               select detail,
        ];
        if (details.Length == 0)
            return "";
        string more = details.Length > MostDetails ? $"; and {details.Length - MostDetails} more" : "";
        return $" ({string.Join("; ", details.Take(MostDetails))}{more})";
    }
}
