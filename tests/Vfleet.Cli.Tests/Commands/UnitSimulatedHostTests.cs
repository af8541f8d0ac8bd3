using System.Text.RegularExpressions;
using Vfleet.Simulation;

namespace Vfleet.Cli.Tests.Commands;

/// <summary><c>--host sim:PROFILE</c> and <c>--verbose</c>.</summary>
[Collection(ConsoleCollection.Name)]
public sealed partial class UnitSimulatedHostTests
{
    public static TheoryData<string> Profiles => new(SimulationProfiles.Names);

    /// <summary>A machine begins with each command, so there are no VFs but those the command makes.</summary>
    [Theory]
    [MemberData(nameof(Profiles))]
    public async Task EveryCommandRunsOnEveryProfile(string profile)
    {
        string pf = await CommandRun.PfOfAsync(profile);
        await EndsAsync([0], "pf", "list");
        await EndsAsync([0], "pf", "show", pf);
        await EndsAsync([0], "vf", "list");
        await EndsAsync([0], "vf", "list", pf);
        await EndsAsync([0], "vf", "create", pf, "2");
        await EndsAsync([0], "vf", "create", pf, "2", "--dry-run");
        await EndsAsync([0], "vf", "delete", pf);
        await EndsAsync([3], "vf", "show", $"{pf}/0");
        await EndsAsync([3], "vf", "set", $"{pf}/0", "--vlan", "5");
        await EndsAsync([3], "vf", "bind", $"{pf}/0", "native");
        await EndsAsync([3], "vf", "reset", $"{pf}/0");
        await EndsAsync([3], "attach", $"{pf}/0", "--netns", "blue");
        await EndsAsync([3], "detach", $"{pf}/0");
        await EndsAsync([0, 5], "preflight");
        await EndsAsync([0, 5], "preflight", pf);
        await EndsAsync([4, 5], "preflight", pf, "--isolation");
        await EndsAsync([0], "down");

        async Task EndsAsync(int[] codes, params string[] words)
        {
            CommandRun run = await CommandRun.OnAsync(profile, words);
            Assert.True(codes.Contains(run.ExitCode), $"{string.Join(' ', words)}: {run.ExitCode}\n{run.Errors}");
        }
    }

    [Theory]
    [InlineData("sim:nosuch")]
    [InlineData("sim:")]
    [InlineData("igb")]
    public async Task AHostThatIsNoneIsWrongUsageAndNamesTheProfiles(string host)
    {
        CommandRun run = await CommandRun.OfAsync("--host", host, "pf", "list");

        Assert.Equal(2, run.ExitCode);
        Assert.All(SimulationProfiles.Names, name => Assert.Contains(name, run.Errors, StringComparison.Ordinal));
    }

    [Fact]
    public async Task VerbosePrintsKernelOperationsWithTheirTimesOnStandardError()
    {
        string[] words = ["vf", "create", "enp1s0f0", "1", "-o", "json"];
        CommandRun quiet = await CommandRun.OnAsync("igb", words);
        CommandRun verbose = await CommandRun.OnAsync("igb", ["--verbose", .. words]);
        string[] operations = [.. verbose.Errors.TrimEnd('\n').Split('\n')];

        Assert.DoesNotMatch(Operation(), quiet.Errors);
        Assert.Equal(quiet.Output, verbose.Output);
        Assert.All(operations, line => Assert.Matches(Operation(), line));
        Assert.All(
            ["netlink Route: RTM_GETLINK dump", "echo 1 > /sys/bus/pci/devices/0000:01:00.0/sriov_numvfs"],
            (string what) => Assert.Contains(operations, line => line.EndsWith($"ms  {what}", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"^ *\d+\.\d{3} ms  \S", RegexOptions.Multiline)]
    private static partial Regex Operation();
}
