using System.Buffers.Binary;

namespace Vfleet.Host.Isolation.Frames;

/// <summary>The checksum of IPv4 and ICMP (RFC 1071).</summary>
internal static class InternetChecksum
{
    /// <summary>The checksum; over bytes that contain a right one it is 0.</summary>
    public static ushort Of(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (; bytes.Length >= 2; bytes = bytes[2..])
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (bytes.Length == 1)
            sum += (uint)bytes[0] << 8;
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}
