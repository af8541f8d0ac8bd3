using Vfleet.Host.Attach;
using Vfleet.Host.Inventory;
using Vfleet.Host.Isolation;
using Vfleet.Linux;

namespace Vfleet.Host.Tests.Isolation;

public sealed class UnitIsolationCheckTests
{
    private static readonly string[] Probes =
    [
        "same-vlan-reach", "broadcast-same-vlan", "forged-source", "tagged-inside", "mac-takeover",
        "other-vlan-reach", "broadcast-other-vlan", "foreign-vlan-tag",
    ];

    [Fact]
    public async Task TheEmulatedIgbLetsForgedFramesPassAlthoughItSaysSpoofCheckOn()
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("igb", 3);
        string[] before = await machine.DescribeAsync();
        List<IsolationProgress> stages = [];
        IsolationReport report = (await new IsolationCheck(machine.Host, IsolationMachine.Fast).RunAsync(machine.Pf, stages.Add)).Value;

        Assert.Equal(Probes, report.Results.Select(result => result.Name));
        Assert.Equal(["forged-source"], report.Results.Where(result => !result.Holds).Select(result => result.Name));
        ProbeResult forged = report.Results.Single(result => result.Name == "forged-source");
        Assert.Equal("spoof check on", forged.Promise);
        Assert.StartsWith("3 of 3 frames under an unknown address arrived", forged.Seen, StringComparison.Ordinal);
        Assert.Equal(5, report.Reach.Received);
        Assert.Equal(Enumerable.Range(0, stages[0].Total), stages.Select(stage => stage.Done));
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task ADeviceThatEnforcesSpoofCheckHoldsEveryPromise()
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("ixgbe", 2);
        string[] before = await machine.DescribeAsync();
        IsolationReport report = (await new IsolationCheck(machine.Host, IsolationMachine.Fast).RunAsync(machine.Pf)).Value;
        Assert.True(report.Holds, string.Join('\n', report.Results));
        Assert.StartsWith("0 of 3 frames under an unknown address arrived, 0 of 3 under the receiver's, 3 of 3",
            report.Results.Single(result => result.Name == "forged-source").Seen, StringComparison.Ordinal);
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task ADryRunNamesTheVfsAndTakesNone()
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("igb", 3);
        _ = (await machine.Host.BindAsync($"{machine.Pf}/0", "vfio-pci", force: false, dryRun: false)).Value;
        string[] before = await machine.DescribeAsync();
        (VirtualFunction first, VirtualFunction second) = (await new IsolationCheck(machine.Host).ChooseAsync(machine.Pf)).Value;
        Assert.Equal((1, 2), (first.Index, second.Index));
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task WithFewerThanTwoFreeVfsItNamesWhoHasTheOthers()
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("igb", 3);
        machine.Kernel.CreateNamespace("blue").Value.Dispose();
        _ = (await machine.Host.Attacher.AttachAsync(new AttachRequest { Vf = $"{machine.Pf}/0", NamespacePath = "/run/netns/blue" })).Value;
        _ = (await machine.Host.BindAsync($"{machine.Pf}/1", "vfio-pci", force: false, dryRun: false)).Value;
        string[] before = await machine.DescribeAsync();

        Fault fault = (await new IsolationCheck(machine.Host, IsolationMachine.Fast).RunAsync(machine.Pf)).Fault!;
        Assert.Equal(FaultKind.Refused, fault.Kind);
        Assert.Contains("takes two free VFs", fault.Error, StringComparison.Ordinal);
        Assert.Contains("attached to /run/netns/blue", fault.Cause, StringComparison.Ordinal);
        Assert.Contains("bound to vfio-pci", fault.Cause, StringComparison.Ordinal);
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task APfWithoutVfsOrCarrierIsRefused()
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("igb", 0);
        Fault none = (await new IsolationCheck(machine.Host).RunAsync(machine.Pf)).Fault!;
        Assert.Equal((FaultKind.Refused, $"{machine.Pf} has no VFs"), (none.Kind, none.Cause));
        machine.Kernel.Machine.SetCable((await machine.Host.FindPfAsync(machine.Pf)).Value.Address!.Value, plugged: false);
        Fault silent = (await new IsolationCheck(machine.Host).RunAsync(machine.Pf)).Fault!;
        Assert.Contains("no-carrier", silent.Error, StringComparison.Ordinal);
        Assert.Equal(FaultKind.NotFound, (await new IsolationCheck(machine.Host).RunAsync("eth99")).Fault!.Kind);
    }

    [Theory]
    [InlineData("attach")]
    [InlineData("same VLAN")]
    [InlineData("forged source")]
    [InlineData("MAC takeover")]
    [InlineData("other VLAN")]
    [InlineData("one VLAN again")]
    public async Task CancelledAtAnyStageEverythingIsPutBack(string stage)
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("igb", 2);
        string[] before = await machine.DescribeAsync();
        using CancellationTokenSource cancel = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new IsolationCheck(machine.Host, IsolationMachine.Fast).RunAsync(
            machine.Pf, at =>
            {
                if (at.Stage == stage)
                    cancel.Cancel();
            }, cancel.Token));
        Assert.Equal(before, await machine.DescribeAsync());
    }

    [Fact]
    public async Task WhenTheCableIsPulledHalfWayNothingIsShownAndEverythingIsPutBack()
    {
        using IsolationMachine machine = await IsolationMachine.CreateAsync("igb", 2);
        string[] before = await machine.DescribeAsync();
        PciAddress pf = (await machine.Host.FindPfAsync(machine.Pf)).Value.Address!.Value;
        Outcome<IsolationReport> measured = await new IsolationCheck(machine.Host, IsolationMachine.Fast).RunAsync(machine.Pf, at =>
        {
            if (at.Stage == "other VLAN")
                machine.Kernel.Machine.SetCable(pf, plugged: false);
        });
        Assert.Equal(FaultKind.TimedOut, measured.Fault!.Kind);
        machine.Kernel.Machine.SetCable(pf, plugged: true);
        Assert.Equal(before, await machine.DescribeAsync());
    }
}
