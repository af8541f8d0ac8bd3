using System.CommandLine;
using Vfleet.Linux;

namespace Vfleet.Cli.Output;

/// <summary>What the command line's parser refused, in one line and with exit code 2.</summary>
internal static class UsageErrors
{
    public static int Report(ParseResult parsed)
    {
        string format = IsJson([.. parsed.Tokens.Select(token => token.Value)]) ? OutputFormat.Json : OutputFormat.Table;
        string path = string.Join(' ', Path(parsed.CommandResult.Command));
        string text = string.Join("; ", parsed.Errors.Select(error => error.Message.TrimEnd('.')).Distinct());
        return ErrorWriter.Report(Fault.Usage(text, $"see `{path} --help`"), format);
    }

    /// <summary>What could not be parsed cannot be asked for its format: any wish for JSON counts, so that a program is never answered in prose.</summary>
    internal static bool IsJson(IReadOnlyList<string> tokens) =>
        tokens.Contains("--json")
        || tokens.Any(token => token is "-o=json" or "-o:json" or "-ojson" or "--output=json" or "--output:json")
        || tokens.Zip(tokens.Skip(1)).Any(pair => pair.First is "-o" or "--output" && pair.Second == OutputFormat.Json);

    private static Stack<string> Path(Command command)
    {
        Stack<string> names = new();
        for (Symbol? at = command; at is Command; at = at.Parents.FirstOrDefault())
            names.Push(at is RootCommand ? "vfleet" : at.Name);
        return names;
    }
}
