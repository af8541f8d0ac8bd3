using System.Buffers.Binary;

namespace Vfleet.Telemetry.Capture;

/// <summary>What a pcap stream says of itself.</summary>
/// <param name="LinkType">The packets' link layer (LINKTYPE_…; 1 is Ethernet).</param>
/// <param name="SnapLength">Bytes of a packet that are kept at most; 0 for no limit.</param>
public readonly record struct PcapHeader(ushort LinkType, uint SnapLength);

/// <summary>A packet of a pcap stream. <paramref name="Data"/> is overwritten by the next reading.</summary>
/// <param name="Nanoseconds">When, since 1970 UTC.</param>
/// <param name="OriginalLength">Its length on the wire, bytes.</param>
/// <param name="Data">What was kept of it.</param>
public readonly record struct PcapPacket(ulong Nanoseconds, uint OriginalLength, ReadOnlyMemory<byte> Data);

/// <summary>
/// Reads a pcap file as it comes (IETF draft-ietf-opsawg-pcap, pcap-savefile(5)), of either byte order, with micro- or nanoseconds. Nothing
/// it says of lengths is believed beyond what a packet can have.
/// </summary>
/// <param name="source">The stream; not closed here.</param>
public sealed class PcapStream(Stream source)
{
    private const uint Microseconds = 0xa1b2c3d4, Nanoseconds = 0xa1b23c4d;
    private const int HeaderLength = 24, PacketHeaderLength = 16;

    private readonly byte[] _room = new byte[2 * (CaptureOrder.LongestPacket + PacketHeaderLength)];
    private int _start, _end;
    private bool _isBig;
    private uint _perSecond = 1_000_000_000;

    /// <summary>Reads the header.</summary>
    /// <returns>Null where the stream ends before it; Kernel where it is no pcap.</returns>
    public async Task<Outcome<PcapHeader?>> ReadHeaderAsync(CancellationToken cancel = default)
    {
        if (!(await FillAsync(HeaderLength, cancel).ConfigureAwait(false)).Try(out bool isThere, out Fault? fault))
            return fault;
        return isThere ? Header() : Outcome<PcapHeader?>.Of(null);
    }

    /// <summary>Reads a packet.</summary>
    /// <returns>Null at the end; Kernel where the stream is cut within a packet, or says what cannot be.</returns>
    public async ValueTask<Outcome<PcapPacket?>> ReadAsync(CancellationToken cancel = default)
    {
        if (!(await FillAsync(PacketHeaderLength, cancel).ConfigureAwait(false)).Try(out bool isThere, out Fault? fault))
            return fault;
        if (!isThere)
            return Outcome<PcapPacket?>.Of(null);
        (uint seconds, uint fraction, uint kept, uint original) = (Number(0), Number(4), Number(8), Number(12));
        if (kept > CaptureOrder.LongestPacket)
            return Broken($"it names a packet of {kept} bytes");
        if (fraction >= _perSecond)
            return Broken($"it names the fraction {fraction} of a second in {_perSecond} parts");
        _start += PacketHeaderLength;
        if (!(await FillAsync((int)kept, cancel).ConfigureAwait(false)).Try(out isThere, out fault))
            return fault;
        if (!isThere && kept > 0)
            return Cut();
        ReadOnlyMemory<byte> data = _room.AsMemory(_start, (int)kept);
        _start += (int)kept;
        return new PcapPacket((seconds * 1_000_000_000UL) + (fraction * (1_000_000_000UL / _perSecond)), Math.Max(original, kept), data);
    }

    private Outcome<PcapHeader?> Header()
    {
        uint magic = Number(0);
        if (magic is not (Microseconds or Nanoseconds))
        {
            _isBig = true;
            magic = Number(0);
        }
        if (magic is not (Microseconds or Nanoseconds))
            return Broken("it does not begin as pcap does");
        _perSecond = magic == Nanoseconds ? 1_000_000_000 : 1_000_000U;
        PcapHeader header = new((ushort)Number(20), Number(16));
        _start += HeaderLength;
        return header;
    }

    private uint Number(int at)
    {
        ReadOnlySpan<byte> bytes = _room.AsSpan(_start + at, sizeof(uint));
        return _isBig ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>Has so many bytes in the room.</summary>
    /// <returns>False where the stream ends before the first of them.</returns>
    private async ValueTask<Outcome<bool>> FillAsync(int length, CancellationToken cancel)
    {
        if (_room.Length - _start < length)
        {
            _room.AsSpan(_start, _end - _start).CopyTo(_room);
            (_start, _end) = (0, _end - _start);
        }
        else if (_start == _end)
        {
            _start = _end = 0;
        }
        while (_end - _start < length)
        {
            int read = await source.ReadAsync(_room.AsMemory(_end), cancel).ConfigureAwait(false);
            if (read == 0)
                return _start == _end ? false : Cut();
            _end += read;
        }
        return true;
    }

    private static Fault Cut() => Broken("it ends within a packet");

    private static Fault Broken(string why) => Fault.Unsupported("what tcpdump wrote is no whole stream of packets", why,
        "what came before it was kept; look whether tcpdump was killed", "tcpdump");
}
