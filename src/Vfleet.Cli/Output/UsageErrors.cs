using System.CommandLine;
using Vfleet.Linux;

namespace Vfleet.Cli.Output;

/// <summary>What the command line's parser refused, in one line and with exit code 2.</summary>
internal static class UsageErrors
{
    public static int Report(ParseResult parsed)
    {
        string[] asked = [.. parsed.Tokens.Select(token => token.Value)];
        int at = Array.FindLastIndex(asked, token => token is "-o" or "--output");
        string format = (at >= 0 && at + 1 < asked.Length && asked[at + 1] == OutputFormat.Json) || asked.Contains("--output=json") || asked.Contains("-o=json") || asked.Contains("-ojson")
            ? OutputFormat.Json
            : OutputFormat.Table;
        string path = string.Join(' ', Path(parsed.CommandResult.Command));
        string text = string.Join("; ", parsed.Errors.Select(error => error.Message.TrimEnd('.')).Distinct());
        return ErrorWriter.Report(Fault.Usage(text, $"see `{path} --help`"), format);
    }

    private static Stack<string> Path(Command command)
    {
        Stack<string> names = new();
        for (Symbol? at = command; at is Command; at = at.Parents.FirstOrDefault())
            names.Push(at is RootCommand ? "vfleet" : at.Name);
        return names;
    }
}
