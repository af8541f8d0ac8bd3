using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Vfleet.Linux.Real;

namespace Vfleet.Telemetry.Programs;

/// <summary>How a program is started: so that it ends with this process, however that ends.</summary>
/// <param name="words">Program and arguments.</param>
public delegate ProcessStartInfo ToolStart(IReadOnlyList<string> words);

/// <summary>A program of the machine that reads for us, in a network namespace. Disposing it ends it.</summary>
public sealed class ToolProcess : IAsyncDisposable
{
    /// <summary>Most of what a program says on standard error that is kept, characters.</summary>
    public const int MostWords = 65_536;

    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(10);
    private readonly NamespaceThread _thread;
    private readonly Process _process;
    private readonly StringBuilder _words = new();
    private readonly Task _listening;

    private ToolProcess(NamespaceThread thread, Process process)
    {
        _thread = thread;
        _process = process;
        _listening = ListenAsync();
        process.StandardInput.Close();
    }

    /// <summary>What it writes to standard output.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>What it said on standard error until now.</summary>
    public string Words
    {
        get
        {
            lock (_words)
                return _words.ToString();
        }
    }

    /// <summary>Its last line on standard error that says something; null for none.</summary>
    public string? LastWords => Words.Split('\n').Select(line => line.Trim()).LastOrDefault(line => line.Length > 0);

    /// <summary>Starts a program.</summary>
    /// <param name="start">How.</param>
    /// <param name="words">Program and arguments.</param>
    /// <param name="within">The namespace; this process's own when null.</param>
    public static Outcome<ToolProcess> Start(ToolStart start, IReadOnlyList<string> words, NetworkNamespace? within)
    {
        ProcessStartInfo info = start(words);
        info.UseShellExecute = false;
        info.RedirectStandardInput = info.RedirectStandardOutput = info.RedirectStandardError = true;
        // What is read must not depend on the language of whoever asked.
        info.Environment["LC_ALL"] = "C";
        if (!NamespaceThread.Enter(within).Try(out NamespaceThread? thread, out Fault? fault))
            return fault;
        if (thread.Start(info).Try(out Process? process, out fault))
            return new ToolProcess(thread, process);
        thread.Dispose();
        return fault;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <param name="start">How.</param>
    /// <param name="words">Program and arguments.</param>
    /// <param name="within">The namespace; this process's own when null.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Its exit code, and what it said on both streams.</returns>
    public static async Task<Outcome<(int ExitCode, string Output, string Words)>> RunAsync(
        ToolStart start, IReadOnlyList<string> words, NetworkNamespace? within, CancellationToken cancel)
    {
        if (!Start(start, words, within).Try(out ToolProcess? tool, out Fault? fault))
            return fault;
        await using (tool.ConfigureAwait(false))
        {
            using CancellationTokenRegistration asked = cancel.Register(tool.Interrupt);
            string output = await tool._process.StandardOutput.ReadToEndAsync(CancellationToken.None).ConfigureAwait(false);
            int code = await tool.EndedAsync().ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();
            return (code, output, tool.Words);
        }
    }

    /// <summary>Asks it to end as Ctrl-C does; it writes what it has and ends.</summary>
    public void Interrupt()
    {
        // One that has ended has given its number away.
        if (!_process.HasExited)
            _ = ProcessSignal.Send(_process.Id, PosixSignal.SIGINT);
    }

    /// <summary>Waits until it has ended and all it said was heard.</summary>
    /// <returns>Its exit code; 128 and the signal's number where one ended it.</returns>
    public async Task<int> EndedAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        await _listening.ConfigureAwait(false);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Interrupt();
        using CancellationTokenSource late = new(Farewell);
        try
        {
            await _process.WaitForExitAsync(late.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It does not go by itself.
            _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
        _thread.Dispose();
    }

    /// <summary>Hears everything, so that it never waits for room in the pipe, and keeps the beginning.</summary>
    private async Task ListenAsync()
    {
        char[] room = new char[1024];
        try
        {
            for (int read; (read = await _process.StandardError.ReadAsync(room).ConfigureAwait(false)) > 0;)
            {
                lock (_words)
                    _words.Append(room, 0, Math.Min(read, MostWords - _words.Length));
            }
        }
        catch (ObjectDisposedException)
        {
            // It was ended before all it said was heard.
        }
    }
}
