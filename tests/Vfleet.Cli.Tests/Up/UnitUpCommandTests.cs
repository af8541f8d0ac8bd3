namespace Vfleet.Cli.Tests.Up;

/// <summary><c>vfleet up</c> for people.</summary>
public sealed class UnitUpCommandTests
{
    [Fact]
    public async Task PfsVfsOwnersChecksAndMeasurementsAreTables()
    {
        CommandRun run = await UpAsync("igb");
        IEnumerable<string> firstLines = run.Output.TrimEnd('\n').Split("\n\n").Skip(1).Select(part => part.Split('\n')[0]);

        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("mode: simulated", run.Output, StringComparison.Ordinal);
        Assert.Equal(
            [
                "PF BDF DRIVER VFS NUMA LINK MBIT/S MAC DEVICE", "VF PF DRIVER NETDEV NAMESPACE MAC VLAN SPOOFCHK TRUST",
                "OWNER VF INTERFACE ADDRESS VLAN MAC", "CHECK DETAIL", "MEASUREMENT EXPECTED SEEN", "all checks passed",
            ],
            firstLines.Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
        Assert.Matches(@"(?m)^vfleet-red +0000:01:10\.4 +eth0 +10\.90\.0\.3/24 +200 +02:", run.Output);
    }

    [Theory]
    [InlineData("nvme", "its driver is nvme")]
    [InlineData("netdevsim", "it is no PCI device")]
    public async Task AMachineWithoutAFitNicSaysSo(string profile, string why)
    {
        CommandRun run = await UpAsync(profile);

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("has no NIC", run.Errors, StringComparison.Ordinal);
        Assert.Contains(why, run.Errors, StringComparison.Ordinal);
    }

    internal static Task<CommandRun> UpAsync(string profile, params string[] more) =>
        CommandProcess.RunAsync([.. CommandProcess.Vfleet, "--host", $"sim:{profile}", "up", .. more]);
}
