using System.Text.Json;
using Vfleet.Cli.Commands;

namespace Vfleet.Cli.Tests;

/// <summary>A command line that was run in this process: what it printed and its exit code.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Errors)
{
    /// <summary>Runs a command on the simulated machine <paramref name="profile"/>.</summary>
    public static Task<CommandRun> OnAsync(string profile, params string[] words) => OfAsync(["--host", $"sim:{profile}", .. words]);

    /// <summary>Runs a command; only in classes of <see cref="ConsoleCollection"/>, because the console is the process's.</summary>
    public static async Task<CommandRun> OfAsync(params string[] words)
    {
        (TextWriter output, TextWriter errors) = (Console.Out, Console.Error);
        using StringWriter said = new();
        using StringWriter complained = new();
        Console.SetOut(said);
        Console.SetError(complained);
        try
        {
            return new CommandRun(await CommandLine.RunAsync(words), said.ToString(), complained.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(errors);
        }
    }

    /// <summary>Runs a command on a simulated machine, expects success, and reads its JSON.</summary>
    public static async Task<JsonElement> JsonAsync(string profile, params string[] words)
    {
        CommandRun run = await OnAsync(profile, [.. words, "-o", "json"]);
        Assert.True(run.ExitCode == 0, $"{string.Join(' ', words)}: {run.ExitCode}\n{run.Errors}");
        return JsonDocument.Parse(run.Output).RootElement;
    }

    /// <summary>How the profile's first PF is called.</summary>
    public static async Task<string> PfOfAsync(string profile)
    {
        JsonElement pf = (await JsonAsync(profile, "pf", "list"))[0];
        return (pf.GetProperty("name").GetString() ?? pf.GetProperty("bdf").GetString())!;
    }
}

/// <summary>Tests that take the process's console; they run one after another, when nobody else prints.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ConsoleCollection
{
    public const string Name = "console";
}
