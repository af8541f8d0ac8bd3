using System.Text.Json;
using Vfleet.Cli.Tests;

namespace Vfleet.Agent.Tests;

/// <summary>The commands in this process, against an agent of this process or none.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class UnitAgentCommandTests
{
    private static readonly string Nowhere = Path.Combine(Path.GetTempPath(), "vfleet-no-agent", "agent.sock");

    [Fact]
    public async Task StatusTellsOfTheAgent()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync();
        CommandRun people = await CommandRun.OfAsync("status", "--socket", machine.Socket);
        Assert.Equal((0, ""), (people.ExitCode, people.Errors));
        Assert.Contains($"agent 1.2.3, process {Environment.ProcessId}, sim:igb", people.Output, StringComparison.Ordinal);
        Assert.Matches($@"(?m)^{machine.Pf} +3 +3 +0 +0", people.Output);
        JsonElement json = JsonDocument.Parse((await CommandRun.OfAsync("status", "--socket", machine.Socket, "-o",
            "json")).Output).RootElement;
        Assert.True(json.GetProperty("running").GetBoolean());
        Assert.Equal(3, json.GetProperty("pools")[0].GetProperty("free").GetInt32());
    }

    [Fact]
    public async Task StatusWithoutAnAgentSaysWhatWorksAndEndsWithThree()
    {
        CommandRun people = await CommandRun.OnAsync("igb", "status", "--socket", Nowhere);
        Assert.Equal(3, people.ExitCode);
        Assert.StartsWith($"no agent runs at {Nowhere}\nWithout it every command works", people.Output, StringComparison.Ordinal);
        CommandRun json = await CommandRun.OnAsync("igb", "status", "--socket", Nowhere, "-o", "json");
        Assert.Equal((3, false), (json.ExitCode, JsonDocument.Parse(json.Output).RootElement.GetProperty("running").GetBoolean()));
    }

    [Fact]
    public async Task TopShowsTheSameFromTheAgentAndFromTheMachine()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync();
        CommandRun run = await CommandRun.OfAsync("top", "--socket", machine.Socket, "-o", "json");
        JsonElement json = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal((true, 3), (json.GetProperty("agent").GetBoolean(), json.GetProperty("vfs").GetArrayLength()));
        Assert.Contains("0000:01:10.0", (await CommandRun.OfAsync("top", "--socket", machine.Socket)).Output, StringComparison.Ordinal);
        JsonElement alone = await CommandRun.JsonAsync("igb", "top", "--socket", Nowhere);
        Assert.Equal((false, 0), (alone.GetProperty("agent").GetBoolean(), alone.GetProperty("vfs").GetArrayLength()));
        Assert.Equal(2, (await CommandRun.OnAsync("igb", "top", "--interval", "0")).ExitCode);
    }

    [Fact]
    public async Task ReconcileMakesAPassThroughTheAgentOrAlone()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync();
        long before = (await machine.Client.StatusAsync()).Value.Passes;
        CommandRun run = await CommandRun.OfAsync("reconcile", "--socket", machine.Socket);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Contains("(asked for)", run.Output, StringComparison.Ordinal);
        Assert.True((await machine.Client.StatusAsync()).Value.Passes > before);
        JsonElement alone = await CommandRun.JsonAsync("igb", "reconcile", "--socket", Nowhere);
        Assert.Equal(JsonValueKind.Null, alone.GetProperty("fault").ValueKind);
    }

    [Fact]
    public async Task EventsAndMaintenanceNeedNoAgent()
    {
        string state = Directory.CreateTempSubdirectory("vfleet-agent-").FullName;
        Task<CommandRun> Run(params string[] words) => CommandRun.OfAsync(["--state", state, .. words]);
        Assert.Equal("nothing happened yet\n", (await Run("events")).Output);
        CommandRun begun = await Run("maintenance", "start", "--reason", "new cable");
        Assert.Equal((0, ""), (begun.ExitCode, begun.Errors));
        Assert.Equal(4, (await Run("maintenance", "start")).ExitCode);
        Assert.Contains("the machine since ", (await Run("maintenance", "show")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await Run("maintenance", "end")).ExitCode);
        Assert.Equal(3, (await Run("maintenance", "end")).ExitCode);
        Assert.Equal(3, (await Run("maintenance", "start", "eth99")).ExitCode);
        JsonElement rows = JsonDocument.Parse((await Run("events", "-o", "json", "--since", "1h")).Output).RootElement;
        Assert.Equal(["this machine: new cable", "this machine"],
            rows.EnumerateArray().Select(row => row.GetProperty("detail").GetString()));
        Assert.Single(JsonDocument.Parse((await Run("events", "-o", "json", "--since", "1")).Output).RootElement.EnumerateArray());
        Assert.Equal(2, (await Run("events", "--since", "someday")).ExitCode);
        Directory.Delete(state, recursive: true);
    }
}
