using System.ComponentModel;
using System.Diagnostics;

namespace Vfleet.Bench.Measurement;

/// <summary>Runs another program to its end.</summary>
internal static class Child
{
    /// <summary>What it printed.</summary>
    public static Task<string> RunAsync(string program, params IReadOnlyList<string> arguments) =>
        RunAsync(new ProcessStartInfo(program, arguments), null);

    /// <summary>The same with variables and input.</summary>
    public static async Task<string> RunAsync(ProcessStartInfo start, string? input)
    {
        string program = start.FileName;
        (start.RedirectStandardOutput, start.RedirectStandardError, start.RedirectStandardInput) = (true, true, input is not null);
        try
        {
            using Process process = Process.Start(start)!;
            if (input is not null)
            {
                await process.StandardInput.WriteAsync(input).ConfigureAwait(false);
                process.StandardInput.Close();
            }
            Task<string> words = process.StandardError.ReadToEndAsync();
            string output = await process.StandardOutput.ReadToEndAsync().ConfigureAwait(false);
            await process.WaitForExitAsync().ConfigureAwait(false);
            string errors = (await words.ConfigureAwait(false)).Trim();
            return process.ExitCode == 0 ? output : throw new BenchException($"{Path.GetFileName(program)} ended with {process.ExitCode}: {errors}{output}");
        }
        catch (Win32Exception e)
        {
            // There is no such program.
            throw new BenchException($"{program}: {e.Message}");
        }
    }

    /// <summary>How long it took from its start to its end.</summary>
    public static Task<double> TimeAsync(string program, params IReadOnlyList<string> arguments) =>
        Clock.TimeAsync(() => RunAsync(program, arguments));
}
