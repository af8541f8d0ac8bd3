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
        // It has opened the pipe, or waits to: /proc tells that its handlers are set.
        while (!HandlesInterrupts(process.Id))
            await Task.Delay(20);
        await Task.Delay(500);
        using Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(130, process.ExitCode);
    }

    public void Dispose() => Directory.Delete(_place, recursive: true);

    private static bool HandlesInterrupts(int process)
    {
        const ulong Interrupt = 1 << 1;
        string? line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith("SigCgt:", StringComparison.Ordinal));
        return line is not null && (Convert.ToUInt64(line[7..].Trim(), 16) & Interrupt) != 0;
    }

    private static Task<CommandRun> ShellAsync(string script) => CommandProcess.RunAsync(["sh", "-c", script]);
}
