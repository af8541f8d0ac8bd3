using System.Net.Sockets;
using System.Text;

namespace Vfleet.Containers.Tests.Find;

/// <summary>A Docker's socket that knows some containers, or says something else.</summary>
internal sealed class DockerSocket : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Func<string, string?> _answer;

    /// <param name="path">Where it is.</param>
    /// <param name="answer">From a request's path to a whole answer; null to say nothing at all.</param>
    public DockerSocket(string path, Func<string, string?> answer)
    {
        _answer = answer;
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _ = ServeAsync();
    }

    /// <summary>An answer with a body of JSON.</summary>
    public static string Json(string status, string body) =>
        $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n"
        + $"Connection: close\r\n\r\n{body}";

    /// <summary>What Docker says of a container.</summary>
    public static string Container(string id, string name, bool isRunning, int process) => Json("200 OK", $$"""
        {"Id": "{{id}}", "Name": "/{{name}}",
         "State": { "Status": "x", "Running": {{(isRunning ? "true" : "false")}}, "Pid": {{process}} } }
        """);

    /// <summary>What Docker says of one that it does not know.</summary>
    public static string Unknown() => Json("404 Not Found", """{"message": "No such container"}""");

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        List<Socket> silent = [];
        try
        {
            while (true)
            {
                Socket caller = await _listener.AcceptAsync();
                byte[] room = new byte[4096];
                int got = await caller.ReceiveAsync(room);
                if (_answer(Encoding.UTF8.GetString(room, 0, got).Split(' ')[1]) is not { } answer)
                {
                    silent.Add(caller);
                    continue;
                }
                await caller.SendAsync(Encoding.UTF8.GetBytes(answer));
                caller.Dispose();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
            silent.ForEach(caller => caller.Dispose());
        }
    }
}
