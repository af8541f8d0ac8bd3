using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Vfleet.Linux.Real;

/// <summary>When the kernel received what a socket gave last: ioctl SIOCGSTAMPNS (socket(7); include/uapi/asm-generic/sockios.h).</summary>
internal static unsafe class KernelStamp
{
    private const nuint GetStamp = 0x8907;

    /// <summary>Null where there is none yet; the first call has the kernel stamp from then on.</summary>
    public static DateTimeOffset? OfLastPacket(Socket socket)
    {
        TimeSpec at = default;
        // SAFETY: the kernel writes one struct timespec, which is a local of this frame.
        return Native.Ioctl((int)socket.SafeHandle.DangerousGetHandle(), GetStamp, (nint)(&at)) < 0 || at.Seconds <= 0
            ? null
            : DateTimeOffset.UnixEpoch.AddSeconds(at.Seconds).AddTicks(at.Nanoseconds / TimeSpan.NanosecondsPerTick);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
