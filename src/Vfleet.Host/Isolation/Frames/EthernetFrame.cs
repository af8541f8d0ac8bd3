using System.Buffers.Binary;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Isolation.Frames;

/// <summary>What stands before the payload of a frame.</summary>
/// <param name="Destination">Who it is for.</param>
/// <param name="Source">Who says to have sent it.</param>
/// <param name="Type">The payload's ethertype; the VLAN tag's own is not meant.</param>
/// <param name="Vlan">VLAN id of the outermost tag, 0 to 4095; null for an untagged frame.</param>
public readonly record struct EthernetHeader(MacAddress Destination, MacAddress Source, ushort Type, int? Vlan = null);

/// <summary>Ethernet II frames without checksum, with one VLAN tag at most.</summary>
public static class EthernetFrame
{
    /// <summary>Shortest frame, checksum left out: shorter ones are padded with zeros.</summary>
    public const int Shortest = 60;

    /// <summary>Room that is enough for every frame built here.</summary>
    public const int Room = 256;

    private const int AddressSize = 6, HeaderSize = 14, TagSize = 4;
    private const int VlanMask = 0x0fff;

    /// <summary>Bytes before the payload.</summary>
    public static int PayloadOffset(in EthernetHeader header) => header.Vlan is null ? HeaderSize : HeaderSize + TagSize;

    /// <summary>Writes the header and pads a short frame.</summary>
    /// <param name="frame">Where to; at least <see cref="Shortest"/> bytes, the payload in place already.</param>
    /// <param name="header">The header.</param>
    /// <param name="payloadLength">Bytes of the payload.</param>
    /// <returns>The frame's length.</returns>
    public static int Write(Span<byte> frame, in EthernetHeader header, int payloadLength)
    {
        header.Destination.Write(frame);
        header.Source.Write(frame[AddressSize..]);
        int at = 2 * AddressSize;
        if (header.Vlan is { } vlan)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame[at..], EtherType.Vlan);
            BinaryPrimitives.WriteUInt16BigEndian(frame[(at + 2)..], (ushort)(vlan & VlanMask));
            at += TagSize;
        }
        BinaryPrimitives.WriteUInt16BigEndian(frame[at..], header.Type);
        int length = at + 2 + payloadLength;
        if (length >= Shortest)
            return length;
        frame[length..Shortest].Clear();
        return Shortest;
    }

    /// <summary>Reads a frame; false where it ends before its payload begins.</summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, out EthernetHeader header, out ReadOnlySpan<byte> payload)
    {
        header = default;
        payload = default;
        if (frame.Length < HeaderSize || MacAddress.Read(frame) is not { } destination || MacAddress.Read(frame[AddressSize..]) is not { } source)
            return false;
        ushort type = BinaryPrimitives.ReadUInt16BigEndian(frame[(2 * AddressSize)..]);
        int start = HeaderSize;
        int? vlan = null;
        if (type is EtherType.Vlan or EtherType.ServiceVlan)
        {
            if (frame.Length < HeaderSize + TagSize)
                return false;
            vlan = BinaryPrimitives.ReadUInt16BigEndian(frame[HeaderSize..]) & VlanMask;
            type = BinaryPrimitives.ReadUInt16BigEndian(frame[(HeaderSize + 2)..]);
            start += TagSize;
        }
        header = new EthernetHeader(destination, source, type, vlan);
        payload = frame[start..];
        return true;
    }
}
