using System.CommandLine;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet completion SHELL</c>: a script that asks vfleet itself what may come next.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _vfleet() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(vfleet "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _vfleet vfleet
        """;

    private const string Zsh = """
        #compdef vfleet
        _vfleet() {
            local -a words_found
            words_found=("${(@f)$(vfleet "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            compadd -- "${words_found[@]}"
        }
        compdef _vfleet vfleet
        """;

    private const string Fish = """
        complete -c vfleet -f -a '(vfleet "[suggest:"(commandline -C)"]" (commandline -cp) 2>/dev/null)'
        """;

    public static Command Create()
    {
        Argument<string> shell = new("SHELL") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        Command completion = new("completion", "Print a completion script: source <(vfleet completion bash)") { shell };
        completion.SetAction(parsed => Console.Out.WriteLine(parsed.GetValue(shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            _ => Fish,
        }));
        return completion;
    }
}
