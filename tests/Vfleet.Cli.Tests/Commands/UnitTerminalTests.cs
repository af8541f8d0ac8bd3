using System.Diagnostics;

namespace Vfleet.Cli.Tests.Commands;

/// <summary>What depends on a terminal and on signals.</summary>
public sealed class UnitTerminalTests
{
    private const string Create = "--host sim:igb vf create enp1s0f0 7";
    private const char Escape = '\u001b';

    [ProgramFact("script")]
    public async Task LongWorkHasABarOnATerminal()
    {
        string[] words = ["script", "-qec", $"{CommandProcess.VfleetQuoted} {Create} >/dev/null", "/dev/null"];
        CommandRun run = await CommandProcess.RunAsync(words, "", ("TERM", "xterm-256color"), ("COLUMNS", "120"));

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("100%", run.Output, StringComparison.Ordinal);
        Assert.Contains($"{Escape}[", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ElsewhereThereIsNeitherBarNorColour()
    {
        CommandRun run = await CommandProcess.RunAsync([.. CommandProcess.Vfleet, .. Create.Split(' ')]);

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.DoesNotContain(Escape, run.Output);
    }

    [Fact]
    public async Task CtrlCEndsWith130()
    {
        // A process started in the background of a script has SIGINT ignored, and hands that down.
        using Process up = CommandProcess.Start(["env", "--default-signal=INT", .. CommandProcess.Vfleet, "--host", "sim:igb", "up"]);
        string? line;
        do
            line = await up.StandardError.ReadLineAsync();
        while (line is not (null or "vfleet: checking who reaches whom"));
        using Process kill = Process.Start("kill", ["-INT", $"{up.Id}"]);
        string rest = await up.StandardError.ReadToEndAsync();
        await up.WaitForExitAsync();

        Assert.Equal(130, up.ExitCode);
        Assert.StartsWith("vfleet: interrupted", rest, StringComparison.Ordinal);
    }
}
