using System.Buffers.Binary;
using Vfleet.Linux.Route;
using Vfleet.Simulation.Links;

namespace Vfleet.Simulation.Wire;

/// <summary>Reads and rewrites Ethernet frames.</summary>
internal static class EthernetFrame
{
    public const int HeaderSize = 14, TagSize = 4;

    private const int SourceAt = 6, TypeAt = 12, VlanMask = 0x0fff;

    public static MacAddress Destination(ReadOnlySpan<byte> frame) => MacAddress.Read(frame)!.Value;

    public static MacAddress Source(ReadOnlySpan<byte> frame) => MacAddress.Read(frame[SourceAt..])!.Value;

    public static ushort Type(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt16BigEndian(frame[TypeAt..]);

    /// <summary>The VLAN of the outer tag; 0 without one.</summary>
    public static int Vlan(ReadOnlySpan<byte> frame) =>
        Type(frame) is VfSettings.Vlan8021Q or VfSettings.Vlan8021Ad && frame.Length >= HeaderSize + TagSize
            ? BinaryPrimitives.ReadUInt16BigEndian(frame[HeaderSize..]) & VlanMask
            : 0;

    public static byte[] WithoutTag(ReadOnlySpan<byte> frame) => [.. frame[..TypeAt], .. frame[(TypeAt + TagSize)..]];

    /// <summary>A frame of its own, with its header in place.</summary>
    public static byte[] Create(MacAddress destination, MacAddress source, ushort type, int payloadLength)
    {
        byte[] frame = new byte[HeaderSize + payloadLength];
        destination.Write(frame);
        source.Write(frame.AsSpan(SourceAt));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(TypeAt), type);
        return frame;
    }
}
