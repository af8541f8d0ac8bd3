namespace Vfleet.Cli.Tests.Commands;

/// <summary>Words that cannot be meant: exit code 2, a message that names them, and no operation that changes anything.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class UnitBadInputTests
{
    private static readonly string[] Changes = ["echo ", "RTM_SETLINK", "RTM_NEW", "RTM_DEL", "ip netns", "open vfio"];

    [Theory]
    [InlineData("02:00:00:00:00", "vf", "set", "VF", "--mac", "02:00:00:00:00")]
    [InlineData("02:00:00:00:00:zz", "vf", "set", "VF", "--mac", "02:00:00:00:00:zz")]
    [InlineData("-1", "vf", "set", "VF", "--max-rate", "-1")]
    [InlineData("-5", "vf", "set", "VF", "--min-rate=-5")]
    [InlineData("99999999999", "vf", "set", "VF", "--max-rate", "99999999999")]
    [InlineData("fast", "vf", "set", "VF", "--max-rate", "fast")]
    [InlineData("4095", "vf", "set", "VF", "--vlan", "4095")]
    [InlineData("8", "vf", "set", "VF", "--vlan", "7", "--qos", "8")]
    [InlineData("0000:01:10", "vf", "show", "0000:01:10")]
    [InlineData("0000:01:10.9", "vf", "reset", "0000:01:10.9")]
    [InlineData("a/b", "attach", "VF", "--netns", "a/b")]
    [InlineData("nosuch", "vf", "create", "enp1s0f0", "2", "--driver", "nosuch")]
    [InlineData("../x", "vf", "create", "enp1s0f0", "2", "--driver", "../x")]
    public async Task AWordThatCannotBeMeantIsNamedAndChangesNothing(string bad, params string[] words)
    {
        CommandRun run = await CommandRun.OnAsync("igb", ["--verbose", .. words.Select(word => word == "VF" ? "enp1s0f0/0" : word)]);

        Assert.True(run.ExitCode == 2, $"{run.ExitCode}: {run.Errors}");
        string message = Assert.Single(run.Errors.Split('\n'), line => line.StartsWith("vfleet: ", StringComparison.Ordinal));
        Assert.Contains(bad, message, StringComparison.Ordinal);
        string operations = run.Errors.Replace("netlink Route: ", "", StringComparison.Ordinal);
        Assert.All(Changes, change => Assert.DoesNotContain($"ms  {change}", operations, StringComparison.Ordinal));
    }
}
