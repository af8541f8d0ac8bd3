using Vfleet.Host.Attach;
using Vfleet.Host.Create;
using Vfleet.Host.Settings;
using Vfleet.Host.Tests.Isolation;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Simulation.Faults;

namespace Vfleet.Host.Tests.Attack;

public sealed class UnitHostileRequestTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData("igb")]
    [InlineData("ice")]
    [InlineData("mlx5")]
    [InlineData("i40e")]
    [InlineData("ixgbe")]
    public async Task SettingsOutOfRangeAreRefusedAndChangeNothing(string profile)
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync(profile, 2);
        string[] before = await machine.DescribeAsync();
        MacAddress taken = (await machine.Host.FindVfAsync($"{machine.Pf}/1", None)).Value.Vf.Link!.Mac!.Value;
        (VfSettings Wanted, FaultKind Kind)[] wishes =
        [
            (new() { Vlan = 4095 }, FaultKind.Usage),
            (new() { Vlan = -1 }, FaultKind.Usage),
            (new() { Vlan = 5, VlanQos = 8 }, FaultKind.Usage),
            (new() { VlanQos = 3 }, FaultKind.Usage),
            (new() { Mac = new MacAddress(0x01_00_00_00_00_01) }, FaultKind.Usage),
            (new() { Mac = new MacAddress(0xff_ff_ff_ff_ff_ff) }, FaultKind.Usage),
            (new() { Mac = taken }, FaultKind.Refused),
            (new() { MinTxRateMbps = 200, MaxTxRateMbps = 100 }, FaultKind.Usage),
            (new() { MaxTxRateMbps = uint.MaxValue }, FaultKind.Usage),
        ];
        foreach ((VfSettings wanted, FaultKind kind) in wishes)
        {
            Assert.Equal((kind, wanted), ((await machine.Host.SetAsync($"{machine.Pf}/0", wanted, force: false, dryRun: false, cancel: None)).Fault?.Kind ?? default, wanted));
            Assert.Equal((kind, wanted), ((await machine.Host.SetAsync($"{machine.Pf}/0", wanted, force: false, dryRun: true, cancel: None)).Fault?.Kind ?? default, wanted));
            Assert.Equal(before, await machine.DescribeAsync());
        }
    }

    [Fact]
    public async Task ADriverThatDoesNotExistCostsNoVf()
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("igb", 2);
        string[] before = await machine.DescribeAsync();
        CreatePlan plan = (await machine.Host.Creator.PlanAsync(machine.Pf, 4, "nosuch", force: false, None)).Value;
        Fault fault = (await machine.Host.Creator.ApplyAsync(plan, force: false, cancel: None)).Fault!;
        Assert.Equal((FaultKind.Usage, "no driver nosuch"), (fault.Kind, fault.Error));
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task OneVfGoesToOneOfTwentyWhoAskAtOnce()
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("igb", 2);
        string[] before = await machine.DescribeAsync();
        for (int i = 0; i < 20; i++)
            machine.Kernel.CreateNamespace($"n{i}").Value.Dispose();
        Outcome<AttachResult>[] all = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(
            () => new Attacher(machine.Kernel, machine.Host.Options).AttachAsync(new AttachRequest { Vf = $"{machine.Pf}/0", NamespacePath = $"/run/netns/n{i}" }, cancel: None), None)));
        Assert.Single(all, one => one.Succeeded);
        Assert.All(all.Where(one => !one.Succeeded), one => Assert.Equal(FaultKind.Refused, one.Fault!.Kind));
        Outcome<DetachResult>[] back = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(
            () => new Detacher(machine.Kernel, machine.Host.Options).DetachAsync($"{machine.Pf}/0", cancel: None), None)));
        Assert.Single(back, one => one.Succeeded);
        Assert.All(back.Where(one => !one.Succeeded), one => Assert.Equal(FaultKind.NotFound, one.Fault!.Kind));
        for (int i = 0; i < 20; i++)
            _ = machine.Kernel.DeleteNamespace($"n{i}").Value;
        Assert.Equal(string.Join("\n", before), string.Join("\n", await machine.DescribeAsync()));
    }

    [Fact]
    public async Task AnAttachEndedAnywhereLeavesTheVfAsItWas()
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("igb", 2);
        machine.Kernel.CreateNamespace("blue").Value.Dispose();
        string[] before = await machine.DescribeAsync();
        AttachRequest request = new()
        {
            Vf = $"{machine.Pf}/0",
            NamespacePath = "/run/netns/blue",
            Mtu = 1400,
            Settings = new VfSettings { Mac = new MacAddress(0x02_00_00_00_00_07), Vlan = 7, VlanQos = 2, SpoofCheck = false },
        };
        for (int after = 0; after < 60; after++)
        {
            using CuttingKernel cutting = new(machine.Kernel, after);
            Task<Outcome<AttachResult>> attach = new Attacher(cutting, machine.Host.Options).AttachAsync(request, cancel: cutting.Token);
            try
            {
                if ((await attach).Succeeded)
                    _ = (await machine.Host.Detacher.DetachAsync(request.Vf, cancel: None)).Value;
            }
            catch (OperationCanceledException)
            {
                // What is attacked: the end of a wait at this very operation.
            }
            Assert.Equal(before, await machine.DescribeAsync());
            if (!cutting.Token.IsCancellationRequested)
                return;
        }
    }

    [Fact]
    public async Task SettingsEndedAnywhereAreAllOrNone()
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("igb", 2);
        string[] before = await machine.DescribeAsync();
        VfSettings wanted = new() { Mac = new MacAddress(0x02_00_00_00_00_07), Vlan = 7, VlanQos = 2, SpoofCheck = false };
        for (int after = 0; after < 60; after++)
        {
            using CuttingKernel cutting = new(machine.Kernel, after);
            bool isDone = false;
            try
            {
                isDone = (await new SriovHost(cutting, machine.Host.Options).SetAsync($"{machine.Pf}/0", wanted, force: false, dryRun: false, cancel: cutting.Token)).Succeeded;
            }
            catch (OperationCanceledException)
            {
                // What is attacked: the end of a wait at this very operation.
            }
            if (isDone)
                return;
            Assert.Equal(before, await machine.DescribeAsync());
        }
        Assert.Fail("the settings were never made");
    }

    [Theory]
    [InlineData("truncated-reply")]
    [InlineData("dump-interrupted")]
    [InlineData("busy")]
    [InlineData("lost-vf")]
    public async Task NoFaultOfTheMachineHangsOrEscapes(string name)
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("igb", 2);
        machine.Kernel.CreateNamespace("blue").Value.Dispose();
        for (int after = 0; after < 30; after++)
        {
            _ = machine.Kernel.Machine.Faults.Arm($"{name}*1+{after}").Value;
            Outcome<AttachResult> attached = await new Attacher(machine.Kernel, machine.Host.Options)
                .AttachAsync(new AttachRequest { Vf = $"{machine.Pf}/0", NamespacePath = "/run/netns/blue", Settings = new VfSettings { Vlan = 9 } }, cancel: None)
                .WaitAsync(TimeSpan.FromSeconds(60), None);
            foreach (SimulatedFault fault in Enum.GetValues<SimulatedFault>())
                machine.Kernel.Machine.Faults.Clear(fault);
            Assert.True(attached.Succeeded || attached.Fault!.Kind != FaultKind.Internal, attached.Fault?.Error);
            Outcome<DetachResult> back = await machine.Host.Detacher.DetachAsync($"{machine.Pf}/0", cancel: None).WaitAsync(TimeSpan.FromSeconds(60), None);
            Assert.True(back.Succeeded || back.Fault!.Kind == FaultKind.NotFound || name == "lost-vf", back.Fault?.Error);
        }
    }
}
