using Vfleet.Host.Inventory;
using Vfleet.Host.Scrub;
using Vfleet.Host.State;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Node.Ledger;
using Vfleet.Node.Plans;
using Vfleet.Simulation;
using Vfleet.Simulation.Faults;

namespace Vfleet.Node.Tests.Plans;

public sealed class UnitPlanRunnerTests
{
    [Fact]
    public async Task APolicyMakesVfsWithDriversMtusAndPools()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync();
        string[] policies =
            [machine.Policy("dpdk", 3, "deviceType: vfio-pci\n  mtu: 2000", "#0"), machine.Policy("net", 3, "mtu: 2000", "#1-2")];
        Assert.Equal([machine.Machine.Pf], (await machine.ApplyAsync(policies)).Value);
        Assert.Equal("mtu 2000 mode  autoprobe True: 0 vfio-pci , 1 igbvf 2000, 2 igbvf 2000", await machine.StateAsync());
        Assert.Equal(["dpdk", "net", "net"], machine.Rows().Select(row => row.Pool));
        foreach (LedgerVf row in machine.Rows())
            Assert.Empty(CleanState.Differences(await machine.Machine.ReadAsync(row.Vf), row.Clean!));
        Assert.Equal(["dpdk", "net"], machine.Policies.Applied().Value.Select(document => document.Name));
        Assert.True((await machine.PlanAsync(policies)).IsEmpty);
        Assert.Contains(machine.Node.Ledger.Read(view => view.History()).Value,
            row => row.Reason == "apply" && row.Detail!.Contains("0 → 3 VFs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task VfsThatAreReboundKeepTheirNumberAndAreCleanAnew()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync(vfs: 3);
        LedgerAllocation held = (await machine.Node.AllocateAsync(machine.Machine.Request())).Value;
        Assert.Equal((await machine.Machine.ReadAsync(machine.Machine.Vf(0))).Label, held.Vfs[0].Vf);
        _ = (await machine.ApplyAsync(machine.Policy("dpdk", 3, "deviceType: vfio-pci", "#1-2"))).Value;
        Assert.Equal("mtu 1500 mode  autoprobe True: 0 igbvf 1500, 1 vfio-pci , 2 vfio-pci ", await machine.StateAsync());
        Assert.Equal(["Reserved", "Free", "Free"], machine.Rows().Select(row => row.State.ToString()));
        Assert.Equal(["igbvf", "vfio-pci", "vfio-pci"], machine.Rows().Select(row => row.Clean!.Driver));
    }

    [Fact]
    public async Task GrowingRemovesTheRowsOfVfsThatAreGoneAndKeepsTheOthers()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync(vfs: 2);
        _ = (await machine.Node.Census.TakeAsync()).Value;
        _ = (await machine.ApplyAsync(machine.Policy("net", 4))).Value;
        Assert.Equal(4, machine.Rows().Count);
        Assert.All(machine.Rows(), row => Assert.Equal((VfState.Free, "net", true), (row.State, row.Pool, row.Clean!.HasSettings)));
        _ = (await machine.ApplyAsync(machine.Policy("net", 0))).Value;
        Assert.Empty(machine.Rows());
        Assert.Contains("autoprobe True: ", await machine.StateAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ForcedDestructionEndsTheAllocationAndSaysSo()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync(vfs: 2);
        LedgerAllocation held = (await machine.Node.AttachAsync(machine.Machine.Request(), NodeMachine.To("blue"))).Value.Allocation;
        Fault refused = (await machine.ApplyAsync(machine.Policy("net", 4))).Fault!;
        Assert.Equal(FaultKind.Refused, refused.Kind);
        Assert.Empty(machine.Policies.Applied().Value);
        _ = (await PolicyMachine.ApplyAsync(machine.Node, new PlanOptions { Force = true }, machine.Policy("net", 4))).Value;
        Assert.Equal("lost", machine.Node.Ledger.Read(view => view.Allocation(held.Id)).Value!.Reason);
        Assert.Empty(machine.Machine.Open());
        Assert.All(machine.Rows(), row => Assert.Equal((VfState.Free, null, null), (row.State, row.Record, row.Allocation)));
    }

    /// <summary>The module of the new driver is missing, which is found out before anything is destroyed.</summary>
    [Fact]
    public async Task AForcedApplyThatFailsEarlyLeavesOwnersAndStrangersWhatTheyHave()
    {
        SimulationOptions bare = new() { LinksUp = true, Modules = [] };
        using PolicyMachine machine = await PolicyMachine.CreateAsync(vfs: 3, options: bare);
        LedgerAllocation held = (await machine.Node.AttachAsync(machine.Machine.Request(), NodeMachine.To("blue"))).Value.Allocation;
        VirtualFunction strangers = await machine.Machine.ReadAsync(machine.Machine.Vf(1));
        Baseline clean = machine.Machine.Row(strangers.Label).Clean!;
        await SetVlanAsync(machine, strangers, 7);
        using (NetworkNamespace green = machine.Machine.Kernel.OpenNamespace("/run/netns/green").Value)
        using (RouteClient route = RouteClient.Open(machine.Machine.Kernel).Value)
            Assert.True((await route.ChangeLinkAsync(
                strangers.Link!.Index, strangers.Link.Name, new LinkChange { Namespace = green })).Succeeded);
        machine.Machine.Kernel.Machine.Faults.Arm(new FaultInjection(SimulatedFault.DriverMissing) { Target = "vfio-pci" });

        PlanOptions forced = new() { Force = true };
        Fault failed = (await PolicyMachine.ApplyAsync(machine.Node, forced, machine.Policy("dpdk", 4, "deviceType: vfio-pci"))).Fault!;

        Assert.Contains("is as it was", failed.Cause, StringComparison.Ordinal);
        LedgerVf row = machine.Machine.Row(strangers.Label);
        Assert.Contains("green", row.Stranger, StringComparison.Ordinal);
        Assert.Equal((VfState.Free, clean.Vlan, clean.Driver), (row.State, row.Clean!.Vlan, row.Clean.Driver));
        Assert.Equal(VfState.Attached, machine.Machine.Row(held.Vfs[0].Vf).State);
        Assert.Equal(held.Id, Assert.Single(machine.Machine.Open()).Id);
    }

    /// <summary>Somebody takes a free VF by hand while the apply has it.</summary>
    [Fact]
    public async Task AVfThatCameIntoUseDuringAFailedApplyIsAStrangersWithTheCleanStateOfBefore()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync(vfs: 2);
        _ = (await machine.Node.Census.TakeAsync()).Value;
        VirtualFunction vf = await machine.Machine.ReadAsync(machine.Machine.Vf(1));
        PolicyChange planned = (await machine.Policies.PlanAsync(machine.Update(machine.Policy("net", 4)))).Value;
        await SetVlanAsync(machine, vf, 7);
        using (NetworkNamespace green = machine.Machine.Kernel.OpenNamespace("/run/netns/green").Value)
        using (RouteClient route = RouteClient.Open(machine.Machine.Kernel).Value)
            Assert.True((await route.ChangeLinkAsync(vf.Link!.Index, vf.Link.Name, new LinkChange { Namespace = green })).Succeeded);
        Assert.Equal(FaultKind.Refused, (await machine.Policies.ApplyAsync(planned, new PlanOptions { Force = true })).Fault?.Kind);
        LedgerVf row = machine.Machine.Row(vf.Label);
        Assert.Contains("green", row.Stranger, StringComparison.Ordinal);
        Assert.Equal((VfState.Free, 0), (row.State, row.Clean!.Vlan));
    }

    [Fact]
    public async Task ForceCoversOnlyWhatThePlanShowed()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync(vfs: 2);
        _ = (await machine.Node.AllocateAsync(machine.Machine.Request("blue"))).Value;
        PolicyChange planned = (await machine.Policies.PlanAsync(machine.Update(machine.Policy("net", 4)))).Value;
        _ = (await machine.Node.AllocateAsync(machine.Machine.Request("green"))).Value;
        Fault refused = (await machine.Policies.ApplyAsync(planned, new PlanOptions { Force = true })).Fault!;
        Assert.Contains("came into use", refused.Error, StringComparison.Ordinal);
        Assert.Contains("green", refused.Cause, StringComparison.Ordinal);
        Assert.Equal(2, machine.Machine.Open().Count);
        Assert.Equal(2, (await machine.Node.Host.ListVfsAsync(machine.Machine.Pf)).Value.Count);
    }

    [Fact]
    public async Task TheFirstPfThatCannotBeChangedEndsTheApply()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync();
        string[] pfs = [.. (await machine.Node.Host.Inventory.ListPfsAsync()).Value.Select(pf => pf.Label)];
        string[] policies = [PolicyMachine.Policy("one", pfs[0], 2), PolicyMachine.Policy("two", pfs[1], 2)];
        string first = (await machine.Node.Host.FindPfAsync(pfs[0])).Value.DeviceName;
        Assert.True(machine.Machine.Kernel.Machine.Faults.Arm($"out-of-memory@{first}").Succeeded);
        Fault failed = (await machine.ApplyAsync(policies)).Fault!;
        Assert.Contains($"{pfs[0]} is as it was", failed.Cause, StringComparison.Ordinal);
        Assert.Contains($"not begun: {pfs[1]}", failed.Cause, StringComparison.Ordinal);
        machine.Machine.Kernel.Machine.Faults.Clear(Simulation.Faults.SimulatedFault.OutOfMemory);
        Assert.Equal(pfs, (await machine.ApplyAsync(policies)).Value);
    }

    [Fact]
    public async Task WhatAStepTookHereIsTheNextEstimate()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync();
        TimeSpan usual = (await machine.PlanAsync(machine.Policy("net", 2))).Duration;
        _ = (await machine.ApplyAsync(machine.Policy("net", 2))).Value;
        _ = (await machine.ApplyAsync(machine.Policy("net", 0))).Value;
        TimeSpan measured = (await machine.PlanAsync(machine.Policy("net", 2))).Duration;
        Assert.NotEqual(usual, measured);
        Assert.NotNull(machine.Node.Ledger.Read(view => view.Meta("duration/create/igb")).Value);
        Assert.NotNull(machine.Node.Ledger.Read(view => view.Meta("duration/remove/igb")).Value);
    }

    [Fact]
    public async Task AnOwnersVfComesBackWithTheMtuThatIsWantedSince()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync("mlx5", vfs: 1);
        LedgerAllocation held = (await machine.Node.AttachAsync(machine.Machine.Request(), NodeMachine.To("blue"))).Value.Allocation;
        _ = (await machine.ApplyAsync(machine.Policy("net", 1, "mtu: 2000"))).Value;
        Assert.Contains(await machine.Machine.LinksInAsync("blue"), link => link is { Name: "eth0", Mtu: 1500 });
        Assert.Empty((await machine.Node.ReleaseAsync(held.Id)).Value.Quarantined);
        Assert.Equal("mtu 2000 mode legacy autoprobe True: 0 mlx5_core 2000", await machine.StateAsync());
    }

    private static async Task SetVlanAsync(PolicyMachine machine, VirtualFunction vf, ushort vlan)
    {
        using RouteClient route = RouteClient.Open(machine.Machine.Kernel).Value;
        VfChange change = new() { Index = vf.Index, Vlan = new VfVlan(vlan) };
        Assert.True((await route.ChangeVfsAsync(vf.Pf.InterfaceIndex, vf.Pf.Label, [change])).Succeeded);
    }
}
