using Vfleet.Node.Pools;

namespace Vfleet.Node.Allocation;

/// <summary>Says why a request cannot be met, which of its wishes is in the way, and what there is instead.</summary>
/// <param name="request">The request.</param>
/// <param name="rules">The pool's rules.</param>
/// <param name="meant">The VFs it means, held ones included.</param>
/// <param name="loads">PFs by name.</param>
internal sealed class PlacementFaults(
    AllocationRequest request, PoolRules rules, IReadOnlyList<Candidate> meant, IReadOnlyDictionary<string, PfLoad> loads)
{
    private string Pool => $"pool {request.Pool}";

    private string? Target => request.Vf ?? request.Pool;

    /// <summary>The fault for a VF that is not there, or in another pool.</summary>
    public static Fault NoSuchVf(AllocationRequest request, PlacementInput input)
    {
        Candidate? elsewhere = input.Candidates.FirstOrDefault(candidate => Placement.IsNamed(candidate, request.Vf!));
        return elsewhere is null
            ? Fault.NotFound($"no VF {request.Vf}", "see `vfleet vf list`", request.Vf)
            : Fault.NotFound($"VF {request.Vf} is not in pool {request.Pool}", $"ask for it in pool {elsewhere.Pool}", request.Vf);
    }

    /// <summary>The first wish, in the order in which they narrow the choice, that leaves too few VFs.</summary>
    /// <param name="fit">The free VFs that the NUMA policy allows.</param>
    public Fault Explain(IReadOnlyList<Candidate> fit)
    {
        Candidate[] free = [.. meant.Where(candidate => candidate.IsFree)];
        if (free.Length < request.Count)
            return request.Vf is null ? Exhausted(free.Length) : Held(meant[0]);
        if (fit.Count < request.Count)
            return TooFar(free, fit.Count);
        string[] pfs = [.. fit.Select(candidate => candidate.Pf).Distinct().Order(StringComparer.Ordinal)];
        return request.DifferentPfs && pfs.Length < request.Count ? TooFewPfs(pfs) : TooFast(pfs);
    }

    private static Fault Held(Candidate vf) => Fault.Refused(
        $"VF {vf.Vf} is not free", $"it is {PlacementWords.Held([vf])}{(vf.Standing?.Owner is { } owner ? $" for {owner}" : "")}", $"{PlacementWords.Remedy([vf])}, or ask for another VF", vf.Vf);

    private Fault Exhausted(int free)
    {
        string error = $"{Pool} has {PlacementWords.Vfs(free)} free, {request.Count} wanted";
        if (meant.Count == 0)
            return Fault.Refused(error, "no VF of this machine is in it", "create VFs, or look at what its selectors mean", Target);
        Candidate[] held = [.. meant.Where(candidate => !candidate.IsFree)];
        if (held.Length == 0)
            return Fault.Refused(error, $"it has {PlacementWords.Vfs(meant.Count)} in all", "create more VFs, or ask for fewer", Target);
        string cause = $"of its {PlacementWords.Vfs(meant.Count)}: {PlacementWords.Held(held)}";
        return Fault.Refused(error, cause, $"{PlacementWords.Remedy(held)}, or create more VFs", Target);
    }

    private Fault TooFar(IReadOnlyList<Candidate> free, int fit)
    {
        string nodes = string.Join(", ",
            from candidate in free
            group candidate by candidate.NumaNode into node
            orderby node.Key ?? int.MaxValue
            select node.Key is { } known ? $"{node.Count()} on node {known}" : $"{node.Count()} on an unknown node");
        string where = request.Numa == NumaPolicy.Socket ? $"the socket of NUMA node {request.NumaNode}" : $"NUMA node {request.NumaNode}";
        string error = request.Vf is null
            ? $"{Pool} has {PlacementWords.Vfs(fit)} free for {where}, {request.Count} wanted"
            : $"VF {request.Vf} is not on {where}";
        return Fault.Refused(error, $"NUMA policy {request.Numa.ToString().ToLowerInvariant()}; free VFs: {nodes}",
            "ask for another node, or with NUMA policy preferred", Target);
    }

    private Fault TooFewPfs(string[] pfs) => Fault.Refused(
        $"{Pool} has free VFs on {PlacementWords.Pfs(pfs.Length)}, {request.Count} wanted each on another",
        $"they are on {string.Join(", ", pfs)}", "ask for fewer VFs, release some on another PF, or create some there", Target);

    /// <summary>What is left of each PF tells a reader how much to ask for instead.</summary>
    private Fault TooFast(string[] pfs)
    {
        uint guaranteed = request.GuaranteedMbps ?? rules.GuaranteedMbps;
        PfLoad[] left = [.. pfs.Select(pf => loads.GetValueOrDefault(pf) ?? new PfLoad(pf))];
        string what = request.Vf ?? Pool;
        string cause = string.Join(", ", left.Select(Left));
        return Array.TrueForAll(left, pf => pf.SpeedMbps is null)
            ? Fault.Refused($"{guaranteed} Mbit/s cannot be guaranteed on {what}: no PF has a link whose speed is known", cause,
                "bring the link up (ip link set PF up, cable), or ask for no guaranteed rate", Target)
            : Fault.Refused(
                $"{guaranteed} Mbit/s for each of {PlacementWords.Vfs(request.Count)} of {what} are not left to guarantee", cause,
                $"ask for a lower rate or fewer VFs{(request.DifferentPfs ? ", not each on another PF" : "")}, or release some", Target);
    }

    private string Left(PfLoad pf)
    {
        if (pf.GuaranteeableMbps(rules.GuaranteeablePercent) is { } left)
            return $"{pf.Pf}: {left} of {(long)pf.SpeedMbps!.Value * rules.GuaranteeablePercent / 100} Mbit/s left";
        return pf.IsUp == false ? $"{pf.Pf}: it is down" : $"{pf.Pf}: its speed is not known, as without a carrier";
    }
}
