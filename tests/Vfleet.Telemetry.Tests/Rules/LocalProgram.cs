using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Vfleet.Telemetry.Tests.Rules;

/// <summary>A server of Prometheus's that runs for one test, on the loopback address, with a folder of its own.</summary>
internal sealed class LocalProgram : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly string _folder;
    private readonly List<string> _said = [];

    private LocalProgram(Process process, string folder) => (_process, _folder) = (process, folder);

    /// <summary>A port that was free a moment ago.</summary>
    public static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <param name="program">A program of the search path.</param>
    /// <param name="folder">Removed at the end.</param>
    /// <param name="words">Its words.</param>
    public static LocalProgram Start(string program, string folder, params string[] words)
    {
        ProcessStartInfo start = new(program) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = folder };
        foreach (string word in words)
            start.ArgumentList.Add(word);
        LocalProgram started = new(new Process { StartInfo = start }, folder);
        started._process.ErrorDataReceived += (_, line) => started.Say(line.Data);
        started._process.OutputDataReceived += (_, line) => started.Say(line.Data);
        started._process.Start();
        started._process.BeginErrorReadLine();
        started._process.BeginOutputReadLine();
        return started;
    }

    public Task ReadyAsync(HttpClient client, string path) => UntilAsync(async () =>
    {
        try
        {
            using HttpResponseMessage answer = await client.GetAsync(path);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // It does not listen yet.
            return false;
        }
    }, () => "it is not ready");

    /// <summary>Waits until something is so.</summary>
    public async Task UntilAsync(Func<Task<bool>> isSo, Func<string> otherwise)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!await isSo())
        {
            if (_process.HasExited || watch.Elapsed > Deadline)
                Assert.Fail($"{otherwise()}\n{Said()}");
            await Task.Delay(200);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Say(string? line)
    {
        lock (_said)
            _said.Add(line ?? "");
    }

    private string Said()
    {
        lock (_said)
            return string.Join('\n', _said);
    }
}
