namespace Vfleet.Cli.Tests.Commands;

/// <summary><c>vfleet completion</c>, in the shells themselves.</summary>
public sealed class UnitCompletionTests
{
    /// <summary>vfleet as a program of the shell, and what the shell does with a word at the end of a line.</summary>
    private static readonly string InBash = $$"""
        vfleet() { {{CommandProcess.VfleetQuoted}} "$@"; }
        source <(vfleet completion bash)
        complete_line() {
            COMP_LINE=$1 COMP_POINT=${#1}
            read -ra COMP_WORDS <<<"$1"
            [[ $1 == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
            COMPREPLY=()
            _vfleet
            echo "${COMPREPLY[*]}"
        }
        complete -p vfleet
        complete_line 'vfleet vf cre'
        complete_line 'vfleet pf '
        complete_line 'vfleet completion f'
        """;

    [Fact]
    public async Task BashCompletesAWord()
    {
        CommandRun bash = await CommandProcess.RunAsync(["bash", "-euo", "pipefail", "-c", InBash]);
        string[] lines = bash.Output.Split('\n');

        Assert.True(bash.ExitCode == 0, bash.Errors);
        Assert.Equal("complete -o default -F _vfleet vfleet", lines[0]);
        Assert.Equal("create", lines[1]);
        Assert.Contains("list", lines[2].Split(' '));
        Assert.Contains("show", lines[2].Split(' '));
        Assert.Equal("fish", lines[3]);
    }

    [Fact]
    public Task BashTakesTheScript() => IsTakenAsync("bash");

    [ProgramFact("zsh")]
    public Task ZshTakesTheScript() => IsTakenAsync("zsh");

    [ProgramFact("fish")]
    public Task FishTakesTheScript() => IsTakenAsync("fish");

    private static async Task IsTakenAsync(string shell)
    {
        CommandRun script = await CommandProcess.RunAsync([.. CommandProcess.Vfleet, "completion", shell]);
        CommandRun read = await CommandProcess.RunAsync([shell, "-n"], script.Output);

        Assert.Contains("vfleet", script.Output, StringComparison.Ordinal);
        Assert.Equal((0, ""), (read.ExitCode, read.Errors));
    }
}
