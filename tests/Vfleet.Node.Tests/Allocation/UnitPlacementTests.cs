using Vfleet.Linux;
using Vfleet.Node.Allocation;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;
using static Vfleet.Node.Tests.Allocation.PlainMachines;

namespace Vfleet.Node.Tests.Allocation;

public sealed class UnitPlacementTests
{
    private static readonly AllocationRequest One = new() { Pool = "fast", Owner = new Owner { Name = "web" } };

    [Fact]
    public void PackLeavesTheLargestBlockWhole()
    {
        PlacementInput machine = Machine(Vfs("eth0", 5), Vfs("eth1", 3), Vfs("eth2", 2));
        Assert.Equal(["eth2/0"], Choose(One, machine));
        Assert.Equal(["eth1/0", "eth1/1", "eth1/2"], Choose(One with { Count = 3 }, machine));
        Assert.Equal(["eth0/0", "eth0/1", "eth0/2", "eth0/3", "eth0/4", "eth2/0"], Choose(One with { Count = 6 }, machine));
    }

    [Fact]
    public void SpreadEvensOutWhatPfsHaveHandedOut()
    {
        PlacementInput machine = Machine(Vfs("eth0", 5), Vfs("eth1", 5), Vfs("eth2", 1)) with
        {
            Pfs = [Up("eth0") with { HandedOut = 2 }, Up("eth1"), Up("eth2")],
        };
        Assert.Equal(["eth1/0"], Choose(One with { Policy = AllocationPolicy.Spread }, machine));
        Assert.Equal(
            ["eth0/0", "eth1/0", "eth1/1", "eth1/2", "eth2/0"], Choose(One with { Count = 5, Policy = AllocationPolicy.Spread }, machine));
    }

    [Fact]
    public void ThePoolsPolicyHoldsWhereTheRequestNamesNone()
    {
        PlacementInput machine = Machine(Vfs("eth0", 2), Vfs("eth1", 2));
        Assert.Equal(["eth0/0", "eth1/0"], Choose(One with { Count = 2 }, machine, new PoolRules { Allocation = AllocationPolicy.Spread }));
        Assert.Equal(["eth0/0", "eth0/1"], Choose(One with { Count = 2 }, machine));
    }

    [Fact]
    public void WarmVfsGoFirstAmongEquals()
    {
        Candidate[] second = Vfs("eth1", 2);
        second[1] = second[1] with { Standing = Standing(second[1]) with { IsWarm = true } };
        Assert.Equal(["eth1/1"], Choose(One, Machine(Vfs("eth0", 2), second)));
        Assert.Equal(["eth0/0"], Choose(One, Machine(Vfs("eth0", 1), second)));
    }

    [Fact]
    public void ADegradedVfIsTakenOnlyWhereNoOtherIs()
    {
        Candidate[] first = [.. Vfs("eth0", 2).Select(vf => vf with { NumaNode = 0, Standing = Standing(vf) with { IsDegraded = true } })];
        Candidate[] second = [.. Vfs("eth1", 1).Select(vf => vf with { NumaNode = 1 })];
        Assert.Equal(["eth1/0"], Choose(One with { NumaNode = 0 }, Machine(first, second)));
        Assert.Equal(["eth0/0", "eth1/0"], Choose(One with { Count = 2, NumaNode = 0 }, Machine(first, second)));
    }

    [Fact]
    public void APfThatIsDownGivesLast()
    {
        PlacementInput machine = Machine(Vfs("eth0", 1), Vfs("eth1", 2)) with { Pfs = [Up("eth0") with { IsUp = false }, Up("eth1")] };
        Assert.Equal(["eth1/0"], Choose(One, machine));
    }

    [Theory]
    [InlineData(NumaPolicy.Required, "eth1/0")]
    [InlineData(NumaPolicy.Preferred, "eth1/0 eth2/0 eth0/0 eth3/0")]
    [InlineData(NumaPolicy.Socket, "eth1/0 eth2/0")]
    [InlineData(NumaPolicy.Legacy, "eth1/0 eth0/0")]
    public void NumaPoliciesAllowAndOrderAsOpenStackHasThem(NumaPolicy policy, string order)
    {
        // No node, the wanted one, its sibling on the socket, another socket's.
        int?[] nodes = [null, 1, 0, 2];
        Candidate[] vfs = [.. nodes.Select((node, pf) => Vfs($"eth{pf}", 1)[0] with { NumaNode = node, Socket = node / 2 })];
        PlacementInput machine = Machine(vfs) with { Sockets = new Dictionary<int, int> { [0] = 0, [1] = 0, [2] = 1 } };
        string[] expected = order.Split(' ');
        AllocationRequest request = One with { NumaNode = 1, Numa = policy };
        for (int count = 1; count <= expected.Length; count++)
            Assert.Equal(expected[..count].Order(), Choose(request with { Count = count }, machine));
        Assert.Equal(FaultKind.Refused, Fails(request with { Count = expected.Length + 1 }, machine).Kind);
    }

    [Fact]
    public void NearADeviceIsBelowItsRootPortThenItsHostBridgeThenOnItsNode()
    {
        PcieRoot gpu = new("pci0000:00", "0000:00:01.0");
        Candidate[] vfs =
        [
            Vfs("eth0", 1)[0] with { Root = new("pci0000:80", "0000:80:01.0"), NumaNode = 1 },
            Vfs("eth1", 1)[0] with { Root = new("pci0000:40", "0000:40:01.0"), NumaNode = 0 },
            Vfs("eth2", 1)[0] with { Root = new("pci0000:00", "0000:00:02.0"), NumaNode = 0 },
            Vfs("eth3", 1)[0] with { Root = gpu, NumaNode = 0 },
        ];
        PlacementInput machine = Machine(vfs) with { Near = new NearPlace(gpu, 0) };
        string[] order = ["eth3/0", "eth2/0", "eth1/0", "eth0/0"];
        for (int count = 1; count <= order.Length; count++)
            Assert.Equal(order[..count].Order(), Choose(One with { Count = count }, machine));
    }

    [Fact]
    public void EachVfIsOnAnotherPfWhereThatIsAsked()
    {
        PlacementInput machine = Machine(Vfs("eth0", 5), Vfs("eth1", 3), Vfs("eth2", 4));
        Assert.Equal(["eth1/0", "eth2/0"], Choose(One with { Count = 2, DifferentPfs = true }, machine));
    }

    [Theory]
    [InlineData("eth1/1")]
    [InlineData("0000:02:10.2")]
    [InlineData("02:10.2")]
    public void AVfIsChosenByAnyOfItsNames(string name)
    {
        Candidate vf = new("0000:02:10.2", "eth1", 1, "slow");
        Assert.Equal(["0000:02:10.2"], Choose(One with { Pool = null, Vf = name }, Machine(Vfs("eth0", 2), [vf])));
    }

    [Fact]
    public void GuaranteesFillAPfUpToItsShareAndNotAnyFurther()
    {
        PfLoad[] loads = [Up("eth0") with { GuaranteedMbps = 401 }, Up("eth1")];
        PlacementInput machine = Machine(Vfs("eth0", 3), Vfs("eth1", 4)) with { Pfs = loads };
        PoolRules rules = new() { GuaranteedMbps = 200, GuaranteeablePercent = 80 };
        Assert.Equal(["eth0/0"], Choose(One, machine, rules));
        Assert.Equal(["eth1/0", "eth1/1"], Choose(One with { Count = 2 }, machine, rules));
        Assert.Equal(["eth0/0", "eth1/0", "eth1/1", "eth1/2", "eth1/3"], Choose(One with { Count = 5 }, machine, rules));
        Assert.Equal(FaultKind.Refused, Fails(One with { Count = 6 }, machine, rules).Kind);
        Assert.Equal(["eth0/0", "eth0/1", "eth0/2"], Choose(One with { Count = 3, GuaranteedMbps = 0 }, machine, rules));
    }

    [Fact]
    public void WhatCannotBeMeantIsUsage()
    {
        PlacementInput machine = Machine(Vfs("eth0", 2));
        AllocationRequest[] wrong = [One with { Count = 0 }, One with { Count = 2, Vf = "eth0/0" }, One with { Pool = null }];
        Assert.All(wrong, request => Assert.Equal(FaultKind.Usage, Fails(request, machine).Kind));
    }

    private static IEnumerable<string> Choose(AllocationRequest request, PlacementInput machine, PoolRules? rules = null) =>
        Placement.Choose(request, rules ?? new PoolRules(), machine).Value.Select(vf => vf.Vf);

    private static Fault Fails(AllocationRequest request, PlacementInput machine, PoolRules? rules = null) =>
        Placement.Choose(request, rules ?? new PoolRules(), machine).Fault!;
}
