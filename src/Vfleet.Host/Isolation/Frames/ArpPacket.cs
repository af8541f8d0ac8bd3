using System.Buffers.Binary;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Isolation.Frames;

/// <summary>ARP for IPv4 over Ethernet (RFC 826).</summary>
/// <param name="Operation">1 asks, 2 answers.</param>
/// <param name="SenderMac">Who speaks.</param>
/// <param name="SenderIp">Its address.</param>
/// <param name="TargetMac">Who is meant; zero in a question.</param>
/// <param name="TargetIp">Its address.</param>
public readonly record struct ArpPacket(ushort Operation, MacAddress SenderMac, uint SenderIp, MacAddress TargetMac, uint TargetIp)
{
    /// <summary>Who has the address?</summary>
    public const ushort Request = 1;

    /// <summary>I have it.</summary>
    public const ushort Reply = 2;

    private const int Size = 28;

    // Ethernet, IPv4, 6 and 4 bytes of address.
    private const ulong Kind = 0x0001_0800_0604;

    /// <summary>Builds the frame of a question, as broadcast.</summary>
    /// <returns>The frame's length.</returns>
    public static int WriteRequest(Span<byte> frame, MacAddress senderMac, uint senderIp, uint targetIp)
    {
        EthernetHeader header = new(MacAddress.Broadcast, senderMac, EtherType.Arp);
        new ArpPacket(Request, senderMac, senderIp, MacAddress.Zero, targetIp).Write(frame[EthernetFrame.PayloadOffset(header)..]);
        return EthernetFrame.Write(frame, header, Size);
    }

    /// <summary>Writes the packet alone, 28 bytes.</summary>
    public void Write(Span<byte> packet)
    {
        BinaryPrimitives.WriteUInt32BigEndian(packet, (uint)(Kind >> 16));
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], unchecked((ushort)Kind));
        BinaryPrimitives.WriteUInt16BigEndian(packet[6..], Operation);
        SenderMac.Write(packet[8..]);
        BinaryPrimitives.WriteUInt32BigEndian(packet[14..], SenderIp);
        TargetMac.Write(packet[18..]);
        BinaryPrimitives.WriteUInt32BigEndian(packet[24..], TargetIp);
    }

    /// <summary>Reads a packet; false where it is cut, or ARP for something else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> packet, out ArpPacket arp)
    {
        arp = default;
        if (packet.Length < Size || BinaryPrimitives.ReadUInt64BigEndian(packet) >> 16 != Kind
            || MacAddress.Read(packet[8..]) is not { } sender || MacAddress.Read(packet[18..]) is not { } target)
            return false;
        arp = new ArpPacket(
            BinaryPrimitives.ReadUInt16BigEndian(packet[6..]),
            sender,
            BinaryPrimitives.ReadUInt32BigEndian(packet[14..]),
            target,
            BinaryPrimitives.ReadUInt32BigEndian(packet[24..]));
        return true;
    }
}
