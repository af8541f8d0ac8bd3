using System.Text.Json;
using Vfleet.Host.State;

namespace Vfleet.Host.Tests.State;

public sealed class UnitForceLogTests : IDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("vfleet-test-").FullName;

    [Fact]
    public async Task EveryOverrideIsALineWithTimeUserCommandAndReasons()
    {
        ForceLog log = new(new HostOptions { StateDirectory = Path.Combine(_state, "new") }, "alice");
        _ = (await log.AppendAsync("vf delete eth0", ["0000:01:10.0: attached to \"blue\"\nsince"])).Value;
        _ = (await log.AppendAsync("vf set eth0/1", [])).Value;
        string[] lines = File.ReadAllLines(Path.Combine(_state, "new", "forced.jsonl"));
        Assert.Equal(2, lines.Length);
        JsonElement first = JsonDocument.Parse(lines[0]).RootElement;
        Assert.Equal("vf delete eth0", first.GetProperty("command").GetString());
        Assert.Equal(Environment.UserName, first.GetProperty("user").GetString());
        Assert.Equal("alice", first.GetProperty("sudoUser").GetString());
        Assert.True(first.GetProperty("at").TryGetDateTimeOffset(out _));
        Assert.Equal("0000:01:10.0: attached to \"blue\"\nsince", first.GetProperty("overridden")[0].GetString());
    }

    [Fact]
    public async Task OfManyAtOnceNoneIsOverwritten()
    {
        ForceLog log = new(new HostOptions { StateDirectory = _state }, null);
        string[] commands = [.. Enumerable.Range(0, 40).Select(number => $"vf set eth0/{number} {new string('x', 40 * number)}")];
        await Task.WhenAll(commands.Select(command => Task.Run(async () => _ = (await log.AppendAsync(command, [])).Value)));
        IEnumerable<string?> written = File.ReadAllLines(Path.Combine(_state, "forced.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("command").GetString());
        Assert.Equal(commands.Order(StringComparer.Ordinal), written.Order(StringComparer.Ordinal));
    }

    public void Dispose() => Directory.Delete(_state, recursive: true);
}
