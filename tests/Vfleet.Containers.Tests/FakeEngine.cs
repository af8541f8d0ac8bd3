using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Vfleet.Containers.Tests;

/// <summary>The part of dockerd's API that tells networks and their endpoints, on a socket.</summary>
internal sealed class FakeEngine : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Task _serving;
    private readonly TaskCompletionSource _asked = new();
    private volatile TaskCompletionSource? _held;

    public FakeEngine(string path)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _serving = ServeAsync();
    }

    /// <summary>Container's name by <c>network/endpoint</c>; a network is known as long as it has a line here.</summary>
    public ConcurrentDictionary<string, string> Endpoints { get; } = [];

    /// <summary>What it answers instead; null for the truth.</summary>
    public string? Instead { get; set; }

    /// <summary>Done once somebody was kept waiting.</summary>
    public Task Asked => _asked.Task;

    /// <summary>Keeps callers waiting until it is disposed.</summary>
    public IDisposable Hold() => new Held(this);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _serving;
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using Socket connection = await _listener.AcceptAsync(_end.Token);
                using NetworkStream stream = new(connection);
                using StreamReader reader = new(stream, Encoding.ASCII, leaveOpen: true);
                string path = (await reader.ReadLineAsync(_end.Token))!.Split(' ')[1];
                while (await reader.ReadLineAsync(_end.Token) is { Length: > 0 })
                {
                }
                if (_held is { } held)
                {
                    _asked.TrySetResult();
                    await held.Task.WaitAsync(_end.Token);
                    continue;
                }
                await stream.WriteAsync(Encoding.ASCII.GetBytes(Instead ?? Answer(path["/networks/".Length..])), _end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The test ends.
        }
    }

    private string Answer(string network)
    {
        KeyValuePair<string, string>[] known = [.. Endpoints.Where(each => each.Key.StartsWith($"{network}/", StringComparison.Ordinal))];
        if (known.Length == 0)
            return Http("404 Not Found", """{"message":"network not found"}""");
        string containers = string.Join(',', known.Select((each, i) =>
            $$"""  "c{{i}}":{"Name":"{{each.Value}}","EndpointID":"{{each.Key.Split('/')[1]}}","IPv4Address":"192.0.2.2/24"}  """));
        return Http("200 OK", $$"""{"Name":"net","Id":"{{network}}","Driver":"vfleet","Containers":{ {{containers}} } }""");
    }

    private sealed class Held : IDisposable
    {
        private readonly FakeEngine _engine;

        public Held(FakeEngine engine)
        {
            _engine = engine;
            engine._held = new TaskCompletionSource();
        }

        public void Dispose()
        {
            TaskCompletionSource held = _engine._held!;
            _engine._held = null;
            held.SetResult();
        }
    }

    public static string Http(string status, string body) => Find.DockerSocket.Json(status, body);
}
