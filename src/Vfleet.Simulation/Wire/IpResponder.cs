using System.Buffers.Binary;
using Vfleet.Simulation.Links;

namespace Vfleet.Simulation.Wire;

/// <summary>The least an IP stack does: it says who has an address of its interface, and answers echo requests.</summary>
internal static class IpResponder
{
    private const ushort Arp = 0x0806, Ipv4 = 0x0800, Ipv6 = 0x86dd;
    private const int Header = EthernetFrame.HeaderSize;

    /// <summary>The answer to a frame that arrived; null where there is none.</summary>
    public static byte[]? Answer(SimulatedLink link, ReadOnlySpan<byte> frame) => EthernetFrame.Type(frame) switch
    {
        Arp => AnswerArp(link, frame),
        Ipv4 when EthernetFrame.Destination(frame) == link.Mac => AnswerEcho4(link, frame),
        Ipv6 => AnswerIcmp6(link, frame),
        _ => null,
    };

    /// <summary>RFC 826: request for one of our addresses.</summary>
    private static byte[]? AnswerArp(SimulatedLink link, ReadOnlySpan<byte> frame)
    {
        const int size = 28, operation = 6, sender = 8, target = 18, senderIp = 14, targetIp = 24;
        ReadOnlySpan<byte> arp = frame[Header..];
        if (arp.Length < size || arp[operation + 1] != 1 || !Owns(link, AddressFamily.Inet, arp.Slice(targetIp, 4)))
            return null;
        byte[] answer = EthernetFrame.Create(EthernetFrame.Source(frame), link.Mac, Arp, size);
        Span<byte> body = answer.AsSpan(Header);
        arp[..operation].CopyTo(body);
        body[operation + 1] = 2;
        link.Mac.Write(body[sender..]);
        arp.Slice(targetIp, 4).CopyTo(body[senderIp..]);
        arp.Slice(sender, 10).CopyTo(body[target..]);
        return answer;
    }

    /// <summary>RFC 792: echo request becomes echo reply, addresses change places.</summary>
    private static byte[]? AnswerEcho4(SimulatedLink link, ReadOnlySpan<byte> frame)
    {
        const int source = 12, destination = 16, protocol = 9, icmp = 1;
        ReadOnlySpan<byte> ip = frame[Header..];
        int header = ip.Length >= 20 ? (ip[0] & 0x0f) * 4 : 0;
        int length = header < 20 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(ip[2..]);
        if (length < header + 8 || length > ip.Length || ip[protocol] != icmp || ip[header] != 8
            || !Owns(link, AddressFamily.Inet, ip.Slice(destination, 4)))
            return null;
        byte[] answer = EthernetFrame.Create(EthernetFrame.Source(frame), link.Mac, Ipv4, length);
        Span<byte> body = answer.AsSpan(Header);
        ip[..length].CopyTo(body);
        ip.Slice(destination, 4).CopyTo(body[source..]);
        ip.Slice(source, 4).CopyTo(body[destination..]);
        Checksum.Put(body[..header], 10, 0);
        body[header] = 0;
        Checksum.Put(body[header..], 2, 0);
        return answer;
    }

    private static byte[]? AnswerIcmp6(SimulatedLink link, ReadOnlySpan<byte> frame)
    {
        const int header = 40, nextHeader = 6, icmp = 58, source = 8, destination = 24, size = 16;
        const byte echoRequest = 128, neighbourSolicitation = 135;
        ReadOnlySpan<byte> ip = frame[Header..];
        int length = ip.Length >= header ? BinaryPrimitives.ReadUInt16BigEndian(ip[4..]) : 0;
        if (length < 8 || header + length > ip.Length || ip[nextHeader] != icmp)
            return null;
        ReadOnlySpan<byte> message = ip.Slice(header, length);
        bool isEcho = message[0] == echoRequest && Owns(link, AddressFamily.Inet6, ip.Slice(destination, size));
        bool isSolicitation = message[0] == neighbourSolicitation && length >= 24
            && Owns(link, AddressFamily.Inet6, message.Slice(8, size));
        if (!isEcho && !isSolicitation)
            return null;
        byte[] content = isEcho ? [(byte)(echoRequest + 1), 0, 0, 0, .. message[4..]] : Advertisement(link, message.Slice(8, size));
        ReadOnlySpan<byte> own = isEcho ? ip.Slice(destination, size) : message.Slice(8, size);
        byte[] answer = EthernetFrame.Create(EthernetFrame.Source(frame), link.Mac, Ipv6, header + content.Length);
        Span<byte> body = answer.AsSpan(Header);
        ip[..header].CopyTo(body);
        BinaryPrimitives.WriteUInt16BigEndian(body[4..], (ushort)content.Length);
        body[7] = 255;
        own.CopyTo(body[source..]);
        ip.Slice(source, size).CopyTo(body[destination..]);
        content.CopyTo(body[header..]);
        uint pseudo = Checksum.Sum(body.Slice(source, 2 * size)) + (uint)content.Length + icmp;
        Checksum.Put(body[header..], 2, pseudo);
        return answer;
    }

    /// <summary>RFC 4861, 4.4: solicited, override, with our link-layer address.</summary>
    private static byte[] Advertisement(SimulatedLink link, ReadOnlySpan<byte> target) =>
        [136, 0, 0, 0, 0x60, 0, 0, 0, .. target, 2, 1, .. link.Mac.ToBytes()];

    private static bool Owns(SimulatedLink link, byte family, ReadOnlySpan<byte> address)
    {
        foreach (LinkAddress own in link.Addresses)
        {
            if (own.IsSame(family, address))
                return true;
        }
        return false;
    }
}
