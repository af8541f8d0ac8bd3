using Vfleet.Host.Create;
using Vfleet.Host.Inventory;
using Vfleet.Host.Scrub;
using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Node.Allocation;
using Vfleet.Node.Attach;
using Vfleet.Node.Census;
using Vfleet.Node.Ledger;
using Vfleet.Node.Release;
using Vfleet.Simulation;

namespace Vfleet.Node.Tests;

public sealed class UnitLocalNodeTests
{
    private static readonly VfSettings Tenant = new() { Vlan = 100, Mac = new MacAddress(0x02_00_00_00_00_01), SpoofCheck = true };

    [Fact]
    public async Task AnAttachedVfHasItsOwnerAndComesBackClean()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync();
        NodeAttachment attached = (await machine.Node.AttachAsync(machine.Request(), NodeMachine.To("blue") with { Settings = Tenant })).Value;
        string vf = Assert.Single(attached.Allocation.Vfs).Vf;
        Assert.NotNull(attached.Allocation.ReadyAt);
        Assert.Contains(await machine.LinksInAsync("blue"), link => link.Name == "eth0" && link.Mac == Tenant.Mac);
        Assert.Equal((VfState.Attached, attached.Allocation.Id), (machine.Row(vf).State, machine.Row(vf).Allocation));
        Assert.Equal(100, machine.Row(vf).Held!.Vlan);

        ReleaseResult released = (await machine.Node.ReleaseAsync(vf)).Value;
        Assert.Equal([vf], released.Free);
        LedgerVf row = machine.Row(vf);
        Assert.Equal((VfState.Free, null, null, null), (row.State, row.Allocation, row.Record, row.Held));
        Assert.Empty(CleanState.Differences(await machine.ReadAsync(vf), row.Clean!));
        Assert.Empty(machine.Open());
        Assert.Empty(LedgerVerifier.Verify(machine.Node.Ledger, [], CheckpointSigner.Open(new LedgerOptions { StateDirectory = machine.Options.StateDirectory }).Value).Value.Problems);
    }

    [Fact]
    public async Task AnExhaustedPoolSaysHowItsVfsAreHeld()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 2);
        LedgerAllocation both = (await machine.Node.AllocateAsync(machine.Request() with { Count = 2 })).Value;
        Assert.Equal(2, both.Vfs.Count);
        Fault refused = (await machine.Node.AllocateAsync(machine.Request("green"))).Fault!;
        Assert.Equal(FaultKind.Refused, refused.Kind);
        Assert.Contains("2 reserved", $"{refused.Error} {refused.Cause}", StringComparison.Ordinal);
        _ = (await machine.Node.ReleaseAsync(both.Id)).Value;
        Assert.True((await machine.Node.AllocateAsync(machine.Request("green"))).Succeeded);
    }

    [Fact]
    public async Task TheSameRequestAgainGetsTheSameAllocation()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync();
        AllocationRequest request = machine.Request() with { RequestKey = "order 7" };
        LedgerAllocation first = (await machine.Node.AllocateAsync(request)).Value;
        Assert.Equal(first.Id, (await machine.Node.AllocateAsync(request)).Value.Id);
        Assert.Single(machine.Open());
        _ = (await machine.Node.ReleaseAsync(first.Id)).Value;
        Assert.NotEqual(first.Id, (await machine.Node.AllocateAsync(request)).Value.Id);
    }

    /// <summary>Who names a VF waits for its PF alone: what the ledger has of others is neither lost for that nor looked after.</summary>
    [Fact]
    public async Task ARequestForOneVfLeavesWhatTheLedgerHasOfOtherPfs()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 2, options: new SimulationOptions { LinksUp = true, PhysicalFunctions = 2 });
        string other = (await machine.Node.Host.Inventory.ListPfsAsync()).Value[1].Label;
        CreatePlan plan = (await machine.Node.Host.Creator.PlanAsync(other, 2, null, force: false)).Value;
        _ = (await machine.Node.Host.Creator.ApplyAsync(plan, force: false)).Value;
        NodeReading all = (await machine.Node.Census.TakeAsync()).Value;
        VirtualFunction[] own = [.. all.Machine.Vfs.Where(vf => vf.Pf.Label == machine.Pf)];
        Assert.Equal((4, 2), (all.Vfs.Count, own.Length));
        foreach (PhysicalFunction pf in all.Machine.Pfs)
            Assert.True(machine.Kernel.Files.WriteText($"{pf.SysfsPath}/sriov_numvfs", "0").Succeeded);
        Assert.True(machine.Kernel.Files.WriteText($"{own[0].Pf.SysfsPath}/sriov_numvfs", "1").Succeeded);
        LedgerAllocation one = (await machine.Node.AllocateAsync(new AllocationRequest { Vf = own[0].Label, Owner = new Owner { Name = "blue" } })).Value;
        Assert.Equal(own[0].Label, Assert.Single(one.Vfs).Vf);
        Assert.Null(machine.Row(own[1].Label));
        Assert.All(all.Machine.Vfs.Except(own), vf => Assert.Equal(VfState.Free, machine.Row(vf.Label).State));
        _ = (await machine.Node.Census.TakeAsync()).Value;
        Assert.All(all.Machine.Vfs.Except(own), vf => Assert.Null(machine.Row(vf.Label)));
    }

    [Fact]
    public async Task AFailedAttachLeavesNothing()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync();
        Fault refused = (await machine.Node.AttachAsync(
            machine.Request(), NodeMachine.To("blue") with { Settings = new VfSettings { LinkState = VfLinkState.Disable } })).Fault!;
        Assert.Equal(FaultKind.Kernel, refused.Kind);
        Assert.Empty(machine.Open());
        Assert.All(machine.Node.Ledger.Read(view => view.Vfs()).Value, row => Assert.Equal((VfState.Free, null), (row.State, row.Record)));
        Assert.Single(await machine.LinksInAsync("blue"));
    }

    [Fact]
    public async Task AStrangersVfIsShownAndNeverHandedOutUntilItIsAdopted()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        string vf = (await machine.ReadAsync(machine.Vf(0))).Label;
        string name = (await machine.ReadAsync(vf)).Link!.Name;
        using (NetworkNamespace green = machine.Kernel.OpenNamespace("/run/netns/green").Value)
        using (RouteClient route = RouteClient.Open(machine.Kernel).Value)
        {
            LinkInfo link = (await route.GetLinkAsync(name)).Value;
            _ = (await route.ChangeLinkAsync(link.Index, name, new LinkChange { Namespace = green })).Value;
        }
        Fault refused = (await machine.Node.AllocateAsync(machine.Request())).Fault!;
        Assert.Contains("stranger", $"{refused.Error} {refused.Cause}", StringComparison.Ordinal);
        Assert.NotNull(machine.Row(vf).Stranger);

        LedgerAllocation adopted = (await machine.Node.AdoptAsync(vf, new Owner { Name = "legacy" }, "acme")).Value;
        Assert.Equal(VfState.Attached, machine.Row(vf).State);
        Assert.Null(machine.Row(vf).Stranger);
        Assert.Equal(FaultKind.Refused, (await machine.Node.AdoptAsync(vf, new Owner { Name = "other" }, null)).Fault?.Kind);
        ReleaseResult released = (await machine.Node.ReleaseAsync(adopted.Id)).Value;
        Assert.Empty(released.Quarantined);
        Assert.Null((await machine.ReadAsync(vf)).NamespacePath);
        Assert.True((await machine.Node.AllocateAsync(machine.Request())).Succeeded);
    }

    [Fact]
    public async Task AnAttachFromAPoolPassesOverAVfThatSomebodyJustTook()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 2);
        string taken = (await machine.ReadAsync(machine.Vf(0))).Label;
        string name = (await machine.ReadAsync(taken)).Link!.Name;
        _ = (await machine.Node.Census.TakeAsync()).Value;
        using (RouteClient route = RouteClient.Open(machine.Kernel).Value)
        {
            Assert.True(IPNetworkAddress.TryParse("192.0.2.1/24", out IPNetworkAddress? address));
            _ = (await route.AddAddressAsync((await route.GetLinkAsync(name)).Value.Index, name, address)).Value;
        }
        NodeAttachment attached = (await machine.Node.AttachAsync(machine.Request(), NodeMachine.To("blue"))).Value;
        Assert.Equal((await machine.ReadAsync(machine.Vf(1))).Label, attached.Allocation.Vfs[0].Vf);
        Assert.Contains("192.0.2.1", machine.Row(taken).Stranger, StringComparison.Ordinal);
        Assert.Single(machine.Open());
        Assert.Equal(FaultKind.Refused, (await machine.Node.AttachAsync(machine.Request() with { Vf = taken }, NodeMachine.To("green"))).Fault?.Kind);
    }

    [Fact]
    public async Task WhatADeadOwnerHadIsTakenBackByTheNextCall()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        NodeAttachment attached = (await machine.Node.AttachAsync(machine.RequestFor("blue"), NodeMachine.To("blue") with { Settings = Tenant })).Value;
        Assert.Empty((await machine.Node.ReclaimAsync()).Value.Orders);
        Assert.True(machine.Kernel.DeleteNamespace("blue").Succeeded);
        LedgerAllocation next = (await machine.Node.AllocateAsync(machine.Request("green"))).Value;
        Assert.Equal(attached.Allocation.Vfs[0].Vf, next.Vfs[0].Vf);
        LedgerAllocation ended = machine.Node.Ledger.Read(view => view.Allocation(attached.Allocation.Id)).Value!;
        Assert.Contains("owner is gone", ended.Reason, StringComparison.Ordinal);
        Assert.Equal(0, (await machine.ReadAsync(next.Vfs[0].Vf)).Settings!.Vlan);
    }

    [Fact]
    public async Task AVfThatVanishedIsLostAndFreeWhenItComesBack()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        NodeAttachment attached = (await machine.Node.AttachAsync(machine.Request(), NodeMachine.To("blue"))).Value;
        string vf = attached.Allocation.Vfs[0].Vf;
        PciAddress pf = (await machine.ReadAsync(vf)).Pf.Address!.Value;
        string count = $"/sys/bus/pci/devices/{pf}/sriov_numvfs";
        Assert.True(machine.Kernel.Files.WriteText(count, "0").Succeeded);
        _ = (await machine.Node.Census.TakeAsync()).Value;
        Assert.Equal(VfState.Lost, machine.Row(vf).State);
        Assert.Contains("blue", machine.Row(vf).Evidence, StringComparison.Ordinal);
        Assert.Equal("lost", machine.Node.Ledger.Read(view => view.Allocation(attached.Allocation.Id)).Value!.Reason);
        Assert.True(machine.Kernel.Files.WriteText(count, "1").Succeeded);
        _ = (await machine.Node.Census.TakeAsync()).Value;
        Assert.Equal(VfState.Free, machine.Row(vf).State);
    }

    [Fact]
    public async Task AVfThatDoesNotBecomeCleanIsQuarantinedWithTheEvidence()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1, driver: "vfio-pci");
        LedgerAllocation allocation = (await machine.Node.AllocateAsync(machine.Request())).Value;
        Assert.True(machine.Kernel.Machine.Faults.Arm("reset-failure").Succeeded);
        ReleaseResult released = (await machine.Node.ReleaseAsync(allocation.Id)).Value;
        Assert.Empty(released.Free);
        string vf = Assert.Single(released.Quarantined).Vf;
        Assert.Equal((VfState.Quarantined, released.Quarantined[0].Evidence), (machine.Row(vf).State, machine.Row(vf).Evidence));
        Assert.Contains("quarantined", (await machine.Node.AllocateAsync(machine.Request())).Fault?.Cause, StringComparison.Ordinal);
    }

    /// <summary>The process dies before or after each durable step of an attach and a release; the next one puts everything right.</summary>
    [Fact]
    public async Task WhereverAProcessDiesTheNextOneLeavesNoVfHalfWay()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 2);
        int steps = 0;
        for (int dieAt = 0; dieAt <= steps; dieAt++)
        {
            int passed = 0;
            machine.Restart(_ =>
            {
                if (passed++ == dieAt)
                    throw new ProcessDiedException();
            });
            string died = "";
            try
            {
                NodeAttachment attached = (await machine.Node.AttachAsync(machine.RequestFor("blue"), NodeMachine.To("blue") with { Settings = Tenant })).Value;
                _ = (await machine.Node.ReleaseAsync(attached.Allocation.Id)).Value;
            }
            catch (ProcessDiedException)
            {
                died = $"at {dieAt}";
            }
            steps = Math.Max(steps, passed);
            machine.Restart();
            _ = (await machine.Node.ReclaimAsync()).Value;
            foreach (LedgerAllocation alive in machine.Open())
                _ = (await machine.Node.ReleaseAsync(alive.Id)).Value;
            Assert.All(machine.Node.Ledger.Read(view => view.Vfs()).Value, row =>
            {
                Assert.True(row.State == VfState.Free && row.Record is null && row.Stranger is null, $"{died}: {row}");
            });
            foreach (LedgerVf row in machine.Node.Ledger.Read(view => view.Vfs()).Value)
                Assert.Empty(CleanState.Differences(await machine.ReadAsync(row.Vf), row.Clean!));
            Assert.Single(await machine.LinksInAsync("blue"));
        }
        Assert.True(steps > 8, $"{steps} steps");
    }

    private sealed class ProcessDiedException : Exception;
}
