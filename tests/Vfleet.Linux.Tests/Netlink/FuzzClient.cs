using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Tests.Netlink;

/// <summary>A whole client fed one garbled datagram a call, and a fault where it asks for more.</summary>
internal sealed class FuzzClient : INetlinkSocket
{
    private NetlinkClient? _client;
    private readonly NetlinkRequest _request = new();
    private byte[] _datagram = [];
    private int _received;

    public object? Dump(ReadOnlySpan<byte> datagram)
    {
        NetlinkClient client = Begin(datagram, 1);
        return Now(client.DumpAsync(_request, Datagram.Words));
    }

    public object? Execute(ReadOnlySpan<byte> datagram)
    {
        NetlinkClient client = Begin(datagram, 2);
        return Now(client.ExecuteAsync(_request));
    }

    public ValueTask<Outcome<Unit>> SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancel)
    {
        // The garbled reply answers this very request, else the client would only skip it.
        if (_datagram.Length >= 12)
            datagram.Span.Slice(8, 4).CopyTo(_datagram.AsSpan(8));
        _received = 0;
        return new(Unit.Done);
    }

    public ValueTask<Outcome<Unit>> ReceiveAsync(NetlinkBuffer buffer, CancellationToken cancel)
    {
        if (_received++ > 0)
            return new(Fault.FromErrno(Errno.ENOBUFS, "receive", "fuzz"));
        _datagram.CopyTo(buffer.Reset(_datagram.Length));
        return new(Unit.Done);
    }

    public void Dispose()
    {
        // The socket of a client is disposed with it, and holds nothing.
    }

    private NetlinkClient Begin(ReadOnlySpan<byte> datagram, int messages)
    {
        _datagram = datagram.ToArray();
        _received = 0;
        _request.Clear();
        for (int i = 0; i < messages; i++)
            _request.Begin(Datagram.SomeType, NetlinkFlags.None);
        // A new one each time: what a client does first depends on how its last call ended.
        _client?.Dispose();
        return _client = new NetlinkClient(this);
    }

    private static string? Now<T>(ValueTask<Outcome<T>> call)
    {
        Assert.True(call.IsCompleted, "the client waits although its socket has answered");
        return call.GetAwaiter().GetResult().Fault?.Error;
    }
}
