using System.Buffers.Binary;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Isolation.Frames;

/// <summary>An ICMP echo in IPv4 (RFC 792, RFC 791): what <c>ping</c> sends.</summary>
/// <param name="Source">IPv4 address of the sender.</param>
/// <param name="Destination">IPv4 address of the receiver.</param>
/// <param name="IsReply">False asks, true answers.</param>
/// <param name="Identifier">Tells one ping from another.</param>
/// <param name="Sequence">Counts a ping's packets.</param>
public readonly record struct EchoPacket(uint Source, uint Destination, bool IsReply, ushort Identifier, ushort Sequence)
{
    private const int IpSize = 20, IcmpSize = 8, DataSize = 32;
    private const byte IcmpProtocol = 1, EchoRequest = 8, EchoReply = 0, HopLimit = 64;
    private const ushort DoNotFragment = 0x4000, FragmentMask = 0x3fff;

    /// <summary>Builds the frame.</summary>
    /// <returns>The frame's length.</returns>
    public int Write(Span<byte> frame, MacAddress source, MacAddress destination)
    {
        EthernetHeader header = new(destination, source, EtherType.Ipv4);
        Span<byte> ip = frame.Slice(EthernetFrame.PayloadOffset(header), IpSize + IcmpSize + DataSize);
        ip.Clear();
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)ip.Length);
        BinaryPrimitives.WriteUInt16BigEndian(ip[4..], Sequence);
        BinaryPrimitives.WriteUInt16BigEndian(ip[6..], DoNotFragment);
        ip[8] = HopLimit;
        ip[9] = IcmpProtocol;
        BinaryPrimitives.WriteUInt32BigEndian(ip[12..], Source);
        BinaryPrimitives.WriteUInt32BigEndian(ip[16..], Destination);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], InternetChecksum.Of(ip[..IpSize]));
        Span<byte> icmp = ip[IpSize..];
        icmp[0] = IsReply ? EchoReply : EchoRequest;
        BinaryPrimitives.WriteUInt16BigEndian(icmp[4..], Identifier);
        BinaryPrimitives.WriteUInt16BigEndian(icmp[6..], Sequence);
        for (int i = 0; i < DataSize; i++)
            icmp[IcmpSize + i] = (byte)(0x10 + i);
        BinaryPrimitives.WriteUInt16BigEndian(icmp[2..], InternetChecksum.Of(icmp));
        return EthernetFrame.Write(frame, header, ip.Length);
    }

    /// <summary>Reads a packet; false where it is cut, a fragment, damaged, or no echo.</summary>
    public static bool TryRead(ReadOnlySpan<byte> packet, out EchoPacket echo)
    {
        echo = default;
        if (packet.Length < IpSize || packet[0] >> 4 != 4)
            return false;
        int headerSize = (packet[0] & 0xf) * 4;
        int total = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        // Behind the packet there may be padding of the frame.
        if (headerSize < IpSize || total > packet.Length || total < headerSize + IcmpSize || packet[9] != IcmpProtocol
            || (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & FragmentMask) != 0
            || InternetChecksum.Of(packet[..headerSize]) != 0)
            return false;
        ReadOnlySpan<byte> icmp = packet[headerSize..total];
        if (icmp[0] is not (EchoRequest or EchoReply) || icmp[1] != 0 || InternetChecksum.Of(icmp) != 0)
            return false;
        echo = new EchoPacket(
            BinaryPrimitives.ReadUInt32BigEndian(packet[12..]),
            BinaryPrimitives.ReadUInt32BigEndian(packet[16..]),
            icmp[0] == EchoReply,
            BinaryPrimitives.ReadUInt16BigEndian(icmp[4..]),
            BinaryPrimitives.ReadUInt16BigEndian(icmp[6..]));
        return true;
    }
}
