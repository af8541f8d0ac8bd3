using Vfleet.Cli.Lab.Wire;

namespace Vfleet.Cli.Lab.Run;

/// <summary>A command for the guest and where its streams go.</summary>
/// <param name="Argv">The program and its arguments.</param>
internal sealed record LabRun(IReadOnlyList<string> Argv)
{
    /// <summary>Variables of the caller that make sense in the guest too.</summary>
    private static readonly string[] Passed = ["TERM", "LANG", "PATH"];

    /// <summary>The working directory, which the guest sees under the same path.</summary>
    internal string Cwd { get; init; } = Environment.CurrentDirectory;

    internal IReadOnlyDictionary<string, string> Env { get; init; } = EnvironmentToPass();

    /// <summary>Set for a terminal in the guest.</summary>
    internal TerminalSize? Terminal { get; init; }

    /// <summary>Null for no input at all.</summary>
    internal Stream? Stdin { get; init; }

    internal Stream Stdout { get; init; } = Stream.Null;

    internal Stream Stderr { get; init; } = Stream.Null;

    private static Dictionary<string, string> EnvironmentToPass()
    {
        Dictionary<string, string> passed = [];
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            string name = (string)entry.Key;
            if (Passed.Contains(name, StringComparer.Ordinal) || name.StartsWith("VFLEET_", StringComparison.Ordinal))
                passed[name] = (string?)entry.Value ?? "";
        }

        return passed;
    }
}
