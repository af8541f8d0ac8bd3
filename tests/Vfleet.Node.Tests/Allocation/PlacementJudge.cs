using Vfleet.Node.Allocation;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Tests.Allocation;

/// <summary>What a good choice is, said a second time and without regard to speed.</summary>
internal sealed class PlacementJudge(PlacementCase machine)
{
    private AllocationRequest Request => machine.Request;

    private uint Guaranteed => Request.GuaranteedMbps ?? machine.Rules.GuaranteedMbps;

    public bool IsSpread => (Request.Policy ?? machine.Rules.Allocation) == AllocationPolicy.Spread;

    /// <summary>Everything that must hold of a choice.</summary>
    public bool IsValid(IReadOnlyList<Candidate> choice) =>
        choice.Count == Request.Count && choice.Distinct().Count() == choice.Count && choice.All(MayBeHad) && HaveRoom(choice)
        && (!Request.DifferentPfs || choice.Select(vf => vf.Pf).Distinct().Count() == choice.Count);

    public bool MayBeHad(Candidate vf) =>
        (Request.Pool is null || vf.Pool == Request.Pool)
        && (Request.Vf is null || vf.Vf == Request.Vf)
        && (vf.Standing is null || vf.Standing is { State: VfState.Free, Stranger: null, Unhealthy: null })
        && (Request.NumaNode is not { } node || Request.Numa == NumaPolicy.Preferred || vf.NumaNode == node
            || (Request.Numa == NumaPolicy.Legacy && vf.NumaNode is null)
            || (Request.Numa == NumaPolicy.Socket && vf.NumaNode is { } own && own / 2 == node / 2));

    /// <summary>What a choice costs before policy; each digit is a wish, the heavier the further left.</summary>
    public int Cost(IEnumerable<Candidate> choice) => choice.Sum(Cost);

    public int Cost(Candidate vf) =>
        (vf.Standing?.IsDegraded == true ? 100_000_000 : 0) + (Load(vf.Pf).IsUp == false ? 1_000_000 : 0) + (RootCost(vf) * 10_000)
        + (NumaCost(vf) * 100) + (machine.Input.Near is { } near && (near.NumaNode is null || near.NumaNode != vf.NumaNode) ? 1 : 0);

    public PfLoad Load(string pf) => machine.Input.Pfs.Single(load => load.Pf == pf);

    /// <summary>VFs of a PF that somebody has after the choice.</summary>
    public int HandedOut(string pf, IEnumerable<Candidate> choice) => Load(pf).HandedOut + choice.Count(vf => vf.Pf == pf);

    /// <summary>How uneven the PFs are after the choice.</summary>
    public int Unevenness(IReadOnlyList<Candidate> choice) =>
        machine.Input.Pfs.Select(load => HandedOut(load.Pf, choice)).Sum(count => count * count);

    /// <summary>VFs of a PF that could be had.</summary>
    public int FreeOn(string pf) => machine.Input.Candidates.Count(vf => vf.Pf == pf && MayBeHad(vf));

    /// <summary>Every choice that is valid.</summary>
    public IEnumerable<Candidate[]> ValidChoices()
    {
        Candidate[] all = [.. machine.Input.Candidates];
        for (int bits = 0; bits < 1 << all.Length; bits++)
        {
            if (int.PopCount(bits) != Request.Count)
                continue;
            Candidate[] choice = [.. all.Where((_, index) => (bits & (1 << index)) != 0)];
            if (IsValid(choice))
                yield return choice;
        }
    }

    private bool HaveRoom(IEnumerable<Candidate> choice) =>
        Guaranteed == 0 || choice.GroupBy(vf => vf.Pf).All(vfs => HasRoom(Load(vfs.Key), vfs.Count()));

    private bool HasRoom(PfLoad load, int count) =>
        load.SpeedMbps is { } speed && load.GuaranteedMbps + (count * Guaranteed) <= speed * machine.Rules.GuaranteeablePercent / 100;

    private int NumaCost(Candidate vf)
    {
        if (Request.NumaNode is not { } node || vf.NumaNode == node)
            return 0;
        return vf.NumaNode / 2 == node / 2 ? 1 : 2;
    }

    private int RootCost(Candidate vf)
    {
        if (machine.Input.Near is not { } near)
            return 0;
        if (vf.Root is null || near.Root is null || vf.Root.HostBridge != near.Root.HostBridge)
            return 2;
        return vf.Root.Port == near.Root.Port ? 0 : 1;
    }
}
