using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Node.Ledger;
using Vfleet.Node.Plans;

namespace Vfleet.Node.Tests.Plans;

public sealed class UnitNodePlanTests
{
    [Fact]
    public async Task APfWithoutVfsGetsThemWithTheirDriversInOneStep()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync();
        PfPlan pf = Assert.Single((await machine.PlanAsync(
            machine.Policy("dpdk", 4, "deviceType: vfio-pci", "#0-1"), machine.Policy("net", 4, range: "#2-3"))).Pfs);
        PlanStep step = Assert.Single(pf.Steps);
        Assert.Equal("0 → 4 VFs, 0-1 on vfio-pci, 2-3 on igbvf", step.Text);
        Assert.False(pf.IsDestructive);
        Assert.Empty(pf.Refusals);
        Assert.Equal(TimeSpan.FromSeconds(4 * (0.2 + 0.1)), pf.Duration);
    }

    [Fact]
    public async Task EnoughVfsAreLeftAndMoreThanEnoughToo()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync(vfs: 4);
        Assert.True((await machine.PlanAsync(machine.Policy("net", 4))).IsEmpty);
        NodePlan fewer = await machine.PlanAsync(machine.Policy("net", 2));
        Assert.True(fewer.IsEmpty);
        Assert.Contains("has 4 VFs and 2 are wanted", Assert.Single(fewer.Pfs[0].Notes), StringComparison.Ordinal);
        NodePlan none = await machine.PlanAsync(machine.Policy("net", 0));
        Assert.Equal("4 → 0 VFs", Assert.Single(none.Pfs[0].Steps).Text);
        Assert.Equal(4, none.Destroys.Count());
    }

    [Fact]
    public async Task GrowingAPfInUseIsRefusedWithTheChoices()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync(vfs: 2);
        LedgerAllocation held = (await machine.Node.AllocateAsync(machine.Machine.Request("blue") with { Tenant = "acme" })).Value;
        PfPlan pf = Assert.Single((await machine.PlanAsync(machine.Policy("net", 4))).Pfs);
        Assert.Equal(2, pf.Destroys.Count());
        VfHit hit = Assert.Single(pf.Destroys, each => each.IsHeld);
        Assert.Equal((held.Id, "blue", "acme", held.Vfs[0].Vf), (hit.Allocation, hit.Owner, hit.Tenant, hit.Vf));
        Fault refused = pf.Refusal(force: false)!;
        Assert.Equal(FaultKind.Refused, refused.Kind);
        Assert.Contains("growing from 2 to 4 VFs would destroy 1 in use", refused.Error, StringComparison.Ordinal);
        Assert.All(["wait", $"vfleet release {held.Id}", "vfleet.dev/provision: max"],
            choice => Assert.Contains(choice, refused.Remedy, StringComparison.Ordinal));
        Assert.Null(pf.Refusal(force: true));
    }

    [Fact]
    public async Task AFreeVfWithAnotherDriverIsReboundAndAHeldOneRefused()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync(vfs: 2);
        string policy = machine.Policy("dpdk", 2, "deviceType: vfio-pci");
        PlanStep step = Assert.Single((await machine.PlanAsync(policy)).Pfs[0].Steps);
        Assert.Equal(("bind VFs 0-1 to vfio-pci", false), (step.Text, step.IsDestructive));
        _ = (await machine.Node.AllocateAsync(machine.Machine.Request())).Value;
        PfPlan held = (await machine.PlanAsync(policy)).Pfs[0];
        Assert.Single(held.Steps[0].Rebinds, hit => hit.IsHeld);
        Assert.Contains("take it from", held.Refusal(force: true)!.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AStrangersVfStandsAgainstItAsAnOwnersDoes()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync(vfs: 2);
        await MoveAsync(machine, machine.Machine.Vf(1), "green");
        PfPlan pf = (await machine.PlanAsync(machine.Policy("net", 4))).Pfs[0];
        Assert.Contains("green", Assert.Single(pf.Destroys, hit => hit.IsHeld).Stranger, StringComparison.Ordinal);
        Assert.Contains("stranger", pf.Refusal(force: false)!.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APfWithADefaultRouteIsRefusedUnlessForced()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync();
        machine.Machine.Kernel.Machine.AddDefaultRoute(machine.Machine.Pf);
        PfPlan pf = (await machine.PlanAsync(machine.Policy("net", 2))).Pfs[0];
        Assert.Contains("default route", pf.Refusal(force: false)!.Error, StringComparison.Ordinal);
        Assert.Null(pf.Refusal(force: true));
    }

    [Fact]
    public async Task AnExternallyManagedPfIsLeftAlone()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync(vfs: 1);
        NodePlan plan = await machine.PlanAsync(machine.Policy("net", 3, "externallyManaged: true\n  mtu: 9000\n  deviceType: vfio-pci"));
        Assert.True(plan.IsEmpty);
        Assert.Contains("somebody else", Assert.Single(plan.Pfs[0].Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AModeGoesThroughNoVfsAndWhereThereIsNoneItIsRefused()
    {
        using PolicyMachine mlx5 = await PolicyMachine.CreateAsync("mlx5", vfs: 2);
        PfPlan pf = (await mlx5.PlanAsync(mlx5.Policy("net", 2, "eSwitchMode: switchdev\n  mtu: 9000"))).Pfs[0];
        Assert.Equal(
            ["MTU 1500 → 9000", "2 → 0 VFs", "eswitch mode legacy → switchdev", "0 → 2 VFs, 0-1 on mlx5_core", "MTU 9000 on VFs 0-1"],
            pf.Steps.Select(step => step.Text));
        Assert.True(pf.IsDestructive);
        using PolicyMachine igb = await PolicyMachine.CreateAsync();
        Assert.Equal(FaultKind.Kernel, (await igb.PlanAsync(igb.Policy("net", 2, "eSwitchMode: switchdev"))).Refusal(force: true)?.Kind);
        Assert.Null((await igb.PlanAsync(igb.Policy("net", 2, "eSwitchMode: legacy"))).Refusal(force: false));
    }

    [Fact]
    public async Task ALinkTypeOfTheFirmwareIsNotWritten()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync("mlx5");
        Fault refused = (await machine.PlanAsync(machine.Policy("net", 2, "linkType: ib"))).Refusal(force: true)!;
        Assert.Contains("firmware", refused.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatAnOwnerHasKeepsItsMtuUntilItComesBack()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync(vfs: 2);
        LedgerAllocation held = (await machine.Node.AllocateAsync(machine.Machine.Request())).Value;
        PfPlan pf = (await machine.PlanAsync(machine.Policy("net", 2, "mtu: 2000"))).Pfs[0];
        Assert.Equal(["MTU 1500 → 2000", "MTU 2000 on VF 1"], pf.Steps.Select(step => step.Text));
        Assert.Equal(new Dictionary<string, int> { [held.Vfs[0].Vf] = 2000 }, pf.LaterMtus);
    }

    private static async Task MoveAsync(PolicyMachine machine, string vf, string space)
    {
        string name = (await machine.Machine.ReadAsync(vf)).Link!.Name;
        using NetworkNamespace there = machine.Machine.Kernel.OpenNamespace($"/run/netns/{space}").Value;
        using RouteClient route = RouteClient.Open(machine.Machine.Kernel).Value;
        LinkInfo link = (await route.GetLinkAsync(name)).Value;
        _ = (await route.ChangeLinkAsync(link.Index, name, new LinkChange { Namespace = there })).Value;
    }
}
