using Vfleet.Node.Allocation;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;
using Vfleet.Simulation.Nodes;

namespace Vfleet.Node.Tests.Allocation;

/// <summary>A machine and a request, the same for a seed.</summary>
internal sealed record PlacementCase(AllocationRequest Request, PoolRules Rules, PlacementInput Input)
{
    private static readonly PcieRoot[] Roots =
        [new("pci0000:00", "0000:00:01.0"), new("pci0000:00", "0000:00:02.0"), new("pci0000:80", "0000:80:01.0")];

    /// <summary>What a test gets and what went in, for a failure that can be repeated.</summary>
    public override string ToString() =>
        $"{Request}, {Rules.Allocation} {Rules.GuaranteedMbps} {Rules.GuaranteeablePercent} %, near {Input.Near}:\n"
        + string.Join('\n', Input.Pfs) + "\n" + string.Join('\n', Input.Candidates);

    /// <param name="random">The source.</param>
    /// <param name="pfs">PFs at most.</param>
    /// <param name="vfs">VFs of a PF at most.</param>
    /// <param name="count">VFs wanted at most.</param>
    public static PlacementCase Random(SeededNumbers random, int pfs, int vfs, int count)
    {
        bool isPlain = random.Below(3) == 0;
        PfLoad[] loads = [.. Enumerable.Range(0, 1 + random.Below(pfs)).Select(number => SomePf(random, number, isPlain))];
        List<Candidate> candidates = [];
        foreach (PfLoad load in loads)
        {
            int? node = random.Below(4) is < 3 and var number ? number : null;
            PcieRoot? root = random.Below(5) == 0 ? null : Roots[random.Below(Roots.Length)];
            int some = random.Below(vfs + 1);
            for (int index = 0; index < some; index++)
                candidates.Add(SomeVf(random, load.Pf, index, isPlain) with { NumaNode = node, Socket = SocketOf(node), Root = root });
        }
        PlacementInput input = new()
        {
            Candidates = candidates,
            Pfs = loads,
            Sockets = new Dictionary<int, int> { [0] = 0, [1] = 0, [2] = 1 },
            Near = random.Below(3) == 0 ? SomePlace(random) : null,
        };
        PoolRules rules = new()
        {
            Allocation = (AllocationPolicy)random.Below(2),
            GuaranteedMbps = random.Below(2) == 0 ? 0 : (uint)random.Below(300),
            GuaranteeablePercent = random.Below(2) == 0 ? 100 : 1 + random.Below(100),
        };
        return new PlacementCase(SomeRequest(random, candidates, count), rules, input);
    }

    /// <summary>The same in another order.</summary>
    public PlacementCase Shuffled(SeededNumbers random) => this with
    {
        Input = Input with
        {
            Candidates = [.. Input.Candidates.OrderBy(_ => random.Next())],
            Pfs = [.. Input.Pfs.OrderBy(_ => random.Next())],
        },
    };

    private static NearPlace SomePlace(SeededNumbers random) =>
        new(random.Below(4) == 0 ? null : Roots[random.Below(Roots.Length)], random.Below(3) is < 2 and var node ? node : null);

    private static int? SocketOf(int? node) => node is { } known ? known / 2 : null;

    private static PfLoad SomePf(SeededNumbers random, int number, bool isPlain) => new($"eth{number}")
    {
        SpeedMbps = random.Below(6) == 0 ? null : 1000,
        GuaranteedMbps = random.Below(2) == 0 ? 0 : random.Below(1200),
        HandedOut = random.Below(5),
        IsUp = isPlain || random.Below(5) > 0 ? true : random.Below(2) == 0 ? false : null,
    };

    private static Candidate SomeVf(SeededNumbers random, string pf, int index, bool isPlain)
    {
        string name = $"{pf}/{index}";
        Candidate vf = new(name, pf, index, random.Below(6) == 0 ? "slow" : "fast");
        if (random.Below(4) == 0)
            return vf;
        return vf with
        {
            Standing = new VfStanding(name, random.Below(4) == 0 ? (VfState)random.Below(8) : VfState.Free)
            {
                IsWarm = random.Below(3) == 0,
                Stranger = random.Below(10) == 0 ? $"{name}: carries an address" : null,
                Unhealthy = random.Below(10) == 0 ? "no carrier" : null,
                IsDegraded = !isPlain && random.Below(4) == 0,
            },
        };
    }

    private static AllocationRequest SomeRequest(SeededNumbers random, List<Candidate> candidates, int count)
    {
        bool isNamed = candidates.Count > 0 && random.Below(8) == 0;
        return new AllocationRequest
        {
            Owner = new Owner { Name = "web" },
            Pool = isNamed && random.Below(2) == 0 ? null : "fast",
            Vf = isNamed ? candidates[random.Below(candidates.Count)].Vf : null,
            Count = isNamed ? 1 : 1 + random.Below(count),
            Policy = random.Below(3) == 0 ? (AllocationPolicy)random.Below(2) : null,
            NumaNode = random.Below(2) == 0 ? null : random.Below(3),
            Numa = (NumaPolicy)random.Below(4),
            DifferentPfs = random.Below(4) == 0,
            GuaranteedMbps = random.Below(4) == 0 ? (uint)random.Below(500) : null,
        };
    }
}
