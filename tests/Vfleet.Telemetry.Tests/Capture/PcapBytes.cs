using System.Buffers.Binary;

namespace Vfleet.Telemetry.Tests.Capture;

/// <summary>A pcap stream as tcpdump writes it, and the blocks of a pcapng file as any reader sees them.</summary>
internal static class PcapBytes
{
    public const uint Nanoseconds = 0xa1b23c4d, Microseconds = 0xa1b2c3d4;

    public static byte[] Header(uint magic = Nanoseconds, bool isBig = false) =>
        [.. U32(magic, isBig), .. U16(2, isBig), .. U16(4, isBig), .. U32(0, isBig), .. U32(0, isBig), .. U32(262144, isBig), .. U32(1, isBig)];

    public static byte[] Packet(uint seconds, uint fraction, byte[] data, uint? original = null, bool isBig = false) =>
        [.. U32(seconds, isBig), .. U32(fraction, isBig), .. U32((uint)data.Length, isBig), .. U32(original ?? (uint)data.Length, isBig), .. data];

    /// <summary>Packets of 60 bytes whose time is now.</summary>
    public static byte[] Stream(int packets)
    {
        uint now = (uint)TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return [.. Header(), .. Enumerable.Range(0, packets).SelectMany(i => Packet(now, (uint)i, new byte[60]))];
    }

    /// <summary>Type and content of each block; fails where a length is not repeated at its end, or the file does not end with a block.</summary>
    public static List<(uint Type, byte[] Content)> Blocks(byte[] file)
    {
        List<(uint, byte[])> blocks = [];
        for (int at = 0; at < file.Length;)
        {
            int length = (int)BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 4));
            Assert.Equal(0, length % 4);
            Assert.Equal(length, (int)BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + length - 4)));
            blocks.Add((BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at)), file[(at + 8)..(at + length - 4)]));
            at += length;
        }
        return blocks;
    }

    public static int Packets(byte[] file) => Blocks(file).Count(block => block.Type == 6);

    public static byte[] U32(uint value, bool isBig = false)
    {
        byte[] bytes = new byte[4];
        if (isBig)
            BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] U16(ushort value, bool isBig) => isBig ? [(byte)(value >> 8), (byte)value] : [(byte)value, (byte)(value >> 8)];
}
