using System.Diagnostics;
using Vfleet.Node.Documents;
using DocumentReading = Vfleet.Node.Documents.Reading;

namespace Vfleet.Telemetry.Tests.Rules;

/// <summary>Files below deploy/ and docs/, and the programs that judge them.</summary>
internal static class DeployedFiles
{
    public static readonly string[] RuleFiles = ["vfleet-recording.rules.yaml", "vfleet-slo.rules.yaml", "vfleet-alerts.rules.yaml"];

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);

    public static string Root { get; } = FindRoot();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    public static string Text(params string[] parts) => File.ReadAllText(Path(parts));

    /// <summary>Every rule of the files.</summary>
    public static IReadOnlyList<DeployedRule> Rules { get; } = [.. RuleFiles.SelectMany(RulesOf)];

    /// <summary>A file of YAML.</summary>
    public static MapNode Yaml(params string[] parts)
    {
        DocumentReading reading = new(parts[^1]);
        DocumentNode node = Assert.Single(YamlLoader.Load(Text(parts), reading));
        Assert.Empty(reading.Problems);
        return (MapNode)node;
    }

    /// <summary>Runs a program of the path; its output and errors together.</summary>
    public static async Task<(int Code, string Said)> RunAsync(string program, params string[] words)
    {
        ProcessStartInfo start = new(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string word in words)
            start.ArgumentList.Add(word);
        using Process process = Process.Start(start)!;
        using CancellationTokenSource late = new(Deadline);
        Task<string> output = process.StandardOutput.ReadToEndAsync(late.Token), errors = process.StandardError.ReadToEndAsync(late.Token);
        try
        {
            await process.WaitForExitAsync(late.Token);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
        return (process.ExitCode, await output + await errors);
    }

    public static string? Word(DocumentNode? node, string name) => ((node as MapNode)?.Find(name) as ScalarNode)?.Value;

    private static IEnumerable<DeployedRule> RulesOf(string file) =>
        from MapNode theGroup in ((ListNode)Yaml("deploy", "prometheus", file).Find("groups")!).Items
        from MapNode rule in ((ListNode)theGroup.Find("rules")!).Items
        select new DeployedRule(file, Word(rule, "record"), Word(rule, "alert"), Word(rule, "expr")!, rule);

    private static string FindRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(at.FullName, "Vfleet.slnx")))
                return at.FullName;
        }
        throw new InvalidOperationException("no repository above the tests");
    }
}

/// <summary>A rule as it is deployed.</summary>
internal sealed record DeployedRule(string File, string? Record, string? Alert, string Query, MapNode Node)
{
    public string? Label(string name) => DeployedFiles.Word(Node.Find("labels"), name);

    public string? Annotation(string name) => DeployedFiles.Word(Node.Find("annotations"), name);
}
