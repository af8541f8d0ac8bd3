using System.Diagnostics;

namespace Vfleet.Agent.Tests;

/// <summary>Programs of the system, for what the product itself must not be trusted with.</summary>
internal static class Programs
{
    /// <summary>Runs one, expects success, and gives what it printed.</summary>
    public static string Output(string program, params string[] words)
    {
        ProcessStartInfo start = new(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string word in words)
            start.ArgumentList.Add(word);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd().TrimEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', words)}: {process.ExitCode}\n{output}{errors.Result}");
        return output;
    }
}
