using System.Net;
using System.Net.Sockets;

namespace Vfleet.Containers;

/// <summary>An engine's API on a unix socket. Safe for concurrent use.</summary>
internal sealed class EngineSocket : IDisposable
{
    private readonly HttpClient _client;

    /// <param name="path">The socket.</param>
    /// <param name="patience">How long a call may take.</param>
    /// <param name="longestAnswer">Bytes of the longest answer that is read.</param>
    public EngineSocket(string path, TimeSpan patience, int longestAnswer)
    {
        SocketsHttpHandler handler = new() { UseProxy = false, ConnectCallback = (_, cancel) => ConnectAsync(path, cancel) };
        _client = new HttpClient(handler)
        {
            // Whatever host an address names: there is the socket only.
            BaseAddress = new Uri("http://localhost/"),
            Timeout = patience,
            MaxResponseContentBufferSize = longestAnswer,
        };
    }

    /// <summary>Asks for something.</summary>
    /// <param name="place">Such as <c>networks/ID</c>.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>The answer; null where the engine knows no such thing; a fault with why it does not tell.</returns>
    public async Task<Outcome<byte[]?>> GetAsync(string place, CancellationToken cancel)
    {
        try
        {
            using HttpResponseMessage answer = await _client.GetAsync(new Uri(place, UriKind.Relative), cancel).ConfigureAwait(false);
            return answer.StatusCode switch
            {
                HttpStatusCode.OK => await answer.Content.ReadAsByteArrayAsync(cancel).ConfigureAwait(false),
                HttpStatusCode.NotFound => Outcome<byte[]?>.Of(null),
                _ => Fault.Unsupported($"it answered {(int)answer.StatusCode}"),
            };
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // The client's own deadline.
            return Fault.TimedOut($"no answer within {_client.Timeout.TotalSeconds:0.###} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The runtime's only ways to say that nobody listens, that we may not connect, or that the answer is none.
            return Fault.Unsupported(e.InnerException?.Message ?? e.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

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
