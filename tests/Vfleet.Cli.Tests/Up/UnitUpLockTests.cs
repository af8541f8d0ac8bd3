using Vfleet.Cli.Lab;
using Vfleet.Cli.Up;
using Vfleet.Host.Locks;
using Vfleet.Linux;

namespace Vfleet.Cli.Tests.Up;

/// <summary>One <c>up</c> or <c>down</c> at a time.</summary>
public sealed class UnitUpLockTests
{
    [Fact]
    public async Task TwoUpsAtOnceSetOneSceneOneAfterTheOther()
    {
        using UpMachine machine = new();
        UpPlace place = await machine.ChooseAsync();
        UpRunner Patient() => machine.RunnerThat(_ => { });
        Outcome<UpReport>[] both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => Patient().RunAsync(place, "simulated", default))));
        Assert.All(both, one => Assert.True(one.Or(null)?.IsGood, one.Fault?.ToString()));
        Assert.Equal(3, machine.Kernel.Files.List("/run/netns").Value.Count);
        Assert.True((await Patient().DownAsync(default)).Value);
        Assert.Empty(await machine.VfsAsync(UpMachine.First));
    }

    [Fact]
    public async Task AnUpThatRunsTooLongIsNamedAndNothingIsChanged()
    {
        using UpMachine machine = new();
        UpPlace place = await machine.ChooseAsync();
        using (await HoldAsync(machine))
        {
            Outcome<UpReport> late = await machine.Runner.RunAsync(place, "simulated", default);
            Assert.Equal(FaultKind.TimedOut, late.Fault?.Kind);
            Assert.Contains("another `vfleet up` or `vfleet down`", late.Fault!.Error, StringComparison.Ordinal);
        }
        Assert.Single(machine.Said, line => line.StartsWith("waiting for another", StringComparison.Ordinal));
        Assert.Empty(await machine.VfsAsync(UpMachine.First));
    }

    [Fact]
    public async Task DownDoesNotTakeTheSceneFromBelowAnUp()
    {
        using UpMachine machine = new();
        _ = (await machine.Runner.SetAsync((await machine.ChooseAsync()).Pf!, default)).Value;
        using (await HoldAsync(machine))
            Assert.Equal(FaultKind.TimedOut, (await machine.Runner.DownAsync(default)).Fault?.Kind);
        Assert.Equal(3, machine.Kernel.Files.List("/run/netns").Value.Count);
        Assert.True((await machine.Runner.DownAsync(default)).Value);
    }

    [Fact]
    public async Task WhatWasAgreedToAndIsNotSoAnyMoreIsRefused()
    {
        using UpMachine machine = new();
        UpPlace place = await machine.ChooseAsync();
        machine.Kernel.Machine.AddDefaultRoute(UpMachine.First);
        Outcome<UpReport> refused = await machine.Runner.RunAsync(place, "simulated", default);
        Assert.Equal(FaultKind.Refused, refused.Fault?.Kind);
        Assert.Empty(await machine.VfsAsync(UpMachine.Second));
    }

    [Fact]
    public async Task EndingTheLabKeepsTheLockOfItsScene()
    {
        using UpMachine machine = new();
        LabPaths paths = new(machine.State, Path.Combine(machine.State, "lab"));
        LabMachine lab = new(paths, new Progress<string>(), TimeProvider.System);
        await using (await lab.LockSceneAsync(default))
        {
            _ = await lab.DownAsync(default);
            Assert.Null(FileLock.TryTake(paths.SceneLock));
        }
        using FileStream? free = FileLock.TryTake(paths.SceneLock);
        Assert.NotNull(free);
    }

    private static async Task<FileStream> HoldAsync(UpMachine machine)
    {
        LockPatience patience = new(TimeSpan.Zero, Fault.TimedOut("held"));
        return (await StateLock.TakeAsync(machine.Host.Options, "up", isShared: false, patience, default)).Value;
    }
}
