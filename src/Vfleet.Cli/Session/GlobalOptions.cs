using System.CommandLine;
using Vfleet.Cli.Output;

namespace Vfleet.Cli.Session;

/// <summary>Options every command has.</summary>
internal static class GlobalOptions
{
    public static readonly Option<string> Output = Choice("--output", ["-o"], "How to print results", OutputFormat.Names, OutputFormat.Table);

    public static readonly Option<string> Host = new("--host")
    {
        Description = "The kernel to work on: local, or sim:PROFILE for a simulated one",
        DefaultValueFactory = _ => HostSession.Local,
        Recursive = true,
    };

    public static readonly Option<string> State = new("--state")
    {
        Description = "Directory of the records that survive a restart",
        DefaultValueFactory = _ => HostSession.DefaultState,
        Recursive = true,
    };

    public static readonly Option<bool> Verbose = new("--verbose") { Description = "Print each kernel operation and its time on standard error", Recursive = true };

    public static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Answer questions with yes", Recursive = true };

    /// <summary>Only on commands that change something.</summary>
    public static readonly Option<bool> DryRun = new("--dry-run") { Description = "Check everything, say what would be done, change nothing" };

    /// <summary>Only on commands that refuse what is unsafe.</summary>
    public static readonly Option<bool> Force = new("--force") { Description = "Override a refusal; it is written down" };

    public static void AddTo(RootCommand root)
    {
        root.Options.Add(Output);
        root.Options.Add(Host);
        root.Options.Add(State);
        root.Options.Add(Verbose);
        root.Options.Add(Yes);
    }

    public static Option<string> Choice(string name, string[] aliases, string description, IReadOnlyList<string> values, string? fallback = null)
    {
        Option<string> option = new(name, aliases) { Description = $"{description}: {string.Join(", ", values)}", Recursive = fallback is not null };
        if (fallback is not null)
            option.DefaultValueFactory = _ => fallback;
        option.AcceptOnlyFromAmong([.. values]);
        return option;
    }
}
