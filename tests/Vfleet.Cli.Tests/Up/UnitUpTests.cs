using Vfleet.Cli.Up;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Cli.Tests.Up;

public sealed class UnitUpTests : IDisposable
{
    private readonly UpMachine _machine = new();
    private Action<string> _said = _ => { };

    private UpRunner Runner => _machine.RunnerThat(line => _said(line));

    [Fact]
    public async Task WhatUpMadeDownRemoves()
    {
        UpState state = (await SetAsync()).Value;
        Assert.Equal(["vfleet-blue", "vfleet-green", "vfleet-red"], Named());
        Assert.Equal(3, state.Attached.Count);
        Assert.True((await Runner.DownAsync(default)).Value);
        Assert.Empty(Named());
        Assert.Empty(await VfsAsync());
        Assert.False((await Runner.DownAsync(default)).Value);
    }

    [Fact]
    public async Task ANamespaceThatSomebodyElseMadeIsNeitherUsedNorRemoved()
    {
        _machine.Kernel.CreateNamespace("vfleet-green").Value.Dispose();
        Fault fault = (await SetAsync()).Fault!;
        Assert.Equal(FaultKind.Refused, fault.Kind);
        Assert.Contains("vfleet-green", fault.Error, StringComparison.Ordinal);
        Assert.Empty(await VfsAsync());
        Assert.False((await Runner.DownAsync(default)).Value);
        Assert.Equal(["vfleet-green"], Named());
    }

    [Fact]
    public async Task ANamespaceThatSomebodyMadeMeanwhileIsLeftToThem()
    {
        _said = line =>
        {
            if (line.Contains("vfleet-blue", StringComparison.Ordinal))
                _machine.Kernel.CreateNamespace("vfleet-red").Value.Dispose();
        };
        Assert.Equal(FaultKind.Refused, (await SetAsync()).Fault!.Kind);
        Assert.True((await Runner.DownAsync(default)).Value);
        Assert.Equal(["vfleet-red"], Named());
        Assert.Empty(await VfsAsync());
    }

    [Fact]
    public async Task AVfIsWrittenDownBeforeItIsAttached()
    {
        _said = line =>
        {
            if (line.StartsWith("giving", StringComparison.Ordinal))
                Assert.Contains(line.Split(' ')[1], File.ReadAllText(Path.Combine(_machine.State, "up.json")), StringComparison.Ordinal);
        };
        Assert.True((await SetAsync()).Succeeded);
    }

    [Theory]
    [InlineData("creating")]
    [InlineData("to vfleet-blue")]
    [InlineData("to vfleet-red")]
    public async Task WhatWasCutShortDownRemovesAndUpFinishes(string at)
    {
        _said = line =>
        {
            if (line.Contains(at, StringComparison.Ordinal))
                throw new OperationCanceledException();
        };
        await Assert.ThrowsAsync<OperationCanceledException>(SetAsync);
        _said = _ => { };
        Assert.Equal(3, (await SetAsync()).Value.Attached.Count);
        Assert.True((await Runner.DownAsync(default)).Value);
        Assert.Empty(Named());
        Assert.Empty(await VfsAsync());
    }

    [Fact]
    public async Task AnAttachThatWasCutShortIsDoneAnew()
    {
        UpState state = (await SetAsync()).Value;
        string vf = state.Attached["vfleet-blue"];
        // As after a crash before the end of the attach was written down: nobody knows how far it came.
        _ = new UpStateFile(_machine.State).Write(state with { Pending = "vfleet-blue" }).Value;
        List<string> said = [];
        _said = said.Add;
        UpState again = (await SetAsync()).Value;
        Assert.Contains(said, line => line.StartsWith($"giving {vf} to vfleet-blue", StringComparison.Ordinal));
        Assert.Null(again.Pending);
        Assert.Equal("/run/netns/vfleet-blue", (await _machine.Host.FindVfAsync(vf)).Value.Vf.NamespacePath);
    }

    [Fact]
    public async Task AVfThatIsSomebodyElsesByNowIsLeftToThem()
    {
        UpState state = (await SetAsync()).Value;
        string vf = state.Attached["vfleet-blue"];
        _ = (await _machine.Node().Value.ReleaseAsync(vf)).Value;
        await _machine.AttachAsync(vf, "theirs");
        Fault fault = (await Runner.DownAsync(default)).Fault!;
        Assert.Equal(FaultKind.Refused, fault.Kind);
        Assert.Equal("/run/netns/theirs", Assert.Single(_machine.Records.List().Value).NamespacePath);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("192.0.2.7/24")]
    public async Task APfThatWasDownGoesDownAgainUnlessSomebodyUsesItByNow(string? address)
    {
        PhysicalFunction pf = (await _machine.Host.FindPfAsync("enp1s0f0")).Value;
        using RouteClient route = RouteClient.Open(_machine.Kernel).Value;
        _ = (await route.ChangeLinkAsync(pf.InterfaceIndex, pf.Label, new LinkChange { Up = false })).Value;
        Assert.True((await SetAsync()).Value.RaisedPf);
        if (IPNetworkAddress.TryParse(address ?? "", out IPNetworkAddress? theirs))
            _ = (await route.AddAddressAsync(pf.InterfaceIndex, pf.Label, theirs)).Value;
        Assert.True((await Runner.DownAsync(default)).Value);
        Assert.Equal(address is not null, (await _machine.Host.FindPfAsync("enp1s0f0")).Value.IsUp);
    }

    [Fact]
    public async Task OfASceneOfAnEarlierBootNothingIsRemoved()
    {
        UpState state = (await SetAsync()).Value;
        foreach (string vf in state.Attached.Values)
            _ = (await _machine.Node().Value.ReleaseAsync(vf)).Value;
        _ = new UpStateFile(_machine.State).Write(state with { BootId = "earlier" }).Value;
        Assert.True((await Runner.DownAsync(default)).Value);
        Assert.Equal(3, Named().Count);
        Assert.Equal(7, (await VfsAsync()).Count);
    }

    [Fact]
    public async Task VfsThatSomebodyMadeAfterAnUpThatFailedAreLeftToThem()
    {
        Assert.True(_machine.Kernel.Machine.Faults.Arm($"busy@{(await _machine.Host.FindPfAsync(UpMachine.First)).Value.DeviceName}*1").Succeeded);
        Assert.Equal(FaultKind.Kernel, (await SetAsync()).Fault!.Kind);
        await _machine.CountAsync(UpMachine.First, 7);
        Assert.True((await Runner.DownAsync(default)).Value);
        Assert.Equal(7, (await VfsAsync()).Count);
    }

    [Fact]
    public async Task VfsOfAnotherNumberThanUpMadeAreLeftToWhoeverMadeThem()
    {
        UpState state = (await SetAsync()).Value;
        foreach (string vf in state.Attached.Values)
            _ = (await _machine.Node().Value.ReleaseAsync(vf)).Value;
        await _machine.CountAsync(UpMachine.First, 0);
        await _machine.CountAsync(UpMachine.First, 4);
        Assert.True((await Runner.DownAsync(default)).Value);
        Assert.Empty(Named());
        Assert.Equal(4, (await VfsAsync()).Count);
    }

    [Fact]
    public async Task VfsThatSomebodyMakesBetweenLookAndCreationAreNotMadeAnew()
    {
        PhysicalFunction seen = (await Runner.ChooseAsync(default)).Value.Pf!;
        await _machine.CountAsync(UpMachine.First, 1);
        Assert.Equal(FaultKind.Refused, (await Runner.SetAsync(seen, default)).Fault!.Kind);
        Assert.Single(await VfsAsync());
    }

    [Fact]
    public async Task AVfReservedByAnUpThatWasKilledIsNotInTheWayOfDown()
    {
        UpState state = (await SetAsync()).Value;
        string vf = state.Attached["vfleet-blue"];
        _ = (await _machine.Node().Value.ReleaseAsync(vf)).Value;
        _machine.ReserveByTheDead(vf, "/run/netns/vfleet-blue");
        _ = new UpStateFile(_machine.State).Write(state with { Pending = "vfleet-blue" }).Value;
        Assert.True((await Runner.DownAsync(default)).Value);
        Assert.Empty(await VfsAsync());
    }

    public void Dispose() => _machine.Dispose();

    private async Task<Outcome<UpState>> SetAsync() => await Runner.SetAsync((await Runner.ChooseAsync(default)).Value.Pf!, default);

    private IReadOnlyList<string> Named() => _machine.Kernel.Files.List("/run/netns").Value;

    private async Task<IReadOnlyList<VirtualFunction>> VfsAsync() => (await _machine.Host.Inventory.ListVfsAsync()).Value;
}
