using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Node.Pools;
using Vfleet.Simulation.Nodes;

namespace Vfleet.Node.Tests.Pools;

public sealed class UnitPoolCatalogTests
{
    private static readonly PhysicalFunction First = Machines.Pf("eth0", 1, 2), Second = Machines.Pf("eth1", 2, 2);

    [Fact]
    public void TheFirstDefinitionWithAMatchingSelectorHasTheVf()
    {
        PoolCatalog catalog = Create(
            Machines.Of(First, Second),
            Machines.Pool("one", Named("eth9"), new VfSelector { PciAddresses = ["0000:01:10.2"] }),
            Machines.Pool("all", new VfSelector { Vendors = ["8086"] }),
            Machines.Pool("late", Named("eth1")));
        Assert.Equal(["0000:01:10.0=all", "0000:01:10.2=one", "0000:02:10.0=all", "0000:02:10.2=all"], Machines.Describe(catalog));
        Assert.Equal(["one", "all", "late"], catalog.Pools.Select(pool => pool.Name));
        Assert.Empty(catalog.VfsOf("late"));
    }

    [Fact]
    public void ADefinitionWithoutSelectorsHasNoVf() =>
        Assert.Empty(Create(Machines.Of(First), Machines.Pool("none")).VfsOf("none"));

    [Fact]
    public void AVfThatNoDefinitionMeansIsInThePoolOfItsPf()
    {
        PhysicalFunction nameless = Machines.Pf(null, 3, 1), other = Machines.Netdevsim("netdevsim1", "eth2", 1);
        PoolCatalog catalog = Create(Machines.Of(First, nameless, other, Second), Machines.Pool("fast", Named("eth1")));
        Assert.Equal(
            [
                "0000:01:10.0=eth0", "0000:01:10.2=eth0", "0000:03:10.0=0000:03:00.0", "eth2/0=eth2", "0000:02:10.0=fast",
                "0000:02:10.2=fast",
            ],
            Machines.Describe(catalog));
        Assert.Equal(["fast", "eth0", "0000:03:00.0", "eth2"], catalog.Pools.Select(pool => pool.Name));
        Assert.Equal("implicit", catalog.Find("eth2").Value.Origin);
    }

    [Fact]
    public void AnImplicitPoolTakesNoDefinedName()
    {
        PhysicalFunction other = Machines.Netdevsim("netdevsim1", "eth2", 1);
        PoolCatalog catalog = Create(Machines.Of(First, other), Machines.Pool("eth0"), Machines.Pool("eth2"), Machines.Pool("netdevsim1"));
        Assert.Equal(["0000:01:10.0=0000:01:00.0", "0000:01:10.2=0000:01:00.0", "eth2/0=netdevsim1-implicit1"], Machines.Describe(catalog));
        Assert.Equal(catalog.Pools.Count, catalog.Pools.Select(pool => pool.Name).Distinct().Count());
    }

    [Fact]
    public void ARenamedPfKeepsItsVfsWhereTheOldNameIsAnAlternativeOne()
    {
        PoolDefinition[] pools = [Machines.Pool("fast", Named("eth0"))];
        PoolCatalog before = Create(Machines.Of(First), pools);
        PoolCatalog after = Create(Machines.Of(First with { Name = "wan0", AltNames = ["eth0"] }), pools);
        Assert.Equal(Machines.Describe(before), Machines.Describe(after));
        Assert.Empty(after.MovesSince(before));
        Assert.Empty(after.UnknownPfs);
    }

    [Fact]
    public void ARenamedPfMovesNoVfSilently()
    {
        PoolDefinition[] pools = [Machines.Pool("fast", Named("eth0"))];
        PoolCatalog before = Create(Machines.Of(First, Second), pools);
        PoolCatalog after = Create(Machines.Of(First with { Name = "wan0" }, Second), pools);
        Assert.Equal(
            ["0000:01:10.0: fast -> wan0", "0000:01:10.2: fast -> wan0"], after.MovesSince(before).Select(move => move.ToString()));
        Assert.Equal("policy fast: pool fast names the PF eth0, which is not on this machine", Assert.Single(after.UnknownPfs).ToString());
    }

    [Fact]
    public void TwoPfsThatSwapNamesMoveNoVfSilently()
    {
        PoolDefinition[] pools = [Machines.Pool("fast", Named("eth0"))];
        PoolCatalog before = Create(Machines.Of(First, Second), pools);
        PoolCatalog after = Create(Machines.Of(First with { Name = "eth1" }, Second with { Name = "eth0" }), pools);
        Assert.Equal(["0000:01:10.0", "0000:01:10.2", "0000:02:10.0", "0000:02:10.2"], after.MovesSince(before).Select(move => move.Vf));
        Assert.Empty(after.UnknownPfs);
    }

    [Fact]
    public void VfsThatCameAndWentHaveNotMoved()
    {
        PoolCatalog before = Create(Machines.Of(First, Second)), after = Create(Machines.Of(First with { NumVfs = 3 }));
        Assert.Empty(after.MovesSince(before));
    }

    [Fact]
    public void APoolIsFoundByItsNameAndAPfsPoolByAnyNameOfThePf()
    {
        PoolCatalog catalog = Create(
            Machines.Of(First with { AltNames = ["enp1s0f0"] }, Second), Machines.Pool("enp1s0f0"), Machines.Pool("fast", Named("eth1")));
        Assert.Equal("policy enp1s0f0", catalog.Find("enp1s0f0").Value.Origin);
        Assert.Equal(["eth0", "eth0"], ((string[])["eth0", "0000:01:00.0"]).Select(name => catalog.Find(name).Value.Name));
        Fault taken = catalog.Find("eth1").Fault!;
        Assert.Equal((FaultKind.NotFound, "no pool eth1: every VF of the PF is in a defined pool"), (taken.Kind, taken.Error));
        Assert.Equal("known: enp1s0f0, eth0, fast", catalog.Find("slow").Fault!.Remedy);
        Assert.Equal("create some: vfleet vf create eth0 N", Create(Machines.Of(First with { NumVfs = 0 })).Find("eth0").Fault!.Remedy);
    }

    [Fact]
    public void TwoDefinitionsOfOneNameAreRefused()
    {
        PoolDefinition again = Machines.Pool("a") with { Origin = "config.json resourceList[1]" };
        Fault fault = PoolCatalog.Create([Machines.Pool("a"), again], Machines.Of(First)).Fault!;
        Assert.Equal(
            (FaultKind.Usage, "pool a is defined twice: by policy a and by config.json resourceList[1]"), (fault.Kind, fault.Error));
    }

    [Fact]
    public void EveryVfOfAnyMachineIsInExactlyOnePool()
    {
        SeededNumbers random = new(7);
        for (int round = 0; round < 500; round++)
        {
            MachineInventory machine = Machines.Of([.. Enumerable.Range(1, 3).Select(bus => SomePf(random, bus))]);
            PoolDefinition[] definitions = [.. Enumerable.Range(0, random.Below(4)).Select(number => SomePool(random, number))];
            PoolCatalog catalog = Create(machine, definitions);
            Assert.Equal(machine.Vfs, catalog.Members.Select(member => member.Vf));
            Assert.Equal(machine.Vfs.Count, catalog.Pools.Sum(pool => catalog.VfsOf(pool.Name).Count()));
            foreach (VirtualFunction vf in machine.Vfs)
            {
                PoolDefinition pool = catalog.PoolOf(vf)!;
                int first = Array.FindIndex(definitions, each => each.Selectors.Any(selector => PoolSelection.Matches(selector, vf)));
                Assert.Equal(first < 0 ? "implicit" : definitions[first].Origin, pool.Origin);
                Assert.Contains(vf, catalog.VfsOf(pool.Name));
            }
        }
    }

    private static PhysicalFunction SomePf(SeededNumbers random, int bus) => Machines.Pf($"eth{bus}", (byte)bus, random.Below(5));

    private static PoolDefinition SomePool(SeededNumbers random, int number)
    {
        IndexRange range = new(random.Below(3), 2 + random.Below(3));
        return Machines.Pool($"eth{number}", new VfSelector { PfNames = [new PfPart($"eth{random.Below(4)}", [range])] });
    }

    private static VfSelector Named(string pf) => new() { PfNames = [new PfPart(pf, [])] };

    private static PoolCatalog Create(MachineInventory machine, params PoolDefinition[] definitions) =>
        PoolCatalog.Create(definitions, machine).Value;
}
