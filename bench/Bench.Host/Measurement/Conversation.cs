using System.ComponentModel;
using System.Diagnostics;

namespace Vfleet.Bench.Measurement;

/// <summary>A program that answers a line with a line, so that its turns cost no start.</summary>
internal sealed class Conversation : IDisposable
{
    private readonly Process _process;
    private readonly string _name;

    private Conversation(Process process, string name)
    {
        _process = process;
        _name = name;
    }

    public static Conversation Start(string program, params IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new(program) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        try
        {
            return new Conversation(Process.Start(start)!, Path.GetFileName(program));
        }
        catch (Win32Exception e)
        {
            // There is no such program.
            throw new BenchException($"{program}: {e.Message}");
        }
    }

    public async Task<string> AskAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line).ConfigureAwait(false);
        await _process.StandardInput.FlushAsync().ConfigureAwait(false);
        return await HearAsync().ConfigureAwait(false);
    }

    /// <summary>The next line it says of itself.</summary>
    public async Task<string> HearAsync() =>
        await _process.StandardOutput.ReadLineAsync().ConfigureAwait(false) ?? throw new BenchException($"{_name} ended");

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
