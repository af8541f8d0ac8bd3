using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Vfleet.Linux.Probes;

namespace Vfleet.Linux.Real;

/// <summary>
/// Asks a target with an ICMP echo over a raw socket (raw(7), icmp(7)), or with a TCP connection (tcp(7)). Equivalent to <c>ping -I DEV -c 1 ADDRESS</c>.
/// The answer's arrival is the kernel's time stamp (SIOCGSTAMPNS), of a connection its own round trip (TCP_INFO).
/// </summary>
internal sealed class RealProbeSocket : IProbeSocket
{
    private const int ProtocolIcmp = 1, ProtocolTcp = 6, ProtocolIcmpV6 = 58;
    private const int BindToDevice = 25, RawLevel = 255, IcmpFilter = 1, IcmpV6Filter = 1, TcpInfo = 11;
    private const byte EchoReply = 0, EchoRequest = 8, EchoRequestV6 = 128, EchoReplyV6 = 129;
    private const int EchoSize = 32;

    /// <summary>tcpi_rtt and tcpi_total_retrans in struct tcp_info (include/uapi/linux/tcp.h).</summary>
    private const int RoundTripAt = 68, RetransmittedAt = 100;

    private readonly Socket _socket;
    private readonly ProbeTarget _target;
    private ushort _sequence;

    private RealProbeSocket(Socket socket, ProbeTarget target) => (_socket, _target) = (socket, target);

    /// <summary>Opens one in the calling thread's network namespace, where it stays.</summary>
    public static Outcome<IProbeSocket> Open(ProbeTarget target, string interfaceName)
    {
        bool isV6 = target.Address.AddressFamily == AddressFamily.InterNetworkV6;
        string operation = $"probe {target} over {interfaceName}";
        (int type, int protocol) = target.Protocol == ProbeProtocol.Tcp
            ? (Native.SockStream, ProtocolTcp)
            : (Native.SockRaw, isV6 ? ProtocolIcmpV6 : ProtocolIcmp);
        int descriptor = Native.Socket(isV6 ? Native.AfInet6 : Native.AfInet, type | Native.SockCloexec, protocol);
        if (descriptor < 0)
            return Fault.FromErrno(Native.LastError, operation, interfaceName);
        Socket socket = new(new SafeSocketHandle(descriptor, ownsHandle: true));
        if (Bind(descriptor, interfaceName) is var errno and not Errno.None)
        {
            socket.Dispose();
            return Fault.FromErrno(errno, operation, interfaceName);
        }
        try
        {
            if (target.Protocol == ProbeProtocol.Icmp)
            {
                KeepEchoRepliesOnly(socket, isV6);
                socket.Connect(new IPEndPoint(target.Address, 0));
                // The first call has the kernel stamp what arrives; nothing has, so it finds none.
                _ = KernelStamp.OfLastPacket(socket);
            }
            else
            {
                socket.LingerState = new LingerOption(true, 0);
            }
            return new RealProbeSocket(socket, target);
        }
        catch (SocketException e)
        {
            // The runtime's only way to say that a call failed.
            socket.Dispose();
            return Failed(operation, interfaceName, e);
        }
    }

    public async ValueTask<Outcome<ProbeReply>> AskAsync(TimeSpan patience, CancellationToken cancel)
    {
        string operation = $"probe {_target}";
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        over.CancelAfter(patience);
        try
        {
            return _target.Protocol == ProbeProtocol.Tcp
                ? await ConnectAsync(over.Token).ConfigureAwait(false)
                : await EchoAsync(over.Token).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            // The runtime's only way to say that a call failed.
            return Failed(operation, _target.ToString(), e);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // The patience is over; whoever cancels is told so.
            return Fault.TimedOut($"{operation}: no answer within {patience.TotalSeconds:0.###} s");
        }
    }

    public void Dispose() => _socket.Dispose();

    private async ValueTask<Outcome<ProbeReply>> ConnectAsync(CancellationToken cancel)
    {
        long began = Stopwatch.GetTimestamp();
        await _socket.ConnectAsync(new IPEndPoint(_target.Address, _target.Port), cancel).ConfigureAwait(false);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(began);
        byte[] info = new byte[RetransmittedAt + sizeof(uint)];
        if (_socket.GetRawSocketOption(ProtocolTcp, TcpInfo, info) < info.Length || BitConverter.ToUInt32(info, RetransmittedAt) > 0)
            return new ProbeReply(elapsed, TimeSpan.Zero);
        return Of(TimeSpan.FromMicroseconds(BitConverter.ToUInt32(info, RoundTripAt)), elapsed);
    }

    private async ValueTask<Outcome<ProbeReply>> EchoAsync(CancellationToken cancel)
    {
        byte[] request = new byte[EchoSize], answer = new byte[512];
        bool isV6 = _target.Address.AddressFamily == AddressFamily.InterNetworkV6;
        request[0] = isV6 ? EchoRequestV6 : EchoRequest;
        // Nobody else knows the number, so an answer to somebody else's request is none to this one.
        BitConverter.TryWriteBytes(request.AsSpan(8), Stopwatch.GetTimestamp());
        BitConverter.TryWriteBytes(request.AsSpan(16), GetHashCode());
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(4), (ushort)Environment.ProcessId);
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(6), ++_sequence);
        // The kernel sums ICMPv6 up by itself, for the sum holds the addresses.
        if (!isV6)
            BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(2), Checksum(request));
        long began = Stopwatch.GetTimestamp();
        DateTimeOffset sent = TimeProvider.System.GetUtcNow();
        _ = await _socket.SendAsync(request, SocketFlags.None, cancel).ConfigureAwait(false);
        while (true)
        {
            int length = await _socket.ReceiveAsync(answer, SocketFlags.None, cancel).ConfigureAwait(false);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(began);
            if (IsAnswer(answer.AsSpan(0, length), request, isV6))
                return Of(KernelStamp.OfLastPacket(_socket) is { } stamp ? stamp - sent : TimeSpan.Zero, elapsed);
        }
    }

    /// <summary>The kernel's time, unless the clock was set meanwhile or it gave none.</summary>
    private static ProbeReply Of(TimeSpan byKernel, TimeSpan elapsed) => byKernel > TimeSpan.Zero && byKernel <= elapsed
        ? new ProbeReply(byKernel, elapsed - byKernel)
        : new ProbeReply(elapsed, TimeSpan.Zero);

    internal static bool IsAnswer(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> request, bool isV6)
    {
        if (!isV6)
        {
            // An IPv4 raw socket gives the header too, whose length is in words (RFC 791).
            int header = packet.IsEmpty ? 0 : (packet[0] & 0xf) * 4;
            if (packet.Length < header)
                return false;
            packet = packet[header..];
        }
        return packet.Length >= request.Length && packet[0] == (isV6 ? EchoReplyV6 : EchoReply) && packet[4..request.Length].SequenceEqual(request[4..]);
    }

    /// <summary>RFC 1071, over an even number of bytes.</summary>
    internal static ushort Checksum(ReadOnlySpan<byte> data)
    {
        uint sum = 0;
        for (int i = 0; i + 1 < data.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(data[i..]);
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }

    private static unsafe Errno Bind(int descriptor, string interfaceName)
    {
        byte[] name = Encoding.UTF8.GetBytes(interfaceName);
        // SAFETY: the array is pinned, and its length is passed.
        fixed (byte* pinned = name)
            return Native.SetSocketOption(descriptor, Native.SolSocket, BindToDevice, (int*)pinned, (uint)name.Length) == 0 ? Errno.None : Native.LastError;
    }

    private static void KeepEchoRepliesOnly(Socket socket, bool isV6)
    {
        if (!isV6)
        {
            socket.SetRawSocketOption(RawLevel, IcmpFilter, BitConverter.GetBytes(~(1u << EchoReply)));
            return;
        }
        byte[] blocked = new byte[32];
        Array.Fill(blocked, (byte)0xff);
        blocked[EchoReplyV6 / 8] &= unchecked((byte)~(1 << (EchoReplyV6 % 8)));
        socket.SetRawSocketOption(ProtocolIcmpV6, IcmpV6Filter, blocked);
    }

    private static Fault Failed(string operation, string target, SocketException e) => e.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => Fault.FromErrno(Errno.ECONNREFUSED, operation, target),
        SocketError.HostUnreachable => Fault.FromErrno(Errno.EHOSTUNREACH, operation, target),
        SocketError.NetworkUnreachable => Fault.FromErrno(Errno.ENETUNREACH, operation, target),
        SocketError.NetworkDown => Fault.FromErrno(Errno.ENETDOWN, operation, target),
        SocketError.AddressNotAvailable => Fault.FromErrno(Errno.ENETUNREACH, operation, target, "the VF has no address of this kind"),
        SocketError.AccessDenied => new Fault(FaultKind.NotPermitted, $"{operation}: a firewall of the namespace does not let it out") { Operation = operation, Target = target },
        SocketError.TimedOut => Fault.TimedOut($"{operation}: no answer"),
        _ => new Fault(FaultKind.Kernel, $"{operation}: {e.Message}") { Operation = operation, Target = target },
    };
}
