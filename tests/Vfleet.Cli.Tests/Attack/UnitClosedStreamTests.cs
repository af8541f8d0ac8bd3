using System.Diagnostics;

namespace Vfleet.Cli.Tests.Attack;

/// <summary>Whoever starts vfleet without a standard stream, or with one that nobody writes to.</summary>
public sealed class UnitClosedStreamTests : IDisposable
{
    private readonly string _place = Directory.CreateTempSubdirectory("vfleet-test-").FullName;

    [Theory]
    [InlineData("pf list")]
    [InlineData("version")]
    [InlineData("--help")]
    public async Task WithoutStandardOutputAResultIsLostAndThatIsSaid(string words)
    {
        CommandRun run = await ShellAsync($"{CommandProcess.VfleetQuoted} --host sim:igb {words} >&-");
        Assert.True(run.ExitCode is > 0 and < 8, $"{run.ExitCode}: {run.Errors}");
        Assert.StartsWith("vfleet: ", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pf list", false)]
    [InlineData("vf create enp1s0f0 2 --help", false)]
    [InlineData("vf create enp1s0f0 2 --dry-run", false)]
    [InlineData("vf create enp1s0f0 2", true)]
    public async Task WhereTheOutputDoesNotFitItIsSaidWhetherAnythingWasDone(string words, bool isDone)
    {
        CommandRun run = await ShellAsync($"{CommandProcess.VfleetQuoted} --host sim:igb {words} >/dev/full");
        Assert.Equal(5, run.ExitCode);
        Assert.Contains("could not be written to standard output", run.Errors, StringComparison.Ordinal);
        Assert.Equal(isDone, run.Errors.Contains("was carried out", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task WaitingForDocumentsIsEndedByASignal(string signal)
    {
        string pipe = $"{_place}/pipe";
        Assert.Equal(0, (await ShellAsync($"mkfifo '{pipe}'")).ExitCode);
        using Process process = CommandProcess.Start(["env", "--default-signal=INT", .. CommandProcess.Vfleet, "--host", "sim:igb", "plan", "-f", pipe]);
        // Whoever opens the other end waits until it reads, so its handlers are set; as long as it stays open there is more to wait for.
        ProcessStartInfo start = new("sh") { RedirectStandardOutput = true, ArgumentList = { "-c", $"exec 3>'{pipe}'; echo open; exec sleep 60" } };
        using Process writer = Process.Start(start)!;
        Assert.Equal("open", await writer.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)));
        using Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        writer.Kill();
        Assert.Equal(130, process.ExitCode);
    }

    public void Dispose() => Directory.Delete(_place, recursive: true);

    private static Task<CommandRun> ShellAsync(string script) => CommandProcess.RunAsync(["sh", "-c", script]);
}
