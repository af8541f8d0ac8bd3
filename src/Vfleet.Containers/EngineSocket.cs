using System.Net.Sockets;

namespace Vfleet.Containers;

/// <summary>An engine's API on a unix socket.</summary>
internal static class EngineSocket
{
    /// <summary>A client that speaks HTTP on the socket, whatever host an address names.</summary>
    /// <param name="path">The socket.</param>
    /// <param name="patience">How long a call may take.</param>
    /// <param name="longestAnswer">Bytes of the longest answer that is read.</param>
    public static HttpClient Open(string path, TimeSpan patience, int longestAnswer)
    {
        SocketsHttpHandler handler = new() { UseProxy = false, ConnectCallback = (_, cancel) => ConnectAsync(path, cancel) };
        return new HttpClient(handler)
        {
            BaseAddress = new Uri("http://localhost/"),
            Timeout = patience,
            MaxResponseContentBufferSize = longestAnswer,
        };
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancel)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            // Handed on: whoever asked is told.
            socket.Dispose();
            throw;
        }
    }
}
