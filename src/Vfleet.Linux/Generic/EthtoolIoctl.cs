using System.Runtime.InteropServices;
using System.Text;
using Vfleet.Linux.Real;

namespace Vfleet.Linux.Generic;

/// <summary>
/// The ioctl behind <see cref="IKernel.EthtoolIoctl"/>. Manual: ioctl(2), netdevice(7); source: include/uapi/linux/sockios.h.
/// </summary>
internal static unsafe class EthtoolIoctl
{
    /// <summary>IFNAMSIZ: bytes of an interface name with its terminating zero.</summary>
    public const int NameSize = 16;

    /// <summary>sizeof(struct ifreq) on 64-bit machines: the name and a union as large as struct ifmap.</summary>
    public const int RequestSize = 40;

    private const nuint SiocEthtool = 0x8946;

    /// <summary>Runs the command on an interface of the calling thread's network namespace.</summary>
    /// <param name="interfaceName">1 to 15 bytes.</param>
    /// <param name="data">The command's structure; overwritten with the answer.</param>
    /// <returns><paramref name="data"/>.</returns>
    public static Outcome<byte[]> Call(string interfaceName, byte[] data)
    {
        string operation = $"ethtool {interfaceName}";
        if (interfaceName.Length == 0 || Encoding.UTF8.GetByteCount(interfaceName) >= NameSize)
            return Fault.Usage($"'{interfaceName}' is no interface name: it takes 1 to {NameSize - 1} bytes", target: interfaceName);
        int socket = Native.Socket(Native.AfInet, Native.SockDgram | Native.SockCloexec, 0);
        // A kernel without IPv4: ioctls on interfaces work through a netlink socket too.
        if (socket < 0)
            socket = Native.Socket(Native.AfNetlink, Native.SockRaw | Native.SockCloexec, 0);
        if (socket < 0)
            return Fault.FromErrno(Native.LastError, operation, interfaceName);
        InterfaceRequest request = default;
        Encoding.UTF8.GetBytes(interfaceName, new Span<byte>(request.Name, NameSize));
        Errno errno;
        // SAFETY: the array is pinned while the kernel reads and writes it, and the kernel keeps neither address. How much it writes
        // follows from counts inside the structure, which the callers in EthtoolClient set to the room they made.
        fixed (byte* pinned = data)
        {
            request.Data = (nint)pinned;
            errno = Native.Ioctl(socket, SiocEthtool, (nint)(&request)) < 0 ? Native.LastError : Errno.None;
        }
        _ = Native.Close(socket);
        return errno == Errno.None ? data : Fault.FromErrno(errno, operation, interfaceName);
    }

    /// <summary>struct ifreq with its data pointer. Source: include/uapi/linux/if.h.</summary>
    [StructLayout(LayoutKind.Sequential, Size = RequestSize)]
    internal struct InterfaceRequest
    {
        /// <summary>ifr_name.</summary>
        public fixed byte Name[NameSize];

        /// <summary>ifr_data.</summary>
        public nint Data;
    }
}
