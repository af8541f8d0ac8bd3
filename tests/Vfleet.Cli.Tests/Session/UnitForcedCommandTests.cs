using System.Text.Json;
using Vfleet.Cli.Commands;
using Vfleet.Cli.Session;
using Vfleet.Host.Locks;
using Vfleet.Linux;

namespace Vfleet.Cli.Tests.Session;

public sealed class UnitForcedCommandTests
{
    [Fact]
    public async Task WhatForceOverridesIsWrittenDownInWords()
    {
        string[] lines = [];
        int code = await RunAsync(async session =>
        {
            Outcome<Unit> refused = await session.WritesAsync(true, "vf set eth0/1", forced => Answer(forced ? null : Fault.Refused("in use", "blue has it")), default);
            Outcome<Unit> free = await session.WritesAsync(true, "vf set eth0/2", _ => Answer(null), default);
            Outcome<Unit> plain = await session.WritesAsync(false, "vf set eth0/3", _ => Answer(Fault.Refused("in use")), default);
            lines = await File.ReadAllLinesAsync(LogOf(session));
            return refused.Fault ?? free.Fault ?? plain.Fault;
        });
        Assert.Equal(0, code);
        Assert.Equal(2, lines.Length);
        Assert.Equal("in use: blue has it", JsonDocument.Parse(lines[0]).RootElement.GetProperty("overridden")[0].GetString());
        Assert.Equal(0, JsonDocument.Parse(lines[1]).RootElement.GetProperty("overridden").GetArrayLength());
    }

    [Fact]
    public async Task WhatForceDoesNotOverrideEndsTheCommandAndIsNotWrittenDown()
    {
        int code = await RunAsync(async session =>
        {
            Fault range = Fault.Usage("VLAN 5000 is out of range");
            Outcome<Unit> both = await session.WritesAsync(true, "vf set eth0/1", forced => Answer(forced ? range : Fault.Refused("in use")), default);
            Assert.Same(range, both.Fault);
            Assert.False(File.Exists(LogOf(session)));
            return null;
        });
        Assert.Equal(0, code);
    }

    [Fact]
    public async Task WaitingForAnotherThatWritesIsEndedByACancel()
    {
        int code = await RunAsync(async session =>
        {
            using CancellationTokenSource cancel = new();
            LockPatience none = new(TimeSpan.Zero, Fault.TimedOut("late"));
            using FileStream other = (await StateLock.TakeAsync(session.Host.Options, "forced", isShared: false, none, default)).Value;
            Task<Outcome<Unit>> waiting = session.WritesAsync("vf create eth0 0", ["in use"], cancel.Token);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
            return null;
        });
        Assert.Equal(0, code);
    }

    private static Task<Outcome<int>> Answer(Fault? fault) => Task.FromResult(fault is null ? 0 : (Outcome<int>)fault);

    private static string LogOf(HostSession session) => Path.Combine(session.Host.Options.StateDirectory, "forced.jsonl");

    private static Task<int> RunAsync(Func<HostSession, Task<Fault?>> work) =>
        HostSession.RunAsync(VfleetCommand.Create().Parse(["--host", "sim:igb", "pf", "list"]), work);
}
