using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Attach;

/// <summary>Frames that tell the neighbours whose address is where.</summary>
public static class Announcement
{
    private const int EthernetSize = 14, MacSize = 6;
    private const ushort Arp = 0x0806, IPv6 = 0x86dd, IPv4 = 0x0800;

    /// <summary>A gratuitous ARP request (RFC 5227, section 3), or an unsolicited neighbour advertisement (RFC 4861, section 7.2.6).</summary>
    /// <param name="mac">Whose address it is.</param>
    /// <param name="address">The address.</param>
    /// <returns>A whole Ethernet frame, without its checksum.</returns>
    public static byte[] Of(MacAddress mac, IPAddress address)
    {
        byte[] own = new byte[MacSize];
        mac.Write(own);
        return address.AddressFamily == AddressFamily.InterNetwork ? OfFour(own, address.GetAddressBytes()) : OfSix(own, address.GetAddressBytes());
    }

    private static byte[] OfFour(byte[] mac, byte[] address)
    {
        byte[] frame = new byte[EthernetSize + 28];
        frame.AsSpan(0, MacSize).Fill(0xff);
        mac.CopyTo(frame, MacSize);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), Arp);
        Span<byte> arp = frame.AsSpan(EthernetSize);
        BinaryPrimitives.WriteUInt16BigEndian(arp, 1);
        BinaryPrimitives.WriteUInt16BigEndian(arp[2..], IPv4);
        (arp[4], arp[5]) = (MacSize, 4);
        // A request for the own address: hosts that ignore unasked replies take it too.
        BinaryPrimitives.WriteUInt16BigEndian(arp[6..], 1);
        mac.CopyTo(arp[8..]);
        address.CopyTo(arp[14..]);
        address.CopyTo(arp[24..]);
        return frame;
    }

    private static byte[] OfSix(byte[] mac, byte[] address)
    {
        const int HeaderSize = 40, AdvertisementSize = 32;
        const byte Icmp = 58, Advertisement = 136, TargetLinkAddress = 2, Override = 0x20;
        byte[] allNodes = IPAddress.Parse("ff02::1").GetAddressBytes();
        byte[] frame = new byte[EthernetSize + HeaderSize + AdvertisementSize];
        (frame[0], frame[1], frame[5]) = (0x33, 0x33, 1);
        mac.CopyTo(frame, MacSize);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), IPv6);
        Span<byte> header = frame.AsSpan(EthernetSize, HeaderSize);
        header[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], AdvertisementSize);
        (header[6], header[7]) = (Icmp, 255);
        address.CopyTo(header[8..]);
        allNodes.CopyTo(header[24..]);
        Span<byte> body = frame.AsSpan(EthernetSize + HeaderSize);
        body[0] = Advertisement;
        body[4] = Override;
        address.CopyTo(body[8..]);
        (body[24], body[25]) = (TargetLinkAddress, 1);
        mac.CopyTo(body[26..]);
        BinaryPrimitives.WriteUInt16BigEndian(body[2..], Checksum(header[8..], body, Icmp));
        return frame;
    }

    /// <summary>Source: RFC 8200, section 8.1.</summary>
    private static ushort Checksum(ReadOnlySpan<byte> addresses, ReadOnlySpan<byte> body, byte next)
    {
        uint sum = (uint)(body.Length + next) + Sum(addresses) + Sum(body);
        while (sum > 0xffff)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }

    private static uint Sum(ReadOnlySpan<byte> words)
    {
        uint sum = 0;
        for (int i = 0; i < words.Length; i += sizeof(ushort))
            sum += BinaryPrimitives.ReadUInt16BigEndian(words[i..]);
        return sum;
    }
}
