using Vfleet.Node.Allocation;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Tests.Allocation;

/// <summary>Machines of gigabit PFs with free VFs in pool <c>fast</c>.</summary>
internal static class PlainMachines
{
    public static PlacementInput Machine(params Candidate[][] vfs)
    {
        Candidate[] all = [.. vfs.SelectMany(each => each)];
        return new PlacementInput { Candidates = all, Pfs = [.. all.Select(vf => vf.Pf).Distinct().Select(Up)] };
    }

    public static Candidate[] Vfs(string pf, int count) =>
        [.. Enumerable.Range(0, count).Select(index => new Candidate($"{pf}/{index}", pf, index, "fast"))];

    public static PfLoad Up(string pf) => new(pf) { SpeedMbps = 1000, IsUp = true };

    public static VfStanding Standing(Candidate vf, VfState state = VfState.Free) => new(vf.Vf, state);
}
