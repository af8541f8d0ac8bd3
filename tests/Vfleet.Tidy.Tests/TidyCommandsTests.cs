using System.Text.RegularExpressions;

namespace Vfleet.Tidy.Tests;

/// <summary>docs/cli.md and the command tree name the same commands, options and JSON keys.</summary>
public sealed partial class TidyCommandsTests
{
    private static readonly string Manual = Repository.Text("docs/cli.md");

    private static IEnumerable<RepositoryFile> Sources => Repository.Sources("src/Vfleet.Cli");

    [Fact]
    public void Documented_commands_exist()
    {
        HashSet<string> commands = [.. Sources.SelectMany(file => NewCommand().Matches(file.Text)).Select(match => match.Groups["name"].Value)];
        Assert.NotEmpty(commands);
        Repository.Expect(
            from Match heading in CommandHeading().Matches(Manual)
            from word in heading.Groups["words"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            where !commands.Contains(word)
            select $"vfleet {heading.Groups["words"].Value}: no command {word}",
            "docs/cli.md documents commands that exist in src/Vfleet.Cli. Not there:");
    }

    [Fact]
    public void Commands_are_documented()
    {
        HashSet<string> documented = [.. CommandHeading().Matches(Manual).SelectMany(match => match.Groups["words"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        Repository.Expect(
            from file in Sources
            from Match match in NewCommand().Matches(file.Text)
            where !documented.Contains(match.Groups["name"].Value)
            select $"{file.At(match.Index)}: {match.Groups["name"].Value}",
            "Each command has a heading in docs/cli.md. Missing there:");
    }

    [Fact]
    public void Options_are_documented() =>
        Repository.Expect(
            from file in Sources
            from Match match in NewOption().Matches(file.Text)
            where !match.Value.Contains("Hidden = true", StringComparison.Ordinal) && !Manual.Contains($"`{match.Groups["name"].Value}", StringComparison.Ordinal)
            select $"{file.At(match.Index)}: {match.Groups["name"].Value}",
            "Each option is in docs/cli.md. Missing there:");

    [Fact]
    public void JSON_keys_are_documented() =>
        Repository.Expect(
            from file in Sources
            where file.Code.Contains("JsonObject", StringComparison.Ordinal)
            from Match match in JsonKey().Matches(file.Text)
            let key = match.Groups["key"].Value
            where !Manual.Contains($"`{key}`", StringComparison.Ordinal) && !Manual.Contains($".{key}`", StringComparison.Ordinal)
            select $"{file.At(match.Index)}: {key}",
            "JSON keys are a contract with scripts and stand in docs/cli.md with their types. Missing there:");

    [GeneratedRegex(@"^### `vfleet (?<words>[a-z]+( [a-z]+)*)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex CommandHeading();

    [GeneratedRegex("""Command\s+\w+\s*=\s*new(\s+Command)?\(\s*"(?<name>[a-z-]+)""", RegexOptions.ExplicitCapture)]
    private static partial Regex NewCommand();

    [GeneratedRegex("""(new(\s*Option<[^(]*>)?|Choice)\(\s*"(?<name>--[a-z-]+)"[^;]*;""", RegexOptions.ExplicitCapture)]
    private static partial Regex NewOption();

    [GeneratedRegex("""\[\s*"(?<key>[a-z][A-Za-z]*)"\s*\]\s*=[^=]""")]
    private static partial Regex JsonKey();
}
