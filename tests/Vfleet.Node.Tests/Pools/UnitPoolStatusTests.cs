using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Tests.Pools;

public sealed class UnitPoolStatusTests
{
    private static readonly PoolCatalog Catalog = PoolCatalog.Create(
        [Machines.Pool("fast", new VfSelector { PfNames = [new PfPart("eth0", [])] }), Machines.Pool("empty")],
        Machines.Of(Machines.Pf("eth0", 1, 12), Machines.Pf("eth1", 2, 2))).Value;

    [Fact]
    public void EachVfIsCountedUnderWhatBecameOfIt()
    {
        PoolStatus fast = Read(
            Vf(0, VfState.Reserved), Vf(1, VfState.Attaching), Vf(2, VfState.Attached), Vf(3, VfState.Releasing), Vf(4, VfState.Scrubbing),
            Vf(5, VfState.Quarantined), Vf(6, VfState.Lost), Vf(7, VfState.Free) with { Stranger = "eth0v7: carries an address" },
            Vf(8, VfState.Free) with { Unhealthy = "no carrier" }, Vf(9, VfState.Free) with { IsWarm = true })[0];
        PoolStatus expected = new("fast")
        {
            Total = 12,
            Free = 3,
            Reserved = 2,
            Attached = 1,
            Releasing = 2,
            Quarantined = 1,
            Lost = 1,
            Strangers = 1,
            Unhealthy = 1,
            Prewarmed = 1,
        };
        Assert.Equal(expected, fast);
    }

    [Fact]
    public void TheLedgersWordGoesBeforeWhatOthersFoundOut()
    {
        PoolStatus fast = Read(Vf(0, VfState.Attached) with { Stranger = "up", Unhealthy = "no carrier", IsWarm = true })[0];
        Assert.Equal((11, 1, 0, 0, 0), (fast.Free, fast.Attached, fast.Strangers, fast.Unhealthy, fast.Prewarmed));
    }

    [Fact]
    public void AVfThatIsGoneIsMissedInTheLedgersPoolUnlessItWasFree()
    {
        IReadOnlyList<PoolStatus> pools = Read(
            new VfStanding("0000:09:10.0", VfState.Attached) { Pool = "fast" },
            new VfStanding("0000:09:10.2", VfState.Free) { Pool = "fast" },
            new VfStanding("0000:09:10.4", VfState.Lost) { Pool = "old" });
        Assert.Equal(["fast 13 1", "empty 0 0", "eth1 2 0", "old 1 1"], pools.Select(pool => $"{pool.Pool} {pool.Total} {pool.Lost}"));
    }

    private static VfStanding Vf(int index, VfState state) => new(Catalog.VfsOf("fast").ElementAt(index).Label, state);

    private static IReadOnlyList<PoolStatus> Read(params VfStanding[] standings) =>
        PoolStatus.Of(Catalog, standings.ToDictionary(standing => standing.Vf));
}
