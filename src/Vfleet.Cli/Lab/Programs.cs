using System.ComponentModel;
using System.Diagnostics;
using Vfleet.Linux;

namespace Vfleet.Cli.Lab;

/// <summary>What a program that was run to its end said.</summary>
internal sealed record ProgramResult(int ExitCode, string Output, string Error)
{
    internal bool Succeeded => ExitCode == 0;

    /// <summary>The last lines of what it said, for an error text.</summary>
    internal string LastLines(int count = 5) =>
        string.Join('\n', (Error + Output).Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(count));
}

/// <summary>Runs other programs; arguments are a list, never a line for a shell.</summary>
internal static class Programs
{
    private static readonly string[] SystemDirectories = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"];

    /// <summary>The program's path, or null; looks where root's programs are too, whatever PATH says.</summary>
    internal static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(SystemDirectories)
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);

    /// <summary>Runs a program to its end; on cancellation it is killed with its children.</summary>
    internal static async Task<ProgramResult> RunAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancellation, string? directory = null)
    {
        ProcessStartInfo info = new(Find(program) ?? program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (directory is not null)
            info.WorkingDirectory = directory;
        info.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        info.Environment["LC_ALL"] = "C.UTF-8";
        foreach (string argument in arguments)
            info.ArgumentList.Add(argument);
        using Process process = Start(info);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
        Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
        try
        {
            await process.WaitForExitAsync(cancellation);
            return new ProgramResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Like <see cref="RunAsync"/>, but a failure is an exception that says <paramref name="failure"/>.</summary>
    internal static async Task<string> RequireAsync(
        string program, IEnumerable<string> arguments, string failure, CancellationToken cancellation)
    {
        ProgramResult result = await RunAsync(program, arguments, cancellation);
        return result.Succeeded ? result.Output : throw LabException.Internal(failure, result.LastLines());
    }

    private static Process Start(ProcessStartInfo info)
    {
        try
        {
            return Process.Start(info) ?? throw LabException.Internal($"{info.FileName} was not started");
        }
        catch (Win32Exception e)
        {
            throw new LabException(Fault.Unsupported($"{info.FileName} cannot be run", e.Message), e);
        }
    }
}
