using System.Diagnostics.CodeAnalysis;
using Vfleet.Linux;

namespace Vfleet.Cli.Run;

/// <summary>Finds programs as a shell does, with the exit codes of one: 127 for what is not there, 126 for what cannot be run.</summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "Vfleet runs on Linux only")]
internal static class ProgramSearch
{
    public const int NotThere = 127, NotRunnable = 126;

    private const UnixFileMode Runnable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>What is wrong with a command, before anything is done for it; null where it can be tried.</summary>
    public static (Fault Fault, int ExitCode)? Check(string name)
    {
        string[] files = [.. Candidates(name)];
        if (Array.Exists(files, IsRunnable))
            return null;
        if (files.FirstOrDefault(Path.Exists) is { } there)
        {
            string cause = Directory.Exists(there) ? "it is a directory" : "nobody may execute it";
            return (Fault.Unsupported($"{there} cannot be run", cause, target: name), NotRunnable);
        }
        return (Fault.NotFound($"no command {name}", "name a program of PATH, or a path", name), NotThere);
    }

    /// <summary>True where the program is in PATH.</summary>
    public static bool IsThere(string name) => Candidates(name).Any(IsRunnable);

    private static IEnumerable<string> Candidates(string name)
    {
        if (name.Contains('/', StringComparison.Ordinal) || name.Length == 0)
            return [name];
        string path = Environment.GetEnvironmentVariable("PATH") ?? "/bin:/usr/bin";
        return path.Split(':').Select(folder => Path.Combine(folder.Length == 0 ? "." : folder, name));
    }

    private static bool IsRunnable(string file)
    {
        try
        {
            return File.Exists(file) && (File.GetUnixFileMode(file) & Runnable) != 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It went this moment, or may not be looked at; the start itself will tell.
            return false;
        }
    }
}
