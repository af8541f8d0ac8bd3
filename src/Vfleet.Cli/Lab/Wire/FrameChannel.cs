using System.Net.Sockets;

namespace Vfleet.Cli.Lab.Wire;

/// <summary>The host's end of a conversation with the guest's agent over one channel's socket.</summary>
internal sealed class FrameChannel : IAsyncDisposable
{
    private readonly NetworkStream _stream;
    private readonly FrameDecoder _decoder = new();
    private readonly byte[] _buffer = new byte[Frame.MaxPayloadBytes];
    private readonly SemaphoreSlim _writing = new(1, 1);

    private FrameChannel(NetworkStream stream) => _stream = stream;

    /// <summary>Connects, without greeting.</summary>
    internal static async Task<FrameChannel> ConnectAsync(string socketPath, CancellationToken cancellation)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation);
            return new FrameChannel(new NetworkStream(socket, ownsSocket: true));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Greets the agent and waits until it repeats the nonce; false where the other side closed the channel.</summary>
    internal async Task<bool> GreetAsync(CancellationToken cancellation)
    {
        byte[] nonce = Greeting.NewNonce();
        await _stream.WriteAsync(Greeting.Encode(nonce), cancellation);
        while (await ReadAsync(cancellation) is { } frame)
        {
            if (frame.Type == FrameType.Greeting && frame.Payload.Span.SequenceEqual(nonce))
                return true;
        }

        return false;
    }

    /// <summary>The next frame; null where the other side has gone.</summary>
    internal async Task<Frame?> ReadAsync(CancellationToken cancellation)
    {
        Frame frame;
        while (!_decoder.TryRead(out frame))
        {
            int count = await ReadBytesAsync(cancellation);
            if (count == 0)
                return null;
            _decoder.Feed(_buffer.AsSpan(0, count));
        }

        return frame;
    }

    /// <summary>Sends a frame; may be called from several tasks.</summary>
    internal async Task WriteAsync(Frame frame, CancellationToken cancellation)
    {
        byte[] bytes = frame.Encode();
        await _writing.WaitAsync(cancellation);
        try
        {
            await _stream.WriteAsync(bytes, cancellation);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _writing.Dispose();
    }

    private async Task<int> ReadBytesAsync(CancellationToken cancellation)
    {
        try
        {
            return await _stream.ReadAsync(_buffer, cancellation);
        }
        catch (IOException e) when (e.InnerException is SocketException)
        {
            // A reset is how a killed QEMU says goodbye; to the caller it is the same as an orderly end.
            return 0;
        }
    }
}
