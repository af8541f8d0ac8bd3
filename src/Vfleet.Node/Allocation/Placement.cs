using Vfleet.Node.Pools;

namespace Vfleet.Node.Allocation;

/// <summary>
/// The choice of VFs for a request: pure, and the same for the same input in whatever order it comes.
/// <para>
/// What must hold (pool, free, NUMA policy, different PFs, guaranteed rates) limits how many VFs each PF can give. The VFs left fall into
/// tiers of equal <see cref="Preference"/>. Because the only limits are per PF, taking as many as possible of the best tier never
/// costs a VF later on, and only the last tier leaves a choice of PFs: there the policy decides. On a PF, warm VFs go first, then
/// lower indexes.
/// </para>
/// </summary>
public static class Placement
{
    /// <summary>Chooses as many VFs as wanted, or none.</summary>
    /// <param name="request">What is wanted. A VF wanted by name is named as its candidate is, by PCI address, or as PF/index.</param>
    /// <param name="rules">The pool's rules.</param>
    /// <param name="input">The machine.</param>
    /// <returns>The VFs by PF and index. Usage for a request that cannot be meant, NotFound for a VF that is not there, Refused where the
    /// machine has not got what is wanted, with what it has instead.</returns>
    public static Outcome<IReadOnlyList<Candidate>> Choose(AllocationRequest request, PoolRules rules, PlacementInput input)
    {
        if (Check(request) is { } wrong)
            return wrong;
        Candidate[] inPool = [.. input.Candidates.Where(candidate => IsMeant(candidate, request))];
        if (request.Vf is not null && inPool.Length == 0)
            return PlacementFaults.NoSuchVf(request, input);
        Dictionary<string, PfLoad> loads = input.Pfs.ToDictionary(load => load.Pf, StringComparer.Ordinal);
        Candidate[] fit = [.. inPool.Where(candidate => candidate.IsFree && Preference.IsAllowed(candidate, request, input.Sockets))];
        PfShare[] shares = [.. fit.GroupBy(vf => vf.Pf).Select(vfs => Share(vfs, loads.GetValueOrDefault(vfs.Key), request, rules))];
        if (shares.Sum(share => share.Most) < request.Count)
            return new PlacementFaults(request, rules, inPool, loads).Explain(fit);
        Take(fit.GroupBy(vf => Preference.Of(vf, loads.GetValueOrDefault(vf.Pf), request, input)), shares, request, rules);
        return Outcome<IReadOnlyList<Candidate>>.Of(
            [.. shares.SelectMany(share => share.Taken).OrderBy(vf => vf.Pf, StringComparer.Ordinal).ThenBy(vf => vf.Index)]);
    }

    private static Fault? Check(AllocationRequest request)
    {
        if (request.Count < 1)
            return Fault.Usage($"{request.Count} VFs cannot be allocated", "ask for 1 or more");
        if (request is { Vf: not null, Count: > 1 })
            return Fault.Usage($"{request.Count} VFs wanted and only {request.Vf} named", "name a VF, or ask for a number", request.Vf);
        return request is { Vf: null, Pool: null } ? Fault.Usage("neither a pool nor a VF is named", "name one of them") : null;
    }

    private static bool IsMeant(Candidate candidate, AllocationRequest request) =>
        (request.Pool is null || candidate.Pool == request.Pool) && (request.Vf is null || IsNamed(candidate, request.Vf));

    /// <summary>True for a VF of this name.</summary>
    internal static bool IsNamed(Candidate candidate, string name) =>
        candidate.Vf == name || $"{candidate.Pf}/{candidate.Index}" == name
        || (PciAddress.TryParse(name, out PciAddress wanted) && PciAddress.TryParse(candidate.Vf, out PciAddress own) && own == wanted);

    private static PfShare Share(IGrouping<string, Candidate> vfs, PfLoad? load, AllocationRequest request, PoolRules rules)
    {
        long most = request.DifferentPfs ? 1 : int.MaxValue;
        uint guaranteed = request.GuaranteedMbps ?? rules.GuaranteedMbps;
        if (guaranteed > 0)
            most = Math.Min(most, (load?.GuaranteeableMbps(rules.GuaranteeablePercent) ?? 0) / guaranteed);
        return new PfShare(vfs.Key, vfs.Count(), (int)Math.Min(most, vfs.Count()), load?.HandedOut ?? 0);
    }

    private static void Take(
        IEnumerable<IGrouping<Preference, Candidate>> tiers, PfShare[] shares, AllocationRequest request, PoolRules rules)
    {
        int wanted = request.Count;
        foreach (IGrouping<Preference, Candidate> tier in tiers.OrderBy(tier => tier.Key))
        {
            ILookup<string, Candidate> byPf = tier.ToLookup(candidate => candidate.Pf, StringComparer.Ordinal);
            foreach (PfShare share in shares)
                share.Offer(byPf[share.Pf]);
            while (wanted > 0 && PfShare.Next(shares, wanted, request.Policy ?? rules.Allocation) is { } next)
            {
                next.TakeOne();
                wanted--;
            }
        }
    }
}
