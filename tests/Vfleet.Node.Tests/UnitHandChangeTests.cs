using System.Globalization;
using Vfleet.Host.Create;
using Vfleet.Host.Drivers;
using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Host.Tests;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Node.Attach;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Node.Reconcile;
using Vfleet.Simulation.Faults;

namespace Vfleet.Node.Tests;

/// <summary>What whoever runs the machine changes through vfleet is no tampering, whenever the agent looks.</summary>
public sealed class UnitHandChangeTests
{
    /// <summary>An agent makes a pass before every other operation of the command on the kernel.</summary>
    [Theory]
    [InlineData("vfio-pci")]
    [InlineData(NativeDriver.None)]
    [InlineData("vlan")]
    [InlineData("mac")]
    public async Task APassAtAnyPointOfTheCommandDoesNotUndoIt(string what)
    {
        int operations = int.MaxValue;
        for (int at = 0; at < operations; at += 2)
        {
            using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
            using LocalNode agent = machine.Start(options: machine.Options with { LockDeadline = TimeSpan.FromMilliseconds(20) });
            Reconciler reconciler = new(agent);
            Assert.True((await reconciler.PassAsync()).Value.IsQuiet);
            WatchedKernel watched = new(machine.Kernel);
            using LocalNode command = Open(machine, watched);
            List<PassReport> passes = [];
            watched.StrikeAt(at, () => passes.Add(reconciler.PassAsync().GetAwaiter().GetResult().Value));
            await ChangeAsync(command, machine.Vf(0), what);
            operations = watched.Operations.Count;
            string done = await StateAsync(machine, what);
            passes.Add((await reconciler.PassAsync()).Value);
            Assert.All(passes, pass => Assert.True(pass.IsQuiet, $"{what} at {at}: "
                + string.Join("; ", pass.Drifts.SelectMany(drift => drift.Differences).Concat(pass.Faults.Select(fault => fault.Error)))));
            string vf = (await machine.ReadAsync(machine.Vf(0))).Label;
            Assert.Equal((done, VfState.Free), (await StateAsync(machine, what), machine.Row(vf).State));
        }
        Assert.True(operations > 5, $"{operations}");
    }

    /// <summary>igb lists the choice of a VF like what was set through the PF, which alone keeps a tenant from another address.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AMacThatWasSetByHandIsInsistedOnAgainAfterAHandOut(bool isSet)
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        Assert.True((await new Reconciler(machine.Node).PassAsync()).Value.IsQuiet);
        MacAddress theirs = new(0x02_00_00_00_00_44), mine = new(0x02_00_00_00_00_33);
        if (isSet)
            _ = (await machine.Node.Host.SetAsync(machine.Vf(0), new VfSettings { Mac = mine }, force: false, dryRun: false)).Value;
        MacAddress? before = (await machine.ReadAsync(machine.Vf(0))).Link!.Mac;
        AttachOrder order = NodeMachine.To("blue") with { Settings = new VfSettings { Mac = theirs } };
        NodeAttachment attached = (await machine.Node.AttachAsync(machine.RequestFor("blue"), order)).Value;
        _ = (await machine.Node.ReleaseAsync(attached.Allocation.Id)).Value;
        LinkInfo link = (await machine.ReadAsync(machine.Vf(0))).Link!;
        Assert.Equal(before, link.Mac);
        using RouteClient route = RouteClient.Open(machine.Kernel).Value;
        Outcome<Unit> other = await route.ChangeLinkAsync(link.Index, link.Name, new LinkChange { Mac = new MacAddress(0x02_00_00_00_00_99) });
        Assert.Equal(!isSet, other.Succeeded);
    }

    [Fact]
    public async Task WhatSomebodyElseChangedDoesNotBecomeCleanByWhatIsSetBesideIt()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        Assert.True((await new Reconciler(machine.Node).PassAsync()).Value.IsQuiet);
        VirtualFunction vf = await machine.ReadAsync(machine.Vf(0));
        using (RouteClient route = RouteClient.Open(machine.Kernel).Value)
            _ = (await route.ChangeVfsAsync(vf.Pf.InterfaceIndex, vf.Pf.Label, [new VfChange { Index = 0, Vlan = new VfVlan(5) }])).Value;
        _ = (await machine.Node.Host.SetAsync(machine.Vf(0), new VfSettings { Trust = true }, force: false, dryRun: false)).Value;
        Assert.Equal((0, true), (machine.Row(vf.Label).Clean!.Vlan, machine.Row(vf.Label).Clean!.Trust));
        _ = (await new Reconciler(machine.Node).PassAsync()).Value;
        Assert.Equal(0, (await machine.ReadAsync(machine.Vf(0))).Settings!.Vlan);
    }

    [Fact]
    public async Task AForcedBindOfAVfThatWasInUseIsNotUndone()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        VirtualFunction vf = await machine.ReadAsync(machine.Vf(0));
        Assert.True(IPNetworkAddress.TryParse("192.0.2.7/24", out IPNetworkAddress? address));
        using (RouteClient route = RouteClient.Open(machine.Kernel).Value)
            _ = (await route.AddAddressAsync(vf.Link!.Index, vf.Link.Name, address)).Value;
        Reconciler reconciler = new(machine.Node);
        _ = (await reconciler.PassAsync()).Value;
        _ = (await machine.Node.Host.BindAsync(machine.Vf(0), "vfio-pci", force: true, dryRun: false)).Value;
        for (int passes = 0; passes < 3; passes++)
            _ = (await reconciler.PassAsync()).Value;
        Assert.Equal("vfio-pci", (await machine.ReadAsync(machine.Vf(0))).Driver);
    }

    /// <summary>One of the VFs that a repeated creation binds fails, or the caller is interrupted before it gets to it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhatACreationThatIsRepeatedHasBoundStaysAlthoughItDoesNotComeToItsEnd(bool isCancelled)
    {
        using NodeMachine machine = await NodeMachine.CreateAsync();
        Reconciler reconciler = new(machine.Node);
        Assert.True((await reconciler.PassAsync()).Value.IsQuiet);
        foreach (int index in (int[])[0, 1])
            _ = (await machine.Node.Host.BindAsync(machine.Vf(index), NativeDriver.None, force: false, dryRun: false)).Value;
        string other = (await machine.ReadAsync(machine.Vf(1))).Label;
        Assert.True(machine.Kernel.Machine.Faults.Arm(isCancelled ? $"slow-probe@{other}" : $"msix-exhausted@{other}").Succeeded);
        CreatePlan plan = (await machine.Node.Host.Creator.PlanAsync(machine.Pf, 3, null, force: false)).Value;
        using CancellationTokenSource cancel = new();
        Task<Outcome<IReadOnlyList<VirtualFunction>>> applied = machine.Node.Host.Creator.ApplyAsync(
            plan, force: false, step => { if (isCancelled && step is { Stage: "bind", Done: 1 }) cancel.Cancel(); }, cancel: cancel.Token);
        if (isCancelled)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => applied);
        else
            Assert.NotNull((await applied).Fault);
        string bound = (await machine.ReadAsync(machine.Vf(0))).Label;
        Assert.Equal(("igbvf", VfState.Free), (machine.Row(bound).Clean?.Driver, machine.Row(bound).State));
        machine.Kernel.Machine.Faults.Clear(SimulatedFault.MsixExhausted);
        _ = (await reconciler.PassAsync()).Value;
        Assert.Equal("igbvf", (await machine.ReadAsync(bound)).Driver);
    }

    /// <summary>Another process works on the machine's one VF.</summary>
    private static async Task<LocalNode> InOtherHandsAsync(NodeMachine machine)
    {
        Assert.True((await new Reconciler(machine.Node).PassAsync()).Value.IsQuiet);
        LocalNode other = machine.Start();
        Move(other, VfState.Scrubbing);
        return other;
    }

    private static void Move(LocalNode node, VfState to) =>
        _ = node.Ledger.Change(LedgerStep.Repair, change => change.Move(change.Vfs().Single(), to, "by hand")).Value;

    [Fact]
    public async Task AHandOutDoesNotWaitForWhatCanNeverBeMet()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        using LocalNode other = await InOtherHandsAsync(machine);
        TimeSpan soon = TimeSpan.FromSeconds(8);
        Assert.NotNull((await machine.Node.AttachAsync(machine.RequestFor("blue") with { Count = 2 }, NodeMachine.To("blue")).WaitAsync(soon)).Fault);
        Assert.NotNull((await machine.Node.AllocateAsync(machine.Request()).WaitAsync(soon)).Fault);
    }

    [Fact]
    public async Task AHandOutWaitsForAVfThatIsInOtherHandsForAMoment()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        using LocalNode other = await InOtherHandsAsync(machine);
        Task<Outcome<NodeAttachment>> waiting = Task.Run(() => machine.Node.AttachAsync(machine.RequestFor("blue"), NodeMachine.To("blue")));
        await Task.Delay(200);
        Assert.False(waiting.IsCompleted);
        Move(other, VfState.Free);
        Assert.Null((await waiting.WaitAsync(TimeSpan.FromSeconds(20))).Fault);
    }

    [Fact]
    public async Task WhatIsSetOnAVfThatAnOwnerHasIsWhatItHasToBeFromThenOn()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        NodeAttachment attached = (await machine.Node.AttachAsync(machine.RequestFor("blue"), NodeMachine.To("blue"))).Value;
        string vf = attached.Allocation.Vfs[0].Vf;
        _ = (await machine.Node.Host.SetAsync(vf, new VfSettings { Vlan = 7 }, force: false, dryRun: false)).Value;
        Assert.True((await new Reconciler(machine.Node).PassAsync()).Value.IsQuiet);
        Assert.Equal(7, (await machine.ReadAsync(vf)).Settings!.Vlan);
        _ = (await machine.Node.ReleaseAsync(vf)).Value;
        Assert.Equal(0, (await machine.ReadAsync(vf)).Settings!.Vlan);
    }

    [Fact]
    public async Task AVfThatAnotherProcessCleansIsRefused()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        using LocalNode other = machine.Start();
        _ = (await other.Census.TakeAsync()).Value;
        string vf = (await machine.ReadAsync(machine.Vf(0))).Label;
        _ = other.Ledger.Change(LedgerStep.Scrubbing, change => change.Move(change.Vf(vf)!, VfState.Scrubbing, "test")).Value;
        Fault refused = (await machine.Node.Host.BindAsync(vf, "vfio-pci", force: false, dryRun: false)).Fault!;
        Assert.Equal(FaultKind.Refused, refused.Kind);
        Assert.Contains("being worked on", refused.Error, StringComparison.Ordinal);
        Assert.Equal("igbvf", (await machine.ReadAsync(vf)).Driver);
    }

    private static async Task ChangeAsync(LocalNode node, string vf, string what)
    {
        Fault? fault = what switch
        {
            "vlan" => (await node.Host.SetAsync(vf, new VfSettings { Vlan = 7 }, force: false, dryRun: false)).Fault,
            "mac" => (await node.Host.SetAsync(
                vf, new VfSettings { Mac = new MacAddress(0x02_00_00_00_00_01) }, force: false, dryRun: false)).Fault,
            _ => (await node.Host.BindAsync(vf, what, force: false, dryRun: false)).Fault,
        };
        Assert.True(fault is null, $"{what}: {fault?.Error}");
    }

    private static async Task<string> StateAsync(NodeMachine machine, string what)
    {
        VirtualFunction vf = await machine.ReadAsync(machine.Vf(0));
        return string.Create(CultureInfo.InvariantCulture, $"{vf.Driver} {vf.Settings!.Vlan} {(what == "mac" ? vf.Settings.Mac : null)}");
    }

    private static LocalNode Open(NodeMachine machine, IKernel kernel)
    {
        machine.Kernel.Machine.AddProcess(900);
        Actor actor = new("cli", "root", OwnerIdentity.OfProcess(machine.Kernel, 900, "vfleet").Value);
        return LocalNode.Open(kernel, machine.Options, actor).Value;
    }
}
