using System.Text.Json;
using Vfleet.Host.State;

namespace Vfleet.Host.Tests.State;

public sealed class UnitForceLogTests : IDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("vfleet-test-").FullName;

    [Fact]
    public void EveryOverrideIsALineWithTimeUserCommandAndReasons()
    {
        ForceLog log = new(Path.Combine(_state, "new"), TimeProvider.System, "alice");
        _ = log.Append("vf delete eth0", ["0000:01:10.0: attached to \"blue\"\nsince"]).Value;
        _ = log.Append("vf set eth0/1", []).Value;
        string[] lines = File.ReadAllLines(Path.Combine(_state, "new", "forced.jsonl"));
        Assert.Equal(2, lines.Length);
        JsonElement first = JsonDocument.Parse(lines[0]).RootElement;
        Assert.Equal("vf delete eth0", first.GetProperty("command").GetString());
        Assert.Equal(Environment.UserName, first.GetProperty("user").GetString());
        Assert.Equal("alice", first.GetProperty("sudoUser").GetString());
        Assert.True(first.GetProperty("at").TryGetDateTimeOffset(out _));
        Assert.Equal("0000:01:10.0: attached to \"blue\"\nsince", first.GetProperty("overridden")[0].GetString());
    }

    public void Dispose() => Directory.Delete(_state, recursive: true);
}
