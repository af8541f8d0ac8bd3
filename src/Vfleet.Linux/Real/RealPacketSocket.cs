using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Vfleet.Linux.Real;

/// <summary>A packet(7) socket on one interface.</summary>
internal sealed class RealPacketSocket : IPacketSocket
{
    private const ushort EveryProtocol = 3;
    private readonly Socket _socket;

    private RealPacketSocket(Socket socket) => _socket = socket;

    public static unsafe Outcome<IPacketSocket> Open(int interfaceIndex)
    {
        ushort protocol = BinaryPrimitives.ReverseEndianness(EveryProtocol);
        int descriptor = Native.Socket(Native.AfPacket, Native.SockRaw | Native.SockCloexec | Native.SockNonblock, protocol);
        if (descriptor < 0)
            return Fault.FromErrno(Native.LastError, "socket(AF_PACKET)", $"interface {interfaceIndex}");
        int on = 1;
        PacketAddress address = new() { Family = Native.AfPacket, Protocol = protocol, InterfaceIndex = interfaceIndex };
        // SAFETY: both values are locals of this frame, and their sizes are passed.
        if (Native.SetSocketOption(descriptor, Native.SolPacket, Native.PacketIgnoreOutgoing, &on, sizeof(int)) != 0
            || Native.Bind(descriptor, &address, (uint)sizeof(PacketAddress)) != 0)
        {
            Errno errno = Native.LastError;
            _ = Native.Close(descriptor);
            return Fault.FromErrno(errno, "bind packet socket", $"interface {interfaceIndex}");
        }
        return new RealPacketSocket(new Socket(new SafeSocketHandle(descriptor, ownsHandle: true)));
    }

    public async ValueTask<Outcome<Unit>> SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancel)
    {
        try
        {
            await _socket.SendAsync(frame, SocketFlags.None, cancel).ConfigureAwait(false);
            return Unit.Done;
        }
        catch (SocketException e)
        {
            // The runtime's only way to say that send(2) failed.
            return Failed("send", e);
        }
    }

    public async ValueTask<Outcome<int>> ReceiveAsync(Memory<byte> frame, CancellationToken cancel)
    {
        try
        {
            return await _socket.ReceiveAsync(frame, SocketFlags.None, cancel).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            // The runtime's only way to say that recv(2) failed.
            return Failed("receive", e);
        }
    }

    public void Dispose() => _socket.Dispose();

    private static Fault Failed(string verb, SocketException e) =>
        new(FaultKind.Kernel, $"{verb} on a packet socket: {e.Message}") { Operation = verb, Target = "packet socket" };

    /// <summary>struct sockaddr_ll.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct PacketAddress
    {
        public ushort Family;
        public ushort Protocol;
        public int InterfaceIndex;
        public ushort HardwareType;
        public byte PacketType;
        public byte AddressLength;
        public ulong Address;
    }
}
