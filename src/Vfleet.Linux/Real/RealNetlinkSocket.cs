using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Real;

/// <summary>
/// A netlink socket of the kernel: netlink(7). A request is carried out inside send(2), and each further part of a list inside recv(2): both wait
/// for the kernel's lock of links, as long as somebody holds it, and no signal ends that. So they run beside the caller. The socket belongs to the
/// namespace it was opened in, whichever thread uses it.
/// </summary>
internal sealed class RealNetlinkSocket : INetlinkSocket
{
    private readonly SafeFileHandle _handle;
    private readonly int _descriptor;
    private readonly string _operation;
    private readonly SideCall _sending;
    private readonly SideCall _receiving;
    private Socket? _waiter;
    private byte[] _datagram = [];
    private int _length;
    private NetlinkBuffer? _room;
    private Errno _sent;
    private Errno _received;
    private bool _isList;

    /// <summary>Takes over a socket.</summary>
    /// <param name="handle">The socket; closed with this one.</param>
    /// <param name="operation">What faults call it.</param>
    /// <param name="waitsInPlace">Calls run on the caller's thread.</param>
    internal RealNetlinkSocket(SafeFileHandle handle, string operation, bool waitsInPlace = false)
    {
        _handle = handle;
        _descriptor = (int)handle.DangerousGetHandle();
        _operation = operation;
        _sending = new SideCall(Send, waitsInPlace);
        _receiving = new SideCall(() => _received = TryReceive(_room!), waitsInPlace);
    }

    public static Outcome<INetlinkSocket> Open(NetlinkProtocol protocol, ReadOnlySpan<uint> groups, bool waitsInPlace = false)
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
        return new RealNetlinkSocket(new SafeFileHandle(descriptor, ownsHandle: true), $"netlink {protocol}", waitsInPlace);
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Outcome<Unit>> SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancel)
    {
        // One that nobody waits for any more: the kernel takes the next only after it.
        await _sending.EndAsync(cancel).ConfigureAwait(false);
        await _receiving.EndAsync(cancel).ConfigureAwait(false);
        // A copy, because the caller's request may be used again when the waiting has ended and the call has not.
        if (_datagram.Length < datagram.Length)
            _datagram = new byte[Math.Max(2 * datagram.Length, 512)];
        datagram.CopyTo(_datagram);
        _length = datagram.Length;
        _isList = IsList(datagram.Span);
        _sending.Start();
        await _sending.EndAsync(cancel).ConfigureAwait(false);
        return _sent == Errno.None ? Unit.Done : Fault.FromErrno(_sent, _operation, "netlink");
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Outcome<Unit>> ReceiveAsync(NetlinkBuffer buffer, CancellationToken cancel)
    {
        while (true)
        {
            Errno errno = _isList ? await ReceivePartAsync(buffer, cancel).ConfigureAwait(false) : TryReceive(buffer);
            if (errno == Errno.None)
                return Unit.Done;
            if (errno == Errno.EINTR)
                continue;
            if (errno != Errno.EAGAIN)
                return Fault.FromErrno(errno, _operation, "netlink");
            try
            {
                // Answers are there when the request has been sent; only who listens for events has to wait, and only they need the runtime's poller.
                _waiter ??= new Socket(new SafeSocketHandle(_descriptor, ownsHandle: false));
                await _waiter.ReceiveAsync(Memory<byte>.Empty, SocketFlags.Peek, cancel).ConfigureAwait(false);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.NoBufferSpaceAvailable)
            {
                // The kernel dropped messages for this socket (netlink(7), ENOBUFS); the wait reports it first.
                return Fault.FromErrno(Errno.ENOBUFS, _operation, "netlink", "the kernel dropped messages for this socket");
            }
        }
    }

    /// <inheritdoc/>
    public void WhenSent(Action then) => _sending.WhenEnded(then);

    /// <inheritdoc/>
    public void Dispose() =>
        // Closing a descriptor that a call still uses would give its number to another file, and the call with it.
        _sending.WhenEnded(() => _receiving.WhenEnded(Close));

    /// <summary>
    /// Receives a part of a list. One that was given up is awaited first, and what it received is told: nothing of a list is lost.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Errno> ReceivePartAsync(NetlinkBuffer buffer, CancellationToken cancel)
    {
        await _sending.EndAsync(cancel).ConfigureAwait(false);
        if (_room is null)
        {
            _room = buffer;
            _receiving.Start();
        }
        await _receiving.EndAsync(cancel).ConfigureAwait(false);
        _room = null;
        return _received;
    }

    private void Close()
    {
        // Ends what still waits upon it.
        _waiter?.Dispose();
        _handle.Dispose();
    }

    private unsafe void Send()
    {
        // SAFETY: the array is pinned for the call, and no more of it than it has is passed; a netlink datagram is taken whole or not at all.
        fixed (byte* pointer = _datagram)
            _sent = Native.Send(_descriptor, pointer, (nuint)_length, 0) < 0 ? Native.LastError : Errno.None;
    }

    /// <summary>True for NLM_F_DUMP in the first message. Source: struct nlmsghdr, include/uapi/linux/netlink.h.</summary>
    private static bool IsList(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= NetlinkControl.HeaderSize && ((NetlinkFlags)MemoryMarshal.Read<ushort>(datagram[6..])).HasFlag(NetlinkFlags.Dump);

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
