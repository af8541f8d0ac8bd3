using Vfleet.Agent.Log;
using Vfleet.Agent.Loop;

namespace Vfleet.Agent.Tests;

/// <summary>Alone, because one of them measures the memory of the whole process.</summary>
[CollectionDefinition(nameof(UnitReconcileLoopTests), DisableParallelization = true)]
[Collection(nameof(UnitReconcileLoopTests))]
public sealed class UnitReconcileLoopTests : IAsyncDisposable
{
    private static readonly LoopOptions Options = new();
    private readonly VirtualTime _time = new();
    private readonly LogLines _log = new();
    private readonly CancellationTokenSource _end = new();
    private readonly ScriptedPass _pass;
    private readonly ReconcileLoop _loop;
    private Task _running = Task.CompletedTask;

    public UnitReconcileLoopTests()
    {
        _pass = new ScriptedPass(_time);
        _loop = new ReconcileLoop(_pass, Options, _time, new AgentLog(_log, isJournal: false));
    }

    [Fact]
    public async Task APassIsMadeAtTheStartAndEachIntervalAndNoneBetween()
    {
        await StartAsync();
        _time.Advance(Options.Interval - TimeSpan.FromMilliseconds(1));
        await Task.Delay(50);
        Assert.Equal([TimeSpan.Zero], _pass.Begun);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await _pass.BeganAsync(2);
        await _time.WaitsAsync(Options.Interval);
        Assert.Equal("interval", _loop.Status.Last!.Cause);
        Assert.Equal((2, 0), (_loop.Status.Passes, _loop.Status.Failed));
    }

    [Fact]
    public async Task ManyEventsAreOnePassWithinASecond()
    {
        await StartAsync();
        for (int i = 0; i < 1000; i++)
            _loop.Wake("pci event");
        await _time.WaitsAsync(Options.Settle);
        _time.Advance(Options.Settle);
        await _pass.BeganAsync(2);
        await _time.WaitsAsync(Options.Interval);
        Assert.Equal([TimeSpan.Zero, Options.Settle], _pass.Begun);
        Assert.Equal(("pci event", Options.Settle), (_loop.Status.Last!.Cause, _loop.Status.EventLag));
        Assert.True(Options.SettleAfter(TimeSpan.FromMinutes(1)) < TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task EventsThatComeDuringAPassAreLookedAtByTheNextAndTwoNeverRunAtOnce()
    {
        await StartAsync();
        TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _pass.Run = async _ =>
        {
            await release.Task;
            return new PassSummary(0, []);
        };
        Task<PassRecord> asked = _loop.PassNowAsync("first");
        await _pass.BeganAsync(2);
        Task<PassRecord> second = _loop.PassNowAsync("second");
        _loop.Wake("link event");
        Assert.False(asked.IsCompleted);
        release.SetResult();
        Assert.Equal("first", (await asked).Cause);
        Assert.Equal("second", (await second).Cause);
        await _time.WaitsAsync(Options.Interval);
        Assert.Equal(3, _pass.Begun.Count);
        Assert.False(_pass.Overlapped);
    }

    [Fact]
    public async Task AFailedPassIsLoggedAndTriedAgainLaterEachTime()
    {
        _pass.Run = _ => Task.FromResult<Outcome<PassSummary>>(Fault.TimedOut("the files of eth0 block", "its driver is stuck"));
        _running = _loop.RunAsync(_end.Token);
        foreach (double seconds in (double[])[0.5, 1, 2, 4, 5, 5])
        {
            await _time.WaitsAsync(TimeSpan.FromSeconds(seconds));
            _time.Advance(TimeSpan.FromSeconds(seconds));
        }
        await _time.WaitsAsync(Options.Interval);
        Assert.Equal((7, 7), (_loop.Status.Passes, _loop.Status.Failed));
        string line = await _log.WithAsync("pass failed");
        Assert.Contains("error=\"the files of eth0 block\" cause=\"its driver is stuck\"", line, StringComparison.Ordinal);
        _pass.Run = _ => Task.FromResult<Outcome<PassSummary>>(new PassSummary(2, []));
        Assert.Equal(2, (await _loop.PassNowAsync("asked for")).Changes);
        await _time.WaitsAsync(Options.Interval);
    }

    [Fact]
    public async Task ADefectInAPassEndsThePassAndNotTheLoop()
    {
        _pass.Run = _ => throw new InvalidOperationException("impossible");
        _running = _loop.RunAsync(_end.Token);
        await _loop.FirstPass;
        Assert.Equal(FaultKind.Internal, _loop.Status.Last!.Fault!.Kind);
        _pass.Run = _ => Task.FromResult<Outcome<PassSummary>>(new PassSummary(0, []));
        Assert.Null((await _loop.PassNowAsync("asked for")).Fault);
    }

    [Fact]
    public async Task CancellingEndsARunningPassAndThoseWhoWait()
    {
        await StartAsync();
        _pass.Run = async cancel =>
        {
            await Task.Delay(Timeout.Infinite, cancel);
            return new PassSummary(0, []);
        };
        Task<PassRecord> asked = _loop.PassNowAsync("first");
        await _pass.BeganAsync(2);
        Task<PassRecord> waiting = _loop.PassNowAsync("second");
        await _end.CancelAsync();
        await _running;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public void APassThatTakesLongLeavesAsMuchTimeToOthers()
    {
        Assert.Equal(TimeSpan.FromSeconds(4), Options.Pause(TimeSpan.FromSeconds(1), 0));
        Assert.Equal(TimeSpan.FromSeconds(20), Options.Pause(TimeSpan.FromSeconds(20), 0));
        Assert.Equal(TimeSpan.FromMilliseconds(400), Options.SettleAfter(TimeSpan.FromMilliseconds(100)));
        Assert.Equal(Options.Interval, Options.Pause(TimeSpan.Zero, 100));
    }

    /// <summary>A day of passes with events, and nothing of them stays.</summary>
    [Fact]
    public async Task ManyPassesLeaveNothingBehind()
    {
        await StartAsync();
        long before = 0;
        for (int i = 0; i < 20_000; i++)
        {
            if (i == 2_000)
                before = GC.GetTotalMemory(forceFullCollection: true);
            _loop.Wake("pci event");
            await _loop.PassNowAsync("asked for");
        }
        long grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(grown < 1_000_000, $"{grown} bytes more after {_loop.Status.Passes} passes");
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _end.Dispose();
        await _log.DisposeAsync();
    }

    private async Task StartAsync()
    {
        _running = _loop.RunAsync(_end.Token);
        await _loop.FirstPass;
        await _time.WaitsAsync(Options.Interval);
    }
}
