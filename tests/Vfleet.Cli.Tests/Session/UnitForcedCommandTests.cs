using System.Text.Json;
using Vfleet.Cli.Commands;
using Vfleet.Cli.Session;
using Vfleet.Linux;

namespace Vfleet.Cli.Tests.Session;

public sealed class UnitForcedCommandTests
{
    [Fact]
    public async Task WhatForceOverridesIsWrittenDownInWords()
    {
        string[] lines = [];
        int code = await HostSession.RunAsync(VfleetCommand.Create().Parse(["--host", "sim:igb", "pf", "list"]), async session =>
        {
            Outcome<Unit> refused = await session.WritesAsync(true, "vf set eth0/1", () => Task.FromResult<Outcome<int>>(Fault.Refused("in use", "blue has it")));
            Outcome<Unit> free = await session.WritesAsync(true, "vf set eth0/2", () => Task.FromResult<Outcome<int>>(0));
            Outcome<Unit> lost = await session.WritesAsync(true, "vf set eth0/4", () => Task.FromResult<Outcome<int>>(Fault.NotFound("no VF eth0/4")));
            Outcome<Unit> plain = await session.WritesAsync(false, "vf set eth0/3", () => Task.FromResult<Outcome<int>>(Fault.Refused("in use")));
            lines = await File.ReadAllLinesAsync(Path.Combine(session.Host.Options.StateDirectory, "forced.jsonl"));
            return refused.Fault ?? free.Fault ?? lost.Fault ?? plain.Fault;
        });
        Assert.Equal(0, code);
        Assert.Equal(3, lines.Length);
        Assert.Equal("in use: blue has it", JsonDocument.Parse(lines[0]).RootElement.GetProperty("overridden")[0].GetString());
        Assert.All(lines[1..], line => Assert.Equal(0, JsonDocument.Parse(line).RootElement.GetProperty("overridden").GetArrayLength()));
    }
}
