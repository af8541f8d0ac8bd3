using Vfleet.Host.Create;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Tests.Create;

/// <summary>What <c>--force</c> covers: what the plan showed, no more, and all of it is written down first.</summary>
public sealed class UnitCreateForceTests
{
    private readonly List<string> _written = [];

    [Fact]
    public async Task WhatIsOverriddenIsWrittenDownBeforeTheFirstChange()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        _ = (await machine.AttachAsync()).Value;
        string[] before = await machine.DescribeAsync();
        CreatePlan plan = await PlanAsync(machine);
        Fault full = new(FaultKind.Kernel, "the disk is full");
        Assert.Same(full, (await machine.Host.Creator.ApplyAsync(plan, force: true, writeDown: _ => Task.FromResult<Outcome<Unit>>(full))).Fault);
        Assert.Equal(before, await machine.DescribeAsync());
        Assert.Empty((await ApplyAsync(machine, plan)).Value);
        Assert.Contains(HostMachine.Namespace, Assert.Single(_written), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AVfThatCameIntoUseSinceThePlanIsNotCoveredByItsForce()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        await machine.AddAddressAsync("enp1s0f0v0", "192.0.2.7/24");
        CreatePlan plan = await PlanAsync(machine);
        _ = (await machine.AttachAsync(1)).Value;
        Fault fault = Refusal.Is(FaultKind.Refused, await ApplyAsync(machine, plan), "0000:01:10.2", HostMachine.Namespace, "--force");
        Assert.DoesNotContain("192.0.2.7", fault.ToString(), StringComparison.Ordinal);
        Assert.Empty(_written);
        Assert.Equal(2, (await machine.ReadPfAsync()).NumVfs);
        Assert.Empty((await ApplyAsync(machine, await PlanAsync(machine))).Value);
        Assert.Equal(2, _written.Count);
    }

    [Fact]
    public async Task ADefaultRouteThatCameSinceThePlanIsNotCoveredByItsForce()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        CreatePlan plan = await PlanAsync(machine);
        machine.Simulated.Machine.AddDefaultRoute("enp1s0f0");
        Refusal.Is(FaultKind.Refused, await ApplyAsync(machine, plan), "default route");
    }

    [Fact]
    public async Task TrafficThatCameSinceThePlanIsCoveredAndWrittenDown()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 2);
        await machine.ChangeLinkAsync("enp1s0f0v0", new LinkChange { Up = true });
        CreatePlan plan = await PlanAsync(machine);
        Assert.Empty(plan.InUse);
        using CancellationTokenSource enough = new();
        Task traffic = UnitCreateRefusalTests.SendUntilAsync(machine, (await machine.ReadVfAsync()).Link!.Index, enough.Token);
        Assert.Empty((await ApplyAsync(machine, plan)).Value);
        await enough.CancelAsync();
        await traffic;
        Assert.Equal("0000:01:10.0: its interface enp1s0f0v0 is up with traffic", Assert.Single(_written));
    }

    private static async Task<CreatePlan> PlanAsync(HostMachine machine) =>
        (await machine.Host.Creator.PlanAsync(machine.Pf, 0, null, force: true)).Value;

    private Task<Outcome<IReadOnlyList<VirtualFunction>>> ApplyAsync(HostMachine machine, CreatePlan plan) =>
        machine.Host.Creator.ApplyAsync(plan, force: true, writeDown: overridden =>
        {
            Assert.Equal("2", machine.Simulated.Files.ReadText($"{machine.PfPath}/sriov_numvfs").Value);
            _written.AddRange(overridden);
            return Task.FromResult<Outcome<Unit>>(Unit.Done);
        });
}
