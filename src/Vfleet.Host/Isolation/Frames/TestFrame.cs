using System.Buffers.Binary;

namespace Vfleet.Host.Isolation.Frames;

/// <summary>A marked frame that no station answers: who hears it tells how far it got.</summary>
/// <param name="Run">Tells one probe's frames from another's.</param>
/// <param name="Number">Tells the frames of a run apart.</param>
public readonly record struct TestFrame(uint Run, ushort Number)
{
    private const uint Mark = 0x56464c54;
    private const int Size = 10;

    /// <summary>Builds the frame; the header's ethertype is replaced by <see cref="EtherType.Experimental"/>.</summary>
    /// <returns>The frame's length.</returns>
    public int Write(Span<byte> frame, EthernetHeader header)
    {
        header = header with { Type = EtherType.Experimental };
        Span<byte> payload = frame[EthernetFrame.PayloadOffset(header)..];
        BinaryPrimitives.WriteUInt32BigEndian(payload, Mark);
        BinaryPrimitives.WriteUInt32BigEndian(payload[4..], Run);
        BinaryPrimitives.WriteUInt16BigEndian(payload[8..], Number);
        return EthernetFrame.Write(frame, header, Size);
    }

    /// <summary>Reads a frame that was received; false where it is another's.</summary>
    /// <remarks>A receiver may see one tag more than the header shows, or none of two: how NICs strip them differs.</remarks>
    public static bool TryRead(ReadOnlySpan<byte> frame, out EthernetHeader header, out TestFrame test)
    {
        test = default;
        ReadOnlySpan<byte> payload;
        // A second tag below the first, as a port VLAN around a tagged frame leaves it, hides the ethertype once more.
        if (!EthernetFrame.TryRead(frame, out header, out payload) || !SkipTag(ref header, ref payload))
            return false;
        if (header.Type != EtherType.Experimental || payload.Length < Size || BinaryPrimitives.ReadUInt32BigEndian(payload) != Mark)
            return false;
        test = new TestFrame(BinaryPrimitives.ReadUInt32BigEndian(payload[4..]), BinaryPrimitives.ReadUInt16BigEndian(payload[8..]));
        return true;
    }

    private static bool SkipTag(ref EthernetHeader header, ref ReadOnlySpan<byte> payload)
    {
        if (header.Type is not (EtherType.Vlan or EtherType.ServiceVlan))
            return true;
        if (payload.Length < 4)
            return false;
        header = header with { Type = BinaryPrimitives.ReadUInt16BigEndian(payload[2..]) };
        payload = payload[4..];
        return true;
    }
}
