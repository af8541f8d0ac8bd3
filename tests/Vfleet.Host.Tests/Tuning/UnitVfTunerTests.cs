using Vfleet.Host.Inventory;
using Vfleet.Host.Tuning;
using Vfleet.Linux;
using Vfleet.Linux.Pci;

namespace Vfleet.Host.Tests.Tuning;

public sealed class UnitVfTunerTests
{
    private static readonly InterfaceTuning Fast = new()
    {
        CombinedChannels = 2, RxRing = 1024, TxRing = 2048, RxMicroseconds = 10, TxMicroseconds = 20, AdaptiveRx = true, AdaptiveTx = true,
    };

    private static readonly VfTuning Everything = new() { NumaNodeCpus = true, Interface = Fast };

    [Fact]
    public async Task AVfIsTunedInItsNamespaceAndPutBack()
    {
        using HostMachine machine = await HostMachine.CreateAsync("i40e", 2);
        Assert.True((await machine.AttachAsync()).Succeeded);
        VirtualFunction vf = await machine.ReadVfAsync();
        Assert.Equal(HostMachine.Namespace, vf.NamespacePath);
        VfTuner tuner = Tuner(machine, machine.Kernel);
        TuningBaseline before = (await tuner.ReadAsync(vf, Everything)).Value;
        Assert.Equal(5, before.Interrupts.Count);
        Assert.All(before.Interrupts, interrupt => Assert.Equal("0-7", interrupt.Cpus));
        InterfaceTuning native = new()
        {
            CombinedChannels = 4, RxRing = 512, TxRing = 512, RxMicroseconds = 3, TxMicroseconds = 3,
            AdaptiveRx = false, AdaptiveTx = false,
        };
        Assert.Equal(native, before.Interface);
        Assert.NotEmpty((await tuner.VerifyAsync(vf, Everything)).Value);

        Assert.True((await tuner.ApplyAsync(vf, Everything, before)).Succeeded);
        Assert.Empty((await tuner.VerifyAsync(vf, Everything)).Value);
        Assert.Equal(Fast, (await tuner.ReadAsync(vf, Everything)).Value.Interface);

        TuningBaseline kept = TuningJson.Read(Describe(before));
        Assert.Equal(before.Interface, kept.Interface);
        Assert.Equal(before.Interrupts, kept.Interrupts);
        Assert.True((await tuner.RestoreAsync(vf, kept)).Succeeded);
        Assert.Equal(Describe(before), Describe((await tuner.ReadAsync(vf, Everything)).Value));
    }

    [Fact]
    public async Task InterruptsOfEachVfBeginAtAnotherCpuOfTheirNode()
    {
        using HostMachine machine = await HostMachine.CreateAsync("i40e", 2);
        VfTuner tuner = Tuner(machine, machine.Kernel);
        VfTuning onNode = new() { NumaNodeCpus = true };
        List<string> cpus = [];
        foreach (int index in (int[])[0, 1])
        {
            VirtualFunction vf = await machine.ReadVfAsync(index);
            await ApplyAsync(tuner, vf, onNode);
            cpus.Add(string.Join(' ', (await tuner.ReadAsync(vf, onNode)).Value.Interrupts.Select(interrupt => interrupt.Cpus)));
        }
        Assert.Equal(["0 1 2 3 0", "1 2 3 0 1"], cpus);
    }

    [Fact]
    public async Task GivenCpusAreTakenAndAnInterruptThatLeavesThemIsTold()
    {
        using HostMachine machine = await HostMachine.CreateAsync("i40e", 1);
        VirtualFunction vf = await machine.ReadVfAsync();
        VfTuner tuner = Tuner(machine, machine.Kernel);
        VfTuning wish = new() { Cpus = new CpuList(6, 7) };
        await ApplyAsync(tuner, vf, wish);
        TuningBaseline now = (await tuner.ReadAsync(vf, wish)).Value;
        Assert.Equal(["6", "7", "6", "7", "6"], now.Interrupts.Select(interrupt => interrupt.Cpus));
        int moved = now.Interrupts[1].Number;
        _ = new PciInterrupts(machine.Simulated.Files).SetAffinity(moved, new CpuList(2)).Value;
        Assert.Equal([new TuningDifference($"irq {moved}", "6-7", "2")], (await tuner.VerifyAsync(vf, wish)).Value);
    }

    [Fact]
    public async Task CpusThatAreNotOnlineAreAMistake()
    {
        using HostMachine machine = await HostMachine.CreateAsync("i40e", 1);
        VirtualFunction vf = await machine.ReadVfAsync();
        VfTuning wish = new() { Cpus = new CpuList(7, 8) };
        Refusal.Is(FaultKind.Usage, await Tuner(machine, machine.Kernel).ReadAsync(vf, wish), "8", "online");
    }

    [Theory]
    [InlineData("combined")]
    [InlineData("tx-usecs")]
    [InlineData("adaptive-rx")]
    public async Task ASettingTheDriverLacksIsNamedBeforeAnythingIsChanged(string setting)
    {
        using HostMachine machine = await HostMachine.CreateAsync("igb", 1);
        VirtualFunction vf = await machine.ReadVfAsync();
        VfTuning wish = new()
        {
            Interface = setting switch
            {
                "combined" => new() { RxMicroseconds = 9, CombinedChannels = 1 },
                "tx-usecs" => new() { RxMicroseconds = 9, TxMicroseconds = 9 },
                _ => new() { RxMicroseconds = 9, AdaptiveRx = true },
            },
        };
        Refusal.Is(FaultKind.Kernel, await Tuner(machine, machine.Kernel).ReadAsync(vf, wish), "igbvf", setting);
    }

    [Theory]
    [InlineData("combined 99")]
    [InlineData("tx ring 9000")]
    [InlineData("rx-usecs 9000")]
    public async Task AValueTheDriverRefusesIsNamedAndTheRestIsPutBack(string setting)
    {
        using HostMachine machine = await HostMachine.CreateAsync("i40e", 1);
        VirtualFunction vf = await machine.ReadVfAsync();
        VfTuning wish = Everything with
        {
            Interface = setting switch
            {
                "combined 99" => Fast with { CombinedChannels = 99 },
                "tx ring 9000" => Fast with { TxRing = 9000 },
                _ => Fast with { RxMicroseconds = 9000 },
            },
        };
        VfTuner tuner = Tuner(machine, machine.Kernel);
        TuningBaseline before = (await tuner.ReadAsync(vf, wish)).Value;
        Refusal.Is(FaultKind.Kernel, await tuner.ApplyAsync(vf, wish, before), "iavf", setting);
        Assert.Equal(Describe(before), Describe((await tuner.ReadAsync(vf, wish)).Value));
    }

    [Fact]
    public async Task AValueTheDriverTakesOtherwiseIsARefusal()
    {
        using HostMachine machine = await HostMachine.CreateAsync("i40e", 1);
        VirtualFunction vf = await machine.ReadVfAsync();
        VfTuning wish = new() { Interface = new() { RxMicroseconds = 10, RxRing = 1 } };
        VfTuner tuner = Tuner(machine, machine.Kernel);
        TuningBaseline before = (await tuner.ReadAsync(vf, wish)).Value;
        Refusal.Is(FaultKind.Kernel, await tuner.ApplyAsync(vf, wish, before), "iavf", "rx ring is 64, not 1");
        Assert.Equal(Describe(before), Describe((await tuner.ReadAsync(vf, wish)).Value));
    }

    [Theory]
    [InlineData(Strike.Refused)]
    [InlineData(Strike.AnswerLost)]
    [InlineData(Strike.Cancelled)]
    public async Task WhateverGoesWrongNothingStaysHalfDone(Strike how)
    {
        int operations = int.MaxValue;
        for (int at = 0; at < operations; at++)
        {
            using HostMachine machine = await HostMachine.CreateAsync("i40e", 1);
            VirtualFunction vf = await machine.ReadVfAsync();
            TuningBaseline before = (await Tuner(machine, machine.Simulated).ReadAsync(vf, Everything)).Value;
            if (operations == int.MaxValue)
            {
                machine.Kernel.Watch();
                Assert.True((await Tuner(machine, machine.Kernel).ApplyAsync(vf, Everything, before)).Succeeded);
                operations = machine.Kernel.Operations.Count;
                Assert.True((await Tuner(machine, machine.Simulated).RestoreAsync(vf, before)).Succeeded);
            }
            machine.Kernel.StrikeAt(at, how);
            bool applied;
            try
            {
                applied = (await Tuner(machine, machine.Kernel).ApplyAsync(vf, Everything, before, machine.Kernel.Cancel.Token)).Succeeded;
            }
            catch (OperationCanceledException)
            {
                applied = false;
            }
            TuningBaseline after = (await Tuner(machine, machine.Simulated).ReadAsync(vf, Everything)).Value;
            if (applied)
                Assert.Empty((await Tuner(machine, machine.Simulated).VerifyAsync(vf, Everything)).Value);
            else
                Assert.True(Describe(before) == Describe(after), $"operation {at}: {machine.Kernel.Operations[at]}");
        }
    }

    [Fact]
    public async Task AVfOnVfioHasInterruptsAndNoInterface()
    {
        using HostMachine machine = await HostMachine.CreateAsync("i40e", 1, "vfio-pci");
        VirtualFunction vf = await machine.ReadVfAsync();
        VfTuner tuner = Tuner(machine, machine.Kernel);
        Refusal.Is(FaultKind.Refused, await tuner.ReadAsync(vf, Everything), "no interface", "vfio-pci");
        await ApplyAsync(tuner, vf, new VfTuning { Cpus = new CpuList(5) });
        Assert.Empty((await tuner.VerifyAsync(vf, new VfTuning { Cpus = new CpuList(5) })).Value);
    }

    [Fact]
    public async Task AVfWithoutDriverHasNoInterruptsToSend()
    {
        using HostMachine machine = await HostMachine.CreateAsync("i40e", 1, "none");
        VirtualFunction vf = await machine.ReadVfAsync();
        VfTuning wish = new() { NumaNodeCpus = true };
        VfTuner tuner = Tuner(machine, machine.Kernel);
        Refusal.Is(FaultKind.Refused, await tuner.ApplyAsync(vf, wish, (await tuner.ReadAsync(vf, wish)).Value), "no interrupts");
    }

    [Fact]
    public async Task WhatWasBoundAnewIsNotPutBackIntoAnotherDevice()
    {
        using HostMachine machine = await HostMachine.CreateAsync("i40e", 1);
        VirtualFunction vf = await machine.ReadVfAsync();
        VfTuner tuner = Tuner(machine, machine.Kernel);
        TuningBaseline before = (await tuner.ReadAsync(vf, Everything)).Value;
        Assert.True((await tuner.ApplyAsync(vf, Everything, before)).Succeeded);
        _ = (await machine.Host.BindAsync(vf.Label, "none", force: true, dryRun: false)).Value;
        machine.Kernel.Watch();
        Assert.True((await tuner.RestoreAsync(await machine.ReadVfAsync(), before)).Succeeded);
        Assert.DoesNotContain(machine.Kernel.Operations, operation => operation.StartsWith("write", StringComparison.Ordinal));
    }

    [Fact]
    public async Task NothingWantedIsNothingDone()
    {
        using HostMachine machine = await HostMachine.CreateAsync("igb", 1);
        VirtualFunction vf = await machine.ReadVfAsync();
        VfTuner tuner = Tuner(machine, machine.Kernel);
        machine.Kernel.Watch();
        await ApplyAsync(tuner, vf, new VfTuning());
        Assert.Empty(machine.Kernel.Operations);
    }

    private static VfTuner Tuner(HostMachine machine, IKernel kernel) => new(kernel, machine.Options, new UnendedWork());

    private static async Task ApplyAsync(VfTuner tuner, VirtualFunction vf, VfTuning tuning)
    {
        TuningBaseline before = (await tuner.ReadAsync(vf, tuning)).Value;
        Outcome<Unit> applied = await tuner.ApplyAsync(vf, tuning, before);
        Assert.True(applied.Succeeded, applied.Fault?.ToString());
    }

    private static string Describe(TuningBaseline baseline) => TuningJson.Write(baseline);
}
