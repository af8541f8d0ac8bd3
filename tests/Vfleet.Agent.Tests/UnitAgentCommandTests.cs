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
    public async Task TopSortsAndFiltersAndRefusesWhatIsNoColumn()
    {
        await using AgentMachine machine = await AgentMachine.CreateAsync();
        _ = (await machine.Client.AllocateAsync(
            new Vfleet.Agent.Api.AllocationOrder { Owner = "blue", Tenant = "acme", Vf = $"{machine.Pf}/1" })).Value;
        CommandRun few = await CommandRun.OfAsync("top", "--socket", machine.Socket, "-o", "json", "--filter", "ACME");
        JsonElement only = Assert.Single(JsonDocument.Parse(few.Output).RootElement.GetProperty("vfs").EnumerateArray());
        Assert.Equal("blue", only.GetProperty("owner").GetString());
        CommandRun sorted = await CommandRun.OfAsync("top", "--socket", machine.Socket, "--sort", "vf", "--reverse");
        Assert.Equal(0, sorted.ExitCode);
        Assert.True(sorted.Output.IndexOf("0000:01:10.4", StringComparison.Ordinal) < sorted.Output.IndexOf("0000:01:10.0",
            StringComparison.Ordinal));
        Assert.Contains("no VF has \"nobody\"", (await CommandRun.OfAsync("top", "--socket", machine.Socket, "--filter", "nobody")).Output,
            StringComparison.Ordinal);
        CommandRun wrong = await CommandRun.OfAsync("top", "--socket", machine.Socket, "--sort", "packet");
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("did you mean packets?", wrong.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StatsAreTheAgentsAndItSaysHowToStartOne()
    {
        CommandRun none = await CommandRun.OnAsync("igb", "stats", "0000:01:10.0", "--socket", Nowhere);
        Assert.Equal(3, none.ExitCode);
        Assert.Contains($"recent history is kept by the agent, and none runs at {Nowhere}", none.Errors, StringComparison.Ordinal);
        Assert.Contains("start one with `vfleet agent`", none.Errors, StringComparison.Ordinal);
        Assert.Equal(2, (await CommandRun.OnAsync("igb", "stats", "0000:01:10.0", "--since", "2d")).ExitCode);
        Assert.Equal(2, (await CommandRun.OnAsync("igb", "stats", "0000:01:10.0", "--step", "7s")).ExitCode);

        await using AgentMachine machine = await AgentMachine.CreateAsync();
        CommandRun run = await CommandRun.OfAsync("stats", $"{machine.Pf}/0", "--socket", machine.Socket, "-o", "json");
        JsonElement json = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(("0000:01:10.0", 5, 600), (json.GetProperty("vf").GetString(), json.GetProperty("stepSeconds").GetInt32(),
            json.GetProperty("sinceSeconds").GetInt32()));
        Assert.Equal(3, (await CommandRun.OfAsync("stats", "eth99/0", "--socket", machine.Socket)).ExitCode);
    }

    [Theory]
    [InlineData(2, "give --metrics too", "--metrics-token-file", "/nowhere/token")]
    [InlineData(2, "give --metrics too", "--metrics-insecure-token")]
    [InlineData(2, "--metrics-key needs --metrics-certificate", "--metrics", "127.0.0.1:0", "--metrics-key", "/nowhere/key")]
    [InlineData(4, "--metrics-insecure-token", "--metrics", "0.0.0.0:0", "--metrics-token-file", "/nowhere/token")]
    [InlineData(3, "/nowhere/token cannot be read", "--metrics", "127.0.0.1:0", "--metrics-token-file", "/nowhere/token")]
    [InlineData(3, "/nowhere/tls.crt cannot be read", "--metrics", "127.0.0.1:0", "--metrics-certificate", "/nowhere/tls.crt")]
    public async Task AnAgentDoesNotStartWithMetricsThatCannotBeSecured(int code, string words, params string[] options)
    {
        string folder = Directory.CreateTempSubdirectory("vfleet-agent-").FullName;
        CommandRun run = await CommandRun.OnAsync("igb", ["agent", "--socket", Path.Combine(folder, "agent.sock"), .. options]);
        Assert.Equal(code, run.ExitCode);
        Assert.Contains(words, run.Errors, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
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
