using System.Buffers.Binary;

namespace Vfleet.Simulation.Wire;

/// <summary>The internet's checksum (RFC 1071).</summary>
internal static class Checksum
{
    public static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (; bytes.Length > 1; bytes = bytes[2..])
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return bytes.IsEmpty ? sum : sum + (uint)(bytes[0] << 8);
    }

    /// <summary>Computes the checksum over all bytes and puts it at its place among them.</summary>
    public static void Put(Span<byte> bytes, int at, uint start)
    {
        bytes.Slice(at, 2).Clear();
        uint sum = start + Sum(bytes);
        while (sum > 0xffff)
            sum = (sum & 0xffff) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[at..], (ushort)~sum);
    }
}
