using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Host.Tuning;
using Vfleet.Linux;
using Vfleet.Linux.Generic.Devlink;
using Vfleet.Linux.Generic.Ethtool;

namespace Vfleet.Host.Tests.Locks;

/// <summary>Requests to devlink and ethtool that the kernel takes after their deadline: nobody else works on the device before.</summary>
public sealed class UnitUnendedRequestTests
{
    private static readonly VfTuning Wish = new() { Interface = new() { RxMicroseconds = 10 } };

    [Theory]
    [InlineData("eswitch", DevlinkCommand.EswitchSet)]
    [InlineData("tuning", EthtoolCommand.CoalesceSet)]
    public async Task TheLockIsHeldUntilTheKernelHasTakenTheRequest(string work, byte command)
    {
        using HostMachine machine = await HostMachine.CreateAsync("mlx5", vfs: 1);
        machine.Hurry();
        LateKernel kernel = new(machine.Simulated, command);
        Outcome<Unit> late = work == "eswitch"
            ? await new PfSetter(kernel, machine.Options).SetEswitchModeAsync(machine.Pf, EswitchMode.Switchdev)
            : await TuneAsync(machine, kernel);
        Assert.Equal(FaultKind.TimedOut, late.Fault?.Kind);
        Refusal.Is(FaultKind.TimedOut, await SetAsync(machine), "another process");

        await kernel.LetGoAsync();
        for (int tries = 0; tries < 20 && !(await SetAsync(machine)).Succeeded; tries++)
            await Task.Delay(10);
        Assert.Equal(7, (await machine.ReadVfAsync()).Settings!.Vlan);
    }

    [Fact]
    public async Task WhatIsPutBackComesAfterTheRequestThatWasGivenUp()
    {
        using HostMachine machine = await HostMachine.CreateAsync("mlx5", vfs: 1);
        LateKernel kernel = new(machine.Simulated, EthtoolCommand.CoalesceSet);
        VfTuner unhurried = new(machine.Simulated, machine.Options, new UnendedWork());
        VirtualFunction vf = await machine.ReadVfAsync();
        TuningBaseline before = (await unhurried.ReadAsync(vf, Wish)).Value;
        Task<Outcome<Unit>> tuning = TuneAsync(machine, kernel);
        Assert.False(tuning.IsCompleted);
        await kernel.LetGoAsync();
        Fault late = Refusal.Is(FaultKind.TimedOut, await tuning);
        Assert.DoesNotContain("not put back", $"{late}", StringComparison.Ordinal);
        Assert.Equal(before.Interface, (await unhurried.ReadAsync(vf, Wish)).Value.Interface);
    }

    [Fact]
    public async Task WhatCannotBePutBackBecauseTheKernelStillWorksIsTold()
    {
        using HostMachine machine = await HostMachine.CreateAsync("mlx5", vfs: 1);
        machine.Hurry();
        LateKernel kernel = new(machine.Simulated, EthtoolCommand.CoalesceSet);
        Refusal.Is(FaultKind.TimedOut, await TuneAsync(machine, kernel), "not put back");
    }

    private static Task<Outcome<Unit>> TuneAsync(HostMachine machine, LateKernel kernel) =>
        new SriovHost(machine.Simulated, machine.Options).LockedAsync(machine.Vf(0), async (vf, left) =>
        {
            VfTuner tuner = new(kernel, machine.Options, left);
            Outcome<TuningBaseline> before = await tuner.ReadAsync(vf, Wish);
            return await tuner.ApplyAsync(vf, Wish, before.Value);
        });

    private static async Task<Outcome<Unit>> SetAsync(HostMachine machine) =>
        (await machine.Host.SetAsync(machine.Vf(0), new VfSettings { Vlan = 7 }, false, false)).Map(_ => Unit.Done);
}
