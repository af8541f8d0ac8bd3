using System.Buffers.Binary;
using System.Text;

namespace Vfleet.Cli.Lab.Wire;

/// <summary>One message on a channel: 1 byte type, 3 bytes zero, 4 bytes length (little endian), payload.</summary>
internal readonly record struct Frame(FrameType Type, ReadOnlyMemory<byte> Payload)
{
    internal const int HeaderBytes = 8;

    /// <summary>Longer payloads are cut into several frames by the sender; a longer one received is garbage.</summary>
    internal const int MaxPayloadBytes = 64 * 1024;

    internal static Frame OfNumber(FrameType type, int number)
    {
        byte[] payload = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(payload, number);
        return new Frame(type, payload);
    }

    internal static Frame OfText(FrameType type, string text) => new(type, Encoding.UTF8.GetBytes(text));

    /// <summary>The 32-bit payload of <see cref="FrameType.Signal"/>, <see cref="FrameType.Exit"/> and <see cref="FrameType.StdinTaken"/>.</summary>
    internal int Number => BinaryPrimitives.ReadInt32LittleEndian(Payload.Span);

    internal string Text => Encoding.UTF8.GetString(Payload.Span);

    /// <summary>The frame's bytes on the wire.</summary>
    internal byte[] Encode()
    {
        if (Payload.Length > MaxPayloadBytes)
            throw new InvalidOperationException($"a frame of {Payload.Length} bytes; the sender has to cut it");
        byte[] bytes = new byte[HeaderBytes + Payload.Length];
        bytes[0] = (byte)Type;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), Payload.Length);
        Payload.Span.CopyTo(bytes.AsSpan(HeaderBytes));
        return bytes;
    }

    /// <summary>Reads a header; false where it cannot be one, which means that the stream is out of step.</summary>
    internal static bool TryReadHeader(ReadOnlySpan<byte> bytes, out FrameType type, out int length)
    {
        type = (FrameType)bytes[0];
        length = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        if (bytes[1] != 0 || bytes[2] != 0 || bytes[3] != 0 || length is < 0 or > MaxPayloadBytes)
            return false;
        return type switch
        {
            FrameType.Start or FrameType.Stdin or FrameType.Stdout or FrameType.Stderr or FrameType.Failure or FrameType.Notice => true,
            FrameType.StdinEnd or FrameType.PowerOff => length == 0,
            FrameType.Signal or FrameType.Exit or FrameType.StdinTaken => length == sizeof(int),
            _ => false,
        };
    }
}
