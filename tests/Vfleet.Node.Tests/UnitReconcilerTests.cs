using Vfleet.Host.Inventory;
using Vfleet.Host.Scrub;
using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Node.Attach;
using Vfleet.Node.Ledger;
using Vfleet.Node.Reconcile;
using Vfleet.Node.Verify;

namespace Vfleet.Node.Tests;

/// <summary>What somebody changes by hand is put back and recorded.</summary>
public sealed class UnitReconcilerTests
{
    private static readonly VfSettings Tenant = new() { Vlan = 100, Mac = new MacAddress(0x02_00_00_00_00_01), MaxTxRateMbps = 500 };

    public static TheoryData<string, string> Tampering()
    {
        TheoryData<string, string> all = [];
        foreach (string profile in (string[])["igb", "ice", "mlx5"])
        {
            foreach (string what in (string[])["vlan", "mac", "rate", "spoof", "trust", "unbind", "rename", "mtu", "host", "green"])
                all.Add(profile, what);
        }
        return all;
    }

    [Theory]
    [MemberData(nameof(Tampering))]
    public async Task WhatIsChangedOnAVfInUseIsPutBackAndRecorded(string profile, string what)
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(profile);
        NodeAttachment attached = (await machine.Node.AttachAsync(machine.RequestFor("blue"), NodeMachine.To("blue") with { Settings = Tenant })).Value;
        string vf = attached.Allocation.Vfs[0].Vf;
        Reconciler reconciler = new(machine.Node);
        Assert.True((await reconciler.PassAsync()).Value.IsQuiet);
        await TamperAsync(machine, vf, what);
        Assert.NotEmpty((await new NodeVerifier(machine.Node).VerifyAsync()).Value.Violations);

        Drift drift = Assert.Single((await reconciler.PassAsync()).Value.Drifts);
        Assert.Equal((vf, "blue", DriftOutcome.Repaired, null), (drift.Vf, drift.Owner, drift.Outcome, drift.Fault));
        PassReport after = (await reconciler.PassAsync()).Value;
        Assert.True(after.IsQuiet, string.Join("; ", after.Drifts.SelectMany(each => each.Differences)));
        Assert.Empty((await new NodeVerifier(machine.Node).VerifyAsync()).Value.Violations);
        LinkInfo link = Assert.Single(await machine.LinksInAsync("blue"), each => each.Name == "eth0");
        Assert.True(link.IsUp);
        Assert.Contains(machine.Node.Ledger.Read(view => view.History(vf: vf)).Value, row => row.Reason == "drift" && row.Owner == "blue");
        _ = (await machine.Node.ReleaseAsync(vf)).Value;
        Assert.Empty(CleanState.Differences(await machine.ReadAsync(vf), machine.Row(vf).Clean!));
    }

    [Theory]
    [InlineData("vlan")]
    [InlineData("rate")]
    [InlineData("trust")]
    [InlineData("unbind")]
    [InlineData("rename")]
    [InlineData("mtu")]
    public async Task AFreeVfThatSomebodyChangedIsCleanedAgain(string what)
    {
        using NodeMachine machine = await NodeMachine.CreateAsync();
        Reconciler reconciler = new(machine.Node);
        _ = (await reconciler.PassAsync()).Value;
        string vf = (await machine.ReadAsync(machine.Vf(1))).Label;
        await TamperAsync(machine, vf, what);
        Drift drift = Assert.Single((await reconciler.PassAsync()).Value.Drifts);
        Assert.Equal((vf, null, DriftOutcome.Repaired), (drift.Vf, drift.Owner, drift.Outcome));
        Assert.Equal(VfState.Free, machine.Row(vf).State);
        Assert.True((await reconciler.PassAsync()).Value.IsQuiet);
    }

    [Fact]
    public async Task UnderMaintenanceNothingIsRepairedAndItIsSaidOnce()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync();
        NodeAttachment attached = (await machine.Node.AttachAsync(machine.RequestFor("blue"), NodeMachine.To("blue") with { Settings = Tenant })).Value;
        string vf = attached.Allocation.Vfs[0].Vf;
        string pf = (await machine.ReadAsync(vf)).Pf.DeviceName;
        Reconciler reconciler = new(machine.Node);
        _ = Maintenance.Start(machine.Node.Ledger, pf, "new cables", DateTimeOffset.UnixEpoch).Value;
        Assert.Equal(FaultKind.Refused, Maintenance.Start(machine.Node.Ledger, pf, null, DateTimeOffset.UnixEpoch).Fault?.Kind);
        await TamperAsync(machine, vf, "vlan");
        for (int pass = 0; pass < 3; pass++)
            Assert.Equal(DriftOutcome.Left, Assert.Single((await reconciler.PassAsync()).Value.Drifts).Outcome);
        Assert.Equal(5, (await machine.ReadAsync(vf)).Settings!.Vlan);
        Assert.Single(machine.Node.Ledger.Read(view => view.History(vf: vf)).Value, row => row.Reason == "drift");
        _ = Maintenance.End(machine.Node.Ledger, pf).Value;
        Assert.Equal(DriftOutcome.Repaired, Assert.Single((await reconciler.PassAsync()).Value.Drifts).Outcome);
        Assert.Equal(100, (await machine.ReadAsync(vf)).Settings!.Vlan);
        Assert.Equal(FaultKind.NotFound, Maintenance.End(machine.Node.Ledger, pf).Fault?.Kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task UnderMaintenanceNothingIsTakenBackUntilItEnds(bool isMachine)
    {
        using NodeMachine machine = await NodeMachine.CreateAsync();
        string vf = (await machine.Node.AttachAsync(machine.RequestFor("blue"), NodeMachine.To("blue"))).Value.Allocation.Vfs[0].Vf;
        string half = (await machine.ReadAsync(machine.Vf(1))).Label;
        string? pf = isMachine ? null : (await machine.ReadAsync(vf)).Pf.DeviceName;
        _ = Maintenance.Start(machine.Node.Ledger, pf, null, DateTimeOffset.UnixEpoch).Value;
        _ = machine.Node.Ledger.Change(LedgerStep.Scrubbing, change => change.Move(change.Vf(half)!, VfState.Scrubbing, "test")).Value;
        Assert.True(machine.Kernel.DeleteNamespace("blue").Succeeded);
        machine.Restart();
        Reconciler reconciler = new(machine.Node);
        for (int pass = 0; pass < 2; pass++)
        {
            PassReport report = (await reconciler.PassAsync()).Value;
            Assert.Empty(report.Reclaimed!.Orders);
            Assert.Equal([vf, half], report.Reclaimed.Paused.Keys.Order());
        }
        Assert.Equal(FaultKind.Refused, (await machine.Node.AllocateAsync(machine.Request() with { Vf = half })).Fault?.Kind);
        Assert.Equal((VfState.Attached, VfState.Scrubbing), (machine.Row(vf).State, machine.Row(half).State));
        HistoryRow mark = Assert.Single(machine.Node.Ledger.Read(view => view.History(vf: vf)).Value, row => row.Reason == "maintenance");
        Assert.Contains("owner is gone", mark.Detail, StringComparison.Ordinal);

        _ = Maintenance.End(machine.Node.Ledger, pf).Value;
        PassReport after = (await reconciler.PassAsync()).Value;
        Assert.Single(after.Reclaimed!.Orders);
        Assert.Empty(after.Reclaimed.Paused);
        Assert.Equal((VfState.Free, VfState.Free), (machine.Row(vf).State, machine.Row(half).State));
    }

    [Fact]
    public async Task AStrangersVfIsLeftAlone()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync();
        Reconciler reconciler = new(machine.Node);
        _ = (await reconciler.PassAsync()).Value;
        string vf = (await machine.ReadAsync(machine.Vf(0))).Label;
        await TamperAsync(machine, vf, "green");
        Assert.True((await reconciler.PassAsync()).Value.IsQuiet);
        Assert.NotNull(machine.Row(vf).Stranger);
        Assert.Equal("/run/netns/green", (await machine.ReadAsync(vf)).NamespacePath);
    }

    [Fact]
    public async Task TheOwnersNamespaceMayBeRenamed()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync();
        machine.Kernel.Machine.AddProcess(4711, "blue");
        NodeAttachment attached = (await machine.Node.AttachAsync(machine.RequestFor("blue"), NodeMachine.To("blue"))).Value;
        Assert.True(machine.Kernel.DeleteNamespace("blue").Succeeded);
        Reconciler reconciler = new(machine.Node);
        PassReport pass = (await reconciler.PassAsync()).Value;
        Assert.True(pass.IsQuiet, string.Join("; ", pass.Drifts.SelectMany(each => each.Differences)));
        Assert.Equal(VfState.Attached, machine.Row(attached.Allocation.Vfs[0].Vf).State);
        machine.Kernel.Machine.EndProcess(4711);
        Assert.Single((await reconciler.PassAsync()).Value.Reclaimed!.Orders);
        Assert.Equal(VfState.Free, machine.Row(attached.Allocation.Vfs[0].Vf).State);
    }

    private static async Task TamperAsync(NodeMachine machine, string vf, string what)
    {
        VirtualFunction now = await machine.ReadAsync(vf);
        if (what is "unbind")
        {
            Assert.True(machine.Kernel.Files.WriteText($"/sys/bus/pci/drivers/{now.Driver}/unbind", now.Address.ToString()!).Succeeded);
            return;
        }
        NetworkNamespace? within = now.NamespacePath is null ? null : machine.Kernel.OpenNamespace(now.NamespacePath).Value;
        using RouteClient host = RouteClient.Open(machine.Kernel).Value;
        using RouteClient there = RouteClient.Open(machine.Kernel, within).Value;
        using NetworkNamespace target = machine.Kernel.OpenNamespace(what == "green" ? "/run/netns/green" : "/proc/self/ns/net").Value;
        VfChange? change = what switch
        {
            "vlan" => new VfChange { Index = now.Index, Vlan = new VfVlan(5) },
            "mac" => new VfChange { Index = now.Index, Mac = new MacAddress(0x02_00_00_00_00_99) },
            "rate" => new VfChange { Index = now.Index, Rate = new VfRate(0, 7) },
            "spoof" => new VfChange { Index = now.Index, SpoofCheck = !now.Settings!.SpoofCheck },
            "trust" => new VfChange { Index = now.Index, Trust = !now.Settings!.Trust },
            _ => null,
        };
        Outcome<Unit> done = change is not null
            ? await host.ChangeVfsAsync(now.Pf.InterfaceIndex, now.Pf.Label, [change])
            : await there.ChangeLinkAsync(now.Link!.Index, now.Link.Name, what switch
            {
                "rename" => new LinkChange { Name = "sneaky" },
                "mtu" => new LinkChange { Mtu = 1300 },
                _ => new LinkChange { Namespace = target },
            });
        Assert.True(done.Succeeded, $"{what}: {done.Fault}");
        within?.Dispose();
    }
}
