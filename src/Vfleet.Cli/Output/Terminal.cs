using Spectre.Console;

namespace Vfleet.Cli.Output;

/// <summary>Consoles for people. Colours and cursor movement only where the stream is a terminal.</summary>
internal static class Terminal
{
    private const int WidthWithoutTerminal = 4096;

    /// <summary>Standard error: progress, questions, warnings.</summary>
    public static IAnsiConsole Error { get; } = Create(Console.Error, Console.IsErrorRedirected);

    /// <summary>A console on a writer; lines are not folded where nobody looks at a screen.</summary>
    public static IAnsiConsole Create(TextWriter writer, bool isRedirected)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = isRedirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = isRedirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (isRedirected)
            console.Profile.Width = WidthWithoutTerminal;
        return console;
    }
}
