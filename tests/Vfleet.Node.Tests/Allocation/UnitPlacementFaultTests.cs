using Vfleet.Linux;
using Vfleet.Node.Allocation;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;
using static Vfleet.Node.Tests.Allocation.PlainMachines;

namespace Vfleet.Node.Tests.Allocation;

public sealed class UnitPlacementFaultTests
{
    private static readonly AllocationRequest Two = new() { Pool = "fast", Count = 2, Owner = new Owner { Name = "web" } };

    [Fact]
    public void AnExhaustedPoolSaysWhatHoldsItsVfs()
    {
        Candidate[] vfs = Vfs("eth0", 8);
        VfState[] states = [VfState.Attached, VfState.Attached, VfState.Attaching, VfState.Free, VfState.Quarantined, VfState.Scrubbing];
        for (int index = 0; index < states.Length; index++)
            vfs[index] = vfs[index] with { Standing = Standing(vfs[index], states[index]) };
        vfs[3] = vfs[3] with { Standing = vfs[3].Standing! with { Stranger = "eth0v3: carries an address" } };
        vfs[6] = vfs[6] with { Standing = Standing(vfs[6]) with { Unhealthy = "no carrier" } };
        Expect(
            Two, Machine(vfs),
            "pool fast has 1 VF free, 2 wanted",
            "of its 8 VFs: 1 reserved, 2 attached, 1 being released, 1 quarantined, 1 used by a stranger (eth0v3: carries an address), "
            + "1 unhealthy (eth0/6: no carrier)",
            "release an allocation, try again when cleaning is done, find out what is wrong with what is quarantined and release it by "
            + "hand, end the stranger's use, repair what is unhealthy, or create more VFs");
    }

    [Fact]
    public void ManyStrangersAreNotAllNamed()
    {
        Candidate[] vfs =
        [
            .. Vfs("eth0", 6)
                .Select(vf => vf with { Standing = Standing(vf) with { Stranger = $"eth0v{vf.Index}: up" } }),
        ];
        Assert.Equal(
            "of its 6 VFs: 6 used by strangers (eth0v0: up; eth0v1: up; eth0v2: up; and 3 more)",
            Choose(Two, Machine(vfs)).Cause);
    }

    [Fact]
    public void APoolThatIsTooSmallOrEmptySaysSo()
    {
        PlacementInput machine = Machine(Vfs("eth0", 1));
        Expect(Two, machine, "pool fast has 1 VF free, 2 wanted", "it has 1 VF in all", "create more VFs, or ask for fewer");
        Expect(
            Two with { Pool = "slow" }, machine,
            "pool slow has 0 VFs free, 2 wanted", "no VF of this machine is in it", "create VFs, or look at what its selectors mean");
    }

    [Fact]
    public void AVfThatIsHeldSaysByWhom()
    {
        Candidate vf = Vfs("eth0", 1)[0];
        AllocationRequest named = Two with { Count = 1, Vf = "eth0/0" };
        Expect(
            named, Machine([vf with { Standing = Standing(vf) with { Stranger = "eth0v0: up" } }]),
            "VF eth0/0 is not free", "it is used by a stranger (eth0v0: up)", "end the stranger's use, or ask for another VF");
        Expect(
            named, Machine([vf with { Standing = Standing(vf, VfState.Attached) }]),
            "VF eth0/0 is not free", "it is attached", "release an allocation, or ask for another VF");
    }

    [Fact]
    public void AVfThatIsNotThereOrElsewhereIsNotFound()
    {
        PlacementInput machine = Machine(Vfs("eth0", 1));
        Fault gone = Choose(Two with { Count = 1, Vf = "eth0/7" }, machine);
        Fault elsewhere = Choose(Two with { Count = 1, Vf = "eth0/0", Pool = "slow" }, machine);
        Assert.Equal((FaultKind.NotFound, "no VF eth0/7"), (gone.Kind, gone.Error));
        Assert.Equal(
            (FaultKind.NotFound, "VF eth0/0 is not in pool slow", "ask for it in pool fast"),
            (elsewhere.Kind, elsewhere.Error, elsewhere.Remedy));
    }

    [Fact]
    public void ANodeWithoutVfsSaysWhereTheyAre()
    {
        Candidate[] vfs = [.. Vfs("eth0", 4).Select(vf => vf with { NumaNode = vf.Index switch { 0 => 1, 3 => null, _ => 0 } })];
        PlacementInput machine = Machine(vfs);
        Expect(
            Two with { NumaNode = 1, Numa = NumaPolicy.Required }, machine,
            "pool fast has 1 VF free for NUMA node 1, 2 wanted",
            "NUMA policy required; free VFs: 2 on node 0, 1 on node 1, 1 on an unknown node",
            "ask for another node, or with NUMA policy preferred");
        Assert.Equal(
            "VF eth0/1 is not on the socket of NUMA node 1",
            Choose(Two with { Count = 1, Vf = "eth0/1", NumaNode = 1, Numa = NumaPolicy.Socket }, machine).Error);
    }

    [Fact]
    public void TooFewPfsForVfsOnDifferentOnesAreNamed() => Expect(
        Two with { Count = 3, DifferentPfs = true },
        Machine(Vfs("eth0", 4), Vfs("eth1", 4)),
        "pool fast has free VFs on 2 PFs, 3 wanted each on another",
        "they are on eth0, eth1",
        "ask for fewer VFs, release some on another PF, or create some there");

    [Fact]
    public void ARateBeyondCapacitySaysWhatIsLeftOfEachPf() => Expect(
        Two with { GuaranteedMbps = 500 },
        Machine(Vfs("eth0", 2), Vfs("eth1", 2), Vfs("eth2", 2)) with
        {
            Pfs = [Up("eth0") with { GuaranteedMbps = 600 }, new PfLoad("eth1") { IsUp = false }, Up("eth2")],
        },
        "500 Mbit/s for each of 2 VFs of pool fast are not left to guarantee",
        "eth0: 200 of 800 Mbit/s left, eth1: it is down, eth2: 800 of 800 Mbit/s left",
        "ask for a lower rate or fewer VFs, or release some",
        new PoolRules { GuaranteeablePercent = 80 });

    [Fact]
    public void ARateIsNotGuaranteedOnALinkOfUnknownSpeed() => Expect(
        Two with { GuaranteedMbps = 1 },
        Machine(Vfs("eth0", 2), Vfs("eth1", 2)) with
        {
            Pfs = [new PfLoad("eth0") { IsUp = true }, new PfLoad("eth1") { IsUp = false }],
        },
        "1 Mbit/s cannot be guaranteed on pool fast: no PF has a link whose speed is known",
        "eth0: its speed is not known, as without a carrier, eth1: it is down",
        "bring the link up (ip link set PF up, cable), or ask for no guaranteed rate");

    private static void Expect(
        AllocationRequest request, PlacementInput machine, string error, string cause, string remedy, PoolRules? rules = null)
    {
        Fault fault = Choose(request, machine, rules);
        Assert.Equal((FaultKind.Refused, error), (fault.Kind, fault.Error));
        Assert.Equal(cause, fault.Cause);
        Assert.Equal(remedy, fault.Remedy);
    }

    private static Fault Choose(AllocationRequest request, PlacementInput machine, PoolRules? rules = null) =>
        Placement.Choose(request, rules ?? new PoolRules(), machine).Fault!;
}
