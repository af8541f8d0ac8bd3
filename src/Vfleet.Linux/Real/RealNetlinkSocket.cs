using System.Net.Sockets;
using System.Runtime.InteropServices;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Real;

/// <summary>A netlink socket of the kernel: netlink(7). A request is carried out inside send(2); waiting is asynchronous.</summary>
internal sealed class RealNetlinkSocket : INetlinkSocket
{
    private readonly Socket _socket;
    private readonly int _descriptor;
    private readonly string _operation;

    private RealNetlinkSocket(Socket socket, int descriptor, NetlinkProtocol protocol)
    {
        _socket = socket;
        _descriptor = descriptor;
        _operation = $"netlink {protocol}";
    }

    public static Outcome<INetlinkSocket> Open(NetlinkProtocol protocol, ReadOnlySpan<uint> groups)
    {
        int descriptor = Native.Socket(Native.AfNetlink, Native.SockRaw | Native.SockCloexec | Native.SockNonblock, (int)protocol);
        if (descriptor < 0)
            return Fault.FromErrno(Native.LastError, $"socket(AF_NETLINK, {protocol})", "netlink");
        Errno errno = Prepare(descriptor, groups);
        if (errno != Errno.None)
        {
            _ = Native.Close(descriptor);
            return Fault.FromErrno(errno, $"bind netlink {protocol}", "netlink");
        }
        Socket socket = new(new SafeSocketHandle(descriptor, ownsHandle: true));
        return new RealNetlinkSocket(socket, descriptor, protocol);
    }

    public unsafe ValueTask<Outcome<Unit>> SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancel)
    {
        // SAFETY: the span is pinned for the call and its length is passed; a netlink datagram is taken whole or not at all.
        fixed (byte* pointer = datagram.Span)
        {
            nint sent = Native.Send(_descriptor, pointer, (nuint)datagram.Length, 0);
            return new(sent < 0 ? Fault.FromErrno(Native.LastError, _operation, "netlink") : Unit.Done);
        }
    }

    public async ValueTask<Outcome<Unit>> ReceiveAsync(NetlinkBuffer buffer, CancellationToken cancel)
    {
        while (true)
        {
            Errno errno = TryReceive(buffer);
            if (errno == Errno.None)
                return Unit.Done;
            if (errno == Errno.EINTR)
                continue;
            if (errno != Errno.EAGAIN)
                return Fault.FromErrno(errno, _operation, "netlink");
            try
            {
                await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.Peek, cancel).ConfigureAwait(false);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.NoBufferSpaceAvailable)
            {
                // The kernel dropped messages for this socket (netlink(7), ENOBUFS); the wait reports it first.
                return Fault.FromErrno(Errno.ENOBUFS, _operation, "netlink", "the kernel dropped messages for this socket");
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private unsafe Errno TryReceive(NetlinkBuffer buffer)
    {
        // A peek without room tells the size of the next datagram, so a reply of any size is taken whole.
        nint size = Native.Receive(_descriptor, null, 0, Native.MessagePeek | Native.MessageTruncate | Native.MessageDontWait);
        if (size < 0)
            return Native.LastError;
        Span<byte> room = buffer.Reset(Math.Max((int)size, 32 * 1024));
        // SAFETY: the span is pinned for the call and its length is passed.
        fixed (byte* pointer = room)
        {
            nint got = Native.Receive(_descriptor, pointer, (nuint)room.Length, Native.MessageDontWait);
            if (got < 0)
                return Native.LastError;
            buffer.Truncate((int)got);
        }
        return Errno.None;
    }

    private static unsafe Errno Prepare(int descriptor, ReadOnlySpan<uint> groups)
    {
        // SAFETY: every value is a local of this frame, and its size is passed.
        int on = 1;
        // Older kernels lack these two; requests work without them, only with less to say about errors.
        _ = Native.SetSocketOption(descriptor, Native.SolNetlink, Native.NetlinkExtAck, &on, sizeof(int));
        _ = Native.SetSocketOption(descriptor, Native.SolNetlink, Native.NetlinkCapAck, &on, sizeof(int));
        NetlinkAddress address = new() { Family = Native.AfNetlink };
        if (Native.Bind(descriptor, &address, (uint)sizeof(NetlinkAddress)) != 0)
            return Native.LastError;
        foreach (uint group in groups)
        {
            int number = (int)group;
            if (Native.SetSocketOption(descriptor, Native.SolNetlink, Native.NetlinkAddMembership, &number, sizeof(int)) != 0)
                return Native.LastError;
        }
        return Errno.None;
    }

    /// <summary>struct sockaddr_nl.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct NetlinkAddress
    {
        public ushort Family;
        public ushort Pad;
        public uint PortId;
        public uint Groups;
    }
}
