using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Vfleet.Bench.Measurement;

namespace Vfleet.Bench.Devices;

/// <summary>An agent with a state of its own, gone when disposed.</summary>
internal sealed class MeteredAgent : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(3), BetweenLooks = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly string _folder;

    private MeteredAgent(Process process, string folder, int port) => (_process, _folder, Port) = (process, folder, port);

    /// <summary>Where its metrics are.</summary>
    public int Port { get; }

    /// <summary>Processor time so far (/proc/PID/stat).</summary>
    public TimeSpan Processor
    {
        get
        {
            _process.Refresh();
            return _process.HasExited ? throw new BenchException($"the agent ended with {_process.ExitCode}") : _process.TotalProcessorTime;
        }
    }

    /// <summary>Resident memory, bytes.</summary>
    public long Resident
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <param name="bench">Knows the program.</param>
    /// <param name="more">Options beside its own paths and the address of its metrics.</param>
    public static MeteredAgent Start(Workbench bench, params IEnumerable<string> more)
    {
        string folder = Directory.CreateTempSubdirectory("vfleet-bench-agent-").FullName;
        int port = FreePort();
        ProcessStartInfo start = new(bench.Tool("vfleet"),
        [
            "agent", "--state", folder, "--socket", Path.Combine(folder, "agent.sock"), "--metrics",
            string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), .. more,
        ])
        { RedirectStandardError = true };
        Process process = Process.Start(start)!;
        _ = process.StandardError.ReadToEndAsync();
        return new MeteredAgent(process, folder, port);
    }

    /// <summary>Waits until it tells of so many VFs and what the ledger counts of them.</summary>
    /// <returns>Bytes of the answer.</returns>
    public async Task<long> AwaitAsync(int vfs)
    {
        string seen = "no answer";
        for (long started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < LongestStart;)
        {
            await Task.Delay(BetweenLooks).ConfigureAwait(false);
            // Throws where it has ended.
            _ = Processor;
            if (await TryTextAsync().ConfigureAwait(false) is not { } text)
                continue;
            // A VF has a state once the ledger knows it.
            int found = text.Split('\n').Count(line =>
                line.StartsWith("vfleet_vf_info{", StringComparison.Ordinal) && line.Contains("state=", StringComparison.Ordinal));
            if (found == vfs)
                return text.Length;
            seen = $"{Sysfs.Text(found)} VFs";
        }
        throw new BenchException($"the agent does not tell of {Sysfs.Text(vfs)} VFs: {seen}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<string?> TryTextAsync()
    {
        try
        {
            return await HttpGet.TextAsync(Port, "/metrics").ConfigureAwait(false);
        }
        catch (SocketException)
        {
            // It does not listen yet.
            return null;
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
