using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Vfleet.Linux.Sockets;

/// <summary>Who is at the other end of a unix socket, as the kernel knows it from the moment they connected.</summary>
/// <param name="Process">Its process, in this process's PID namespace; 0 where it is in none of them.</param>
/// <param name="User">Its effective user.</param>
/// <param name="Group">Its effective group.</param>
public sealed record PeerIdentity(int Process, uint User, uint Group)
{
    private const int CredentialBytes = 12, MostGroups = 65536;

    /// <summary>Its further groups.</summary>
    public IReadOnlyList<uint> FurtherGroups { get; init; } = [];

    /// <summary>True where it belongs to a group in either way.</summary>
    public bool IsIn(uint group) => Group == group || FurtherGroups.Contains(group);

    /// <summary>
    /// Asks the kernel. Equivalent to getsockopt SO_PEERCRED and SO_PEERGROUPS (unix(7)); the latter is missing before Linux 4.13, where
    /// the
    /// peer's further groups are not known and taken for none.
    /// </summary>
    /// <param name="socket">A connected unix socket.</param>
    public static Outcome<PeerIdentity> Read(Socket socket)
    {
        const int SolSocket = 1, PeerCredentials = 17;
        Span<byte> credentials = stackalloc byte[CredentialBytes];
        try
        {
            if (socket.GetRawSocketOption(SolSocket, PeerCredentials, credentials) != CredentialBytes)
                return Fault.FromErrno(Errno.EPROTO, "getsockopt SO_PEERCRED", "unix socket");
        }
        catch (SocketException e)
        {
            // The runtime's only way to pass the kernel's error on.
            return new Fault(FaultKind.Kernel, "the kernel does not tell who is at the other end of the socket") { Cause = e.Message };
        }
        ReadOnlySpan<uint> fields = MemoryMarshal.Cast<byte, uint>(credentials);
        return new PeerIdentity((int)fields[0], fields[1], fields[2]) { FurtherGroups = Groups(socket) };
    }

    private static uint[] Groups(Socket socket)
    {
        const int SolSocket = 1, PeerGroups = 59;
        for (int room = 64; room <= MostGroups; room *= 32)
        {
            byte[] bytes = new byte[room * sizeof(uint)];
            try
            {
                int length = socket.GetRawSocketOption(SolSocket, PeerGroups, bytes);
                return [.. MemoryMarshal.Cast<byte, uint>(bytes.AsSpan(0, length))];
            }
            catch (SocketException)
            {
                // ERANGE where the room does not suffice, ENOPROTOOPT on an old kernel; the runtime tells them apart by no type.
            }
        }
        return [];
    }
}
