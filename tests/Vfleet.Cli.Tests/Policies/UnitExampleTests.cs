using System.Text.RegularExpressions;

namespace Vfleet.Cli.Tests.Policies;

/// <summary>The examples that are shipped are documents, and the one of the manual does what the manual says.</summary>
[Collection(ConsoleCollection.Name)]
public sealed partial class UnitExampleTests
{
    private static readonly string Root = FindRoot();

    public static TheoryData<string> Examples =>
        new(Directory.EnumerateFiles(Path.Combine(Root, "deploy/examples")).Select(file => Path.GetFileName(file)).Order());

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task AnExampleCanBePlanned(string name)
    {
        CommandRun run = await CommandRun.OnAsync("mlx5", "plan", "-f", Path.Combine(Root, "deploy/examples", name));
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains(": added\n", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("warning", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheExampleOfTheManualIsAppliedAsTheManualShows()
    {
        string manual = await File.ReadAllTextAsync(Path.Combine(Root, "docs/policies.md"));
        using DocumentFolder folder = new();
        string file = folder.Write("policy.yaml", Yaml().Match(manual).Groups["text"].Value);
        Match shown = Shown().Match(manual);

        CommandRun run = await CommandRun.OnAsync("mlx5", "apply", "-f", file);

        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal(shown.Groups["output"].Value, run.Output);
    }

    private static string FindRoot()
    {
        string? at = AppContext.BaseDirectory;
        while (at is not null && !File.Exists(Path.Combine(at, "Vfleet.slnx")))
            at = Path.GetDirectoryName(at);
        return at ?? throw new DirectoryNotFoundException("Vfleet.slnx");
    }

    [GeneratedRegex("^```yaml\n(?<text>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Yaml();

    [GeneratedRegex("^\\$ vfleet --host sim:mlx5 apply -f policy.yaml\n(?<output>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Shown();
}
