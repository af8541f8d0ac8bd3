using Vfleet.Host;
using Vfleet.Host.Inventory;
using Vfleet.Host.Locks;
using Vfleet.Host.Tests;
using Vfleet.Linux;
using Vfleet.Node.Attach;
using Vfleet.Node.Ledger;
using Vfleet.Node.Reconcile;
using Vfleet.Node.Release;

namespace Vfleet.Node.Tests.Tuning;

/// <summary>What was tuned for an owner is written under the VF's lock, and put back whatever comes between.</summary>
public sealed class UnitNodeTunerTests
{
    [Fact]
    public async Task AVfThatAnotherProcessChangesIsNotTunedBeforeThatIsDone()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync("mlx5");
        string vf = await AttachAsync(machine, "reset");
        await TunedPool.SetMicrosecondsAsync(machine, vf, 99);
        using LocalNode hasty = machine.Start(options: machine.Options with { LockDeadline = TimeSpan.FromMilliseconds(100) });
        VirtualFunction now = await machine.ReadAsync(vf);
        LockPatience patience = new(TimeSpan.Zero, Fault.TimedOut("late"));
        string name = $"{now.Pf.DeviceName}-vf{now.Index}";
        using ((await StateLock.TakeAsync(machine.Options, name, isShared: false, patience, CancellationToken.None)).Value)
        {
            Drift left = Assert.Single((await new Reconciler(hasty).PassAsync()).Value.Drifts);
            Assert.Equal((DriftOutcome.Failed, FaultKind.TimedOut), (left.Outcome, left.Fault?.Kind));
            Assert.Equal(99u, await TunedPool.MicrosecondsAsync(machine, vf));
        }
        Assert.Equal(DriftOutcome.Repaired, Assert.Single((await new Reconciler(hasty).PassAsync()).Value.Drifts).Outcome);
        Assert.Equal(TunedPool.Wanted, await TunedPool.MicrosecondsAsync(machine, vf));
    }

    /// <summary>The namespace has no path any more and still ends, so nobody can reach the interface.</summary>
    [Fact]
    public async Task WhatAVfWasIsKeptUntilItIsBackFromANamespaceThatEnds()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync("mlx5");
        uint? before = await TunedPool.MicrosecondsAsync(machine, machine.Vf(1));
        string vf = await AttachAsync(machine, "settings");
        using LocalNode hasty = machine.Start(options: machine.Options with { ReturnDeadline = TimeSpan.FromMilliseconds(50) });
        using (machine.Kernel.OpenNamespace("/run/netns/blue").Value)
        {
            Assert.True(machine.Kernel.DeleteNamespace("blue").Succeeded);
            Assert.NotNull((await hasty.ReleaseAsync(vf)).Fault);
            Assert.NotNull(machine.Row(vf).Tuning);
        }
        Assert.Equal([vf], (await machine.Node.ReclaimAsync()).Value.Result.Free);
        Assert.Equal(before, await TunedPool.MicrosecondsAsync(machine, vf));
        Assert.Null(machine.Row(vf).Tuning);
    }

    [Fact]
    public async Task WhatCannotBePutBackIsToldAndKeptUntilItCan()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync("mlx5");
        uint? before = await TunedPool.MicrosecondsAsync(machine, machine.Vf(1));
        string vf = await AttachAsync(machine, "settings");
        SetBefore(machine, vf, uint.MaxValue);
        ReleaseResult released = (await machine.Node.ReleaseAsync(vf)).Value;
        string evidence = Assert.Single(released.Quarantined).Evidence;
        Assert.Contains($"what {vf} was tuned to could not be put back", evidence, StringComparison.Ordinal);
        Assert.Equal((VfState.Quarantined, true), (machine.Row(vf).State, machine.Row(vf).Tuning is not null));
        SetBefore(machine, vf, before!.Value);
        Assert.Equal([vf], (await machine.Node.ReleaseAsync(vf)).Value.Free);
        Assert.Equal(before, await TunedPool.MicrosecondsAsync(machine, vf));
        Assert.Null(machine.Row(vf).Tuning);
    }

    /// <summary>Another process takes the lock in the moment between the cleaning and the putting back.</summary>
    [Fact]
    public async Task AVfWhoseLockIsTakenBeforeItIsPutBackIsLeftToTheNextCallAndNotQuarantined()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync("mlx5");
        uint? before = await TunedPool.MicrosecondsAsync(machine, machine.Vf(1));
        string vf = await AttachAsync(machine, "settings");
        VirtualFunction now = await machine.ReadAsync(vf);
        WatchedKernel watched = new(machine.Kernel);
        LockThief thief = new(machine, watched, $"{now.Pf.DeviceName}-vf{now.Index}");
        HostOptions hasty = machine.Options with { LockDeadline = TimeSpan.FromMilliseconds(100) };
        using (LocalNode node = LocalNode.Open(watched, hasty, machine.NewActor(), stepped: thief.Stepped).Value)
        {
            Fault late = (await node.ReleaseAsync(vf)).Fault!;
            Assert.Equal(FaultKind.TimedOut, late.Kind);
        }
        Assert.NotNull(thief.Taken);
        Assert.Equal((VfState.Scrubbing, null, true), (machine.Row(vf).State, machine.Row(vf).Worker, machine.Row(vf).Tuning is not null));
        await thief.Taken.DisposeAsync();
        Assert.Equal([vf], (await machine.Node.ReclaimAsync()).Value.Result.Free);
        Assert.Equal(before, await TunedPool.MicrosecondsAsync(machine, vf));
        Assert.Null(machine.Row(vf).Tuning);
    }

    private static async Task<string> AttachAsync(NodeMachine machine, string scrub)
    {
        TunedPool.Apply(machine, scrub);
        _ = (await machine.Node.Census.TakeAsync()).Value;
        NodeAttachment attached = (await machine.Node.AttachAsync(machine.Request(pool: "fast"), NodeMachine.To("blue"))).Value;
        Assert.Empty(attached.Warnings);
        return attached.Allocation.Vfs[0].Vf;
    }

    /// <summary>The ledger's word on what the VF was: one that the driver does not take, or the right one.</summary>
    private static void SetBefore(NodeMachine machine, string vf, uint microseconds) =>
        _ = machine.Node.Ledger.Change(LedgerStep.Tuning, change =>
        {
            Host.Tuning.TuningBaseline was = change.Vf(vf)!.Tuning!;
            change.SetTuning(vf, was with { Interface = was.Interface with { RxMicroseconds = microseconds } });
        }).Value;
}
