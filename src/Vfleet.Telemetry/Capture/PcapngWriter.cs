using System.Buffers.Binary;
using System.Text;

namespace Vfleet.Telemetry.Capture;

/// <summary>The interface that packets were captured on, as a pcapng file tells it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is.</param>
/// <param name="LinkType">The packets' link layer (LINKTYPE_…).</param>
/// <param name="SnapLength">Bytes of a packet that are kept at most.</param>
/// <param name="Filter">Which packets, in the words of pcap-filter(7); null for all.</param>
public readonly record struct PcapngInterface(string Name, string Description, ushort LinkType, uint SnapLength, string? Filter);

/// <summary>
/// Blocks of a pcapng file with one interface whose times are nanoseconds (IETF draft-ietf-opsawg-pcapng), little-endian. A block is whole
/// in <see cref="Block"/> before it is written, so that a file can end after any.
/// </summary>
public sealed class PcapngWriter
{
    private const uint SectionHeader = 0x0a0d0d0a, InterfaceDescription = 1, EnhancedPacket = 6, InterfaceStatistics = 5;
    private const uint ByteOrderMagic = 0x1a2b3c4d;
    private const ushort EndOfOptions = 0, Comment = 1, Application = 4;
    private const ushort InterfaceName = 2, InterfaceText = 3, Resolution = 9, FilterText = 11;
    private const ushort StartTime = 2, EndTime = 3, FilterAccepted = 6, LostBySystem = 7;
    private const byte NanosecondPower = 9;

    /// <summary>Longest value of an option, bytes.</summary>
    private const int LongestOption = ushort.MaxValue;

    private byte[] _block = new byte[4096];
    private int _length;

    /// <summary>The block that was made last; overwritten by the next.</summary>
    public ReadOnlyMemory<byte> Block => _block.AsMemory(0, _length);

    /// <summary>Makes the block that a file begins with.</summary>
    /// <param name="comment">What the file is.</param>
    /// <param name="application">What wrote it.</param>
    public void Section(string comment, string application)
    {
        Begin(SectionHeader);
        Put32(ByteOrderMagic);
        Put16(1);
        Put16(0);
        // The section's length: not known while packets come.
        Put64(ulong.MaxValue);
        Option(Comment, Utf8(comment));
        Option(Application, Utf8(application));
        Option(EndOfOptions, []);
        End();
    }

    /// <summary>Makes the block of the interface.</summary>
    public void Interface(PcapngInterface on)
    {
        Begin(InterfaceDescription);
        Put16(on.LinkType);
        Put16(0);
        Put32(on.SnapLength);
        Option(InterfaceName, Utf8(on.Name));
        Option(InterfaceText, Utf8(on.Description));
        Option(Resolution, [NanosecondPower]);
        // The first byte says that words follow, as pcap-filter(7) has them.
        if (on.Filter is { } filter)
            Option(FilterText, [0, .. Utf8(filter, LongestOption - 1)]);
        Option(EndOfOptions, []);
        End();
    }

    /// <summary>Makes a packet's block.</summary>
    public void Packet(PcapPacket packet)
    {
        Begin(EnhancedPacket);
        Put32(0);
        PutTime(packet.Nanoseconds);
        Put32((uint)packet.Data.Length);
        Put32(packet.OriginalLength);
        PutPadded(packet.Data.Span);
        End();
    }

    /// <summary>Makes the block of what the interface counted.</summary>
    /// <param name="from">When it was first listened to.</param>
    /// <param name="to">When that ended.</param>
    /// <param name="accepted">Packets the filter let through.</param>
    /// <param name="lost">Of those, packets the kernel had no room for; null where that is not known.</param>
    public void Statistics(DateTimeOffset from, DateTimeOffset to, long accepted, long? lost)
    {
        Begin(InterfaceStatistics);
        Put32(0);
        PutTime(Nanoseconds(to));
        TimeOption(StartTime, Nanoseconds(from));
        TimeOption(EndTime, Nanoseconds(to));
        NumberOption(FilterAccepted, (ulong)accepted);
        if (lost is { } count)
            NumberOption(LostBySystem, (ulong)count);
        Option(EndOfOptions, []);
        End();
    }

    /// <summary>Nanoseconds since 1970 UTC.</summary>
    public static ulong Nanoseconds(DateTimeOffset time) => (ulong)(time - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>Bytes of text, cut at a whole character where an option has no room.</summary>
    private static byte[] Utf8(string text, int most = LongestOption)
    {
        if (Encoding.UTF8.GetByteCount(text) <= most)
            return Encoding.UTF8.GetBytes(text);
        byte[] room = new byte[most];
        Encoding.UTF8.GetEncoder().Convert(text, room, flush: false, out _, out int used, out _);
        return room[..used];
    }

    private void Begin(uint type)
    {
        _length = 0;
        Put32(type);
        Put32(0);
    }

    private void End()
    {
        uint whole = (uint)_length + sizeof(uint);
        Put32(whole);
        BinaryPrimitives.WriteUInt32LittleEndian(_block.AsSpan(4), whole);
    }

    private void Option(ushort code, ReadOnlySpan<byte> value)
    {
        Put16(code);
        Put16((ushort)value.Length);
        PutPadded(value);
    }

    private void TimeOption(ushort code, ulong nanoseconds)
    {
        Put16(code);
        Put16(sizeof(ulong));
        PutTime(nanoseconds);
    }

    private void NumberOption(ushort code, ulong value)
    {
        Put16(code);
        Put16(sizeof(ulong));
        Put64(value);
    }

    /// <summary>A time goes in two halves, the upper one first, whatever the byte order.</summary>
    private void PutTime(ulong nanoseconds)
    {
        Put32((uint)(nanoseconds >> 32));
        Put32((uint)nanoseconds);
    }

    private void Put16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Room(sizeof(ushort)), value);

    private void Put32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Room(sizeof(uint)), value);

    private void Put64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Room(sizeof(ulong)), value);

    private void PutPadded(ReadOnlySpan<byte> bytes)
    {
        Span<byte> room = Room((bytes.Length + 3) & ~3);
        bytes.CopyTo(room);
        room[bytes.Length..].Clear();
    }

    private Span<byte> Room(int length)
    {
        if (_block.Length - _length < length)
            Array.Resize(ref _block, Math.Max(_block.Length * 2, _length + length));
        _length += length;
        return _block.AsSpan(_length - length, length);
    }
}
