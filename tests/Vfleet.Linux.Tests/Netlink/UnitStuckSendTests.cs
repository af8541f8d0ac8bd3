using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Real;

namespace Vfleet.Linux.Tests.Netlink;

/// <summary>
/// Requests that stay in send(2): a datagram socket whose peer has no room blocks there, as netlink does while somebody holds the kernel's lock of
/// links.
/// </summary>
public sealed class UnitStuckSendTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vfleet-test-");
    private readonly Socket _peer = NewSocket();
    private readonly Socket _socket = NewSocket();
    private readonly SafeFileHandle _handle;
    private readonly ManualTime _time = new();
    private readonly UnendedWork _left = new();
    private readonly NetlinkClient _client;
    private readonly int _filling;

    public UnitStuckSendTests()
    {
        UnixDomainSocketEndPoint place = new(Path.Combine(_folder.FullName, "peer"));
        UnixDomainSocketEndPoint own = new(Path.Combine(_folder.FullName, "own"));
        _peer.Bind(place);
        _socket.Bind(own);
        _socket.Connect(place);
        _filling = Fill(place);
        _handle = new SafeFileHandle(_socket.Handle, ownsHandle: false);
        _client = new NetlinkClient(new RealNetlinkSocket(_handle, "netlink test"), _time, left: _left);
    }

    [Fact]
    public async Task Request_that_is_not_taken_times_out_and_the_next_is_refused_at_once()
    {
        Fault late = await TimeOutAsync();
        Assert.Equal(FaultKind.TimedOut, late.Kind);
        Assert.Contains("30 s", late.Error, StringComparison.Ordinal);
        Fault refused = Expect.Fault(await AskAsync().WaitAsync(Patience));
        Assert.Equal(FaultKind.TimedOut, refused.Kind);
        Assert.Contains("earlier request", refused.Error, StringComparison.Ordinal);
        Assert.Single(await TakeAsync(1));
        Assert.Equal(0, _peer.Available);
    }

    [Fact]
    public async Task Disposing_while_a_request_is_not_taken_does_not_wait_and_keeps_the_descriptor_until_it_is()
    {
        _ = await TimeOutAsync();
        await Task.Run(_client.Dispose).WaitAsync(Patience);
        Assert.False(_handle.IsClosed);
        _ = await TakeAsync(1);
        for (int i = 0; !_handle.IsClosed && i < 1000; i++)
            await Task.Delay(10);
        Assert.True(_handle.IsClosed);
    }

    [Fact]
    public async Task What_waits_for_the_sending_happens_when_the_request_is_taken_and_not_before_though_the_client_is_gone()
    {
        bool isAtOnce = false;
        _client.WhenSent(() => isAtOnce = true);
        Assert.True(isAtOnce);
        _ = await TimeOutAsync();
        TaskCompletionSource ended = new(), sent = new();
        _client.WhenSent(sent.SetResult);
        _client.Dispose();
        _left.WhenEnded(ended.SetResult);
        Assert.False(ended.Task.IsCompleted || sent.Task.IsCompleted);
        _ = await TakeAsync(1);
        await Task.WhenAll(ended.Task, sent.Task).WaitAsync(Patience);
    }

    [Fact]
    public async Task Request_cancelled_before_it_is_taken_leaves_the_client_usable_and_the_next_one_behind_it()
    {
        using CancellationTokenSource cancel = new();
        Task asked = Task.Run(() => AskAsync(cancel: cancel.Token));
        // In the kernel or on its way there: both end the same.
        await Task.Delay(50);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked.WaitAsync(Patience));
        Task<Outcome<Unit>> next = Task.Run(() => AskAsync(messages: 2));
        List<byte[]> taken = await TakeAsync(2);
        Assert.Equal(2 * taken[0].Length, taken[1].Length);
        uint sequence = BinaryPrimitives.ReadUInt32LittleEndian(taken[1].AsSpan(8));
        _peer.Connect(_socket.LocalEndPoint!);
        foreach (byte[] reply in (byte[][])[Datagram.Error(sequence - 1, Errno.EPERM), Datagram.Ack(sequence), Datagram.Ack(sequence + 1)])
            _ = await _peer.SendAsync(reply);
        Expect.Done(await next.WaitAsync(Patience));
    }

    public void Dispose()
    {
        _client.Dispose();
        _peer.Dispose();
        _folder.Delete(recursive: true);
    }

    private static Socket NewSocket() => new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    /// <summary>Leaves no room at the peer.</summary>
    /// <returns>How many datagrams it has.</returns>
    private static int Fill(UnixDomainSocketEndPoint place)
    {
        using Socket filler = NewSocket();
        filler.Connect(place);
        filler.Blocking = false;
        for (int count = 0; ; count++)
        {
            filler.Send([0], SocketFlags.None, out SocketError error);
            if (error != SocketError.Success)
                return count;
        }
    }

    private Task<Outcome<Unit>> AskAsync(int messages = 1, CancellationToken cancel = default) =>
        _client.ExecuteAsync(UnitNetlinkClientTests.Request(messages), cancel).AsTask();

    private async Task<Fault> TimeOutAsync()
    {
        Task<Outcome<Unit>> asked = Task.Run(() => AskAsync());
        long started = Environment.TickCount64;
        while (!asked.IsCompleted && Environment.TickCount64 - started < Patience.TotalMilliseconds)
        {
            _time.Advance(NetlinkClient.DefaultReplyDeadline);
            await Task.Delay(20);
        }
        Assert.True(asked.IsCompleted, "the request is still in the kernel");
        return Expect.Fault(await asked);
    }

    /// <summary>Makes room at the peer, and waits for what comes then.</summary>
    private async Task<List<byte[]>> TakeAsync(int requests)
    {
        List<byte[]> taken = [];
        byte[] room = new byte[64 * 1024];
        for (int i = 0; i < _filling + requests; i++)
        {
            int length = await _peer.ReceiveAsync(room).WaitAsync(Patience);
            if (i >= _filling)
                taken.Add(room[..length]);
        }
        return taken;
    }
}
