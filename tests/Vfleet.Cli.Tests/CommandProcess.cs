using System.Diagnostics;

namespace Vfleet.Cli.Tests;

/// <summary>vfleet as a process of its own, for what a process alone can show: signals, descriptors, terminals, users.</summary>
internal static class CommandProcess
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private static readonly string Dotnet = Path.GetFileName(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";

    /// <summary>The words that start vfleet as it was built for these tests.</summary>
    public static IReadOnlyList<string> Vfleet { get; } = [Dotnet, Path.Combine(AppContext.BaseDirectory, "vfleet.dll")];

    /// <summary>The same for a shell.</summary>
    public static string VfleetQuoted { get; } = string.Join(' ', Vfleet.Select(word => $"'{word}'"));

    /// <summary>Starts a program with its streams as pipes.</summary>
    public static Process Start(IEnumerable<string> words, params (string Name, string Value)[] environment)
    {
        string[] all = [.. words];
        ProcessStartInfo start = new(all[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string word in all[1..])
            start.ArgumentList.Add(word);
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Runs a program to its end, and to the end of its streams.</summary>
    public static async Task<CommandRun> RunAsync(
        IEnumerable<string> words, string input = "", params (string Name, string Value)[] environment)
    {
        using Process process = Start(words, environment);
        using CancellationTokenSource late = new(Deadline);
        Task<string> output = process.StandardOutput.ReadToEndAsync(late.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(late.Token);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(late.Token);
        return new CommandRun(process.ExitCode, await output, await errors);
    }
}
