using Vfleet.Linux;
using Vfleet.Node.Attach;
using Vfleet.Node.Health;
using Vfleet.Node.Ledger;
using Vfleet.Node.Reconcile;
using Vfleet.Node.Tests.Tuning;

namespace Vfleet.Node.Tests;

/// <summary>Pools and their rules follow the documents in the ledger.</summary>
public sealed class UnitPoolRulesTests
{
    [Fact]
    public async Task AVfIsInThePoolItsDocumentSays()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync();
        TunedPool.Apply(machine);
        _ = (await machine.Node.Census.TakeAsync()).Value;
        Assert.Equal([machine.Pf, "fast", "fast"], machine.Node.Ledger.Read(view => view.Vfs()).Value.Select(row => row.Pool));
        LedgerAllocation allocation = (await machine.Node.AllocateAsync(machine.Request(pool: "fast") with { Count = 2 })).Value;
        Assert.Equal([1, 2], allocation.Vfs.Select(vf => machine.Row(vf.Vf).Index));
        Assert.Equal(FaultKind.Refused, (await machine.Node.AllocateAsync(machine.Request(pool: "fast"))).Fault?.Kind);
        Assert.Equal(FaultKind.NotFound, (await machine.Node.AllocateAsync(machine.Request(pool: "slow"))).Fault?.Kind);
    }

    [Fact]
    public async Task AVfIsTunedForItsOwnerWatchedAndPutBack()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync("mlx5");
        TunedPool.Apply(machine);
        _ = (await machine.Node.Census.TakeAsync()).Value;
        uint? before = await TunedPool.MicrosecondsAsync(machine, machine.Vf(1));
        NodeAttachment attached = (await machine.Node.AttachAsync(machine.RequestFor("blue") with { Pool = "fast" }, NodeMachine.To("blue"))).Value;
        Assert.Empty(attached.Warnings);
        string vf = attached.Allocation.Vfs[0].Vf;
        Assert.Equal(20u, await TunedPool.MicrosecondsAsync(machine, vf));
        Assert.NotNull(machine.Row(vf).Tuning);

        Reconciler reconciler = new(machine.Node);
        Assert.True((await reconciler.PassAsync()).Value.IsQuiet);
        await TunedPool.SetMicrosecondsAsync(machine, vf, 99);
        Assert.Contains("rx-usecs", Assert.Single((await reconciler.PassAsync()).Value.Drifts).Differences[0], StringComparison.Ordinal);
        Assert.Equal(20u, await TunedPool.MicrosecondsAsync(machine, vf));

        _ = (await machine.Node.ReleaseAsync(vf)).Value;
        Assert.Equal(before, await TunedPool.MicrosecondsAsync(machine, vf));
        Assert.Null(machine.Row(vf).Tuning);
    }

    [Fact]
    public async Task AVfThatFailedLeavesItsPoolAndReturnsWhenItIsWell()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        Reconciler reconciler = new(machine.Node);
        _ = (await reconciler.PassAsync()).Value;
        string vf = (await machine.ReadAsync(machine.Vf(0))).Label;
        _ = machine.Node.Ledger.Change(LedgerStep.Repair, change => change.SetHealth(change.Vf(vf)!, HealthLevel.Failed, "fatal PCIe errors")).Value;
        Fault refused = (await machine.Node.AllocateAsync(machine.Request())).Fault!;
        Assert.Contains("fatal PCIe errors", $"{refused.Error} {refused.Cause}", StringComparison.Ordinal);
        // Whoever has just begun to watch has not seen enough to say that it is well.
        Assert.Empty((await reconciler.PassAsync()).Value.Health);
        Assert.Equal(HealthLevel.Failed, machine.Row(vf).Health);
    }
}
