using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Vfleet.Linux.Netlink;

/// <summary>Walks the messages of a datagram. Never reads past its end; what does not fit is reported by <see cref="Malformed"/>.</summary>
/// <param name="datagram">The bytes received.</param>
public ref struct NetlinkReader(ReadOnlySpan<byte> datagram)
{
    private ReadOnlySpan<byte> _rest = datagram;

    /// <summary>True once bytes were found that are no message.</summary>
    public bool Malformed { get; private set; }

    /// <summary>The message <see cref="Read"/> stands on.</summary>
    public NetlinkMessage Current { get; private set; }

    /// <summary>Advances to the next message.</summary>
    public bool Read()
    {
        if (_rest.IsEmpty)
            return false;
        if (_rest.Length < NetlinkControl.HeaderSize)
            return Stop();
        uint length = MemoryMarshal.Read<uint>(_rest);
        if (length < NetlinkControl.HeaderSize || length > _rest.Length)
            return Stop();
        Current = new NetlinkMessage(
            MemoryMarshal.Read<ushort>(_rest[4..]),
            (NetlinkFlags)MemoryMarshal.Read<ushort>(_rest[6..]),
            MemoryMarshal.Read<uint>(_rest[8..]),
            _rest[NetlinkControl.HeaderSize..(int)length]);
        _rest = _rest[Math.Min(_rest.Length, NetlinkControl.Align((int)length))..];
        return true;
    }

    private bool Stop()
    {
        Malformed = true;
        _rest = default;
        return false;
    }
}

/// <summary>
/// Walks netlink attributes (nlattr). Never reads past its end; what does not fit is reported by <see cref="Malformed"/>.
/// </summary>
/// <param name="attributes">The bytes of the attributes.</param>
public ref struct AttributeReader(ReadOnlySpan<byte> attributes)
{
    /// <summary>Size of nlattr in bytes.</summary>
    public const int HeaderSize = 4;

    private const ushort TypeMask = 0x3fff;

    /// <summary>True once bytes were found that are no attribute.</summary>
    public bool Malformed { get; private set; }

    /// <summary>Type without the nested and byte-order bits.</summary>
    public ushort Type { get; private set; }

    /// <summary>The attribute's bytes, without header and padding.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Everything after the current attribute.</summary>
    public ReadOnlySpan<byte> Rest { get; private set; } = attributes;

    /// <summary>Everything from the current attribute's value to the end of the message: for a list whose own length has wrapped.</summary>
    public ReadOnlySpan<byte> ValueAndRest { get; private set; } = attributes;

    /// <summary>Advances to the next attribute.</summary>
    public bool Read()
    {
        if (Rest.Length < HeaderSize)
            return Stop(!Rest.IsEmpty);
        ushort length = MemoryMarshal.Read<ushort>(Rest);
        if (length < HeaderSize || length > Rest.Length)
            return Stop(true);
        Type = (ushort)(MemoryMarshal.Read<ushort>(Rest[2..]) & TypeMask);
        ValueAndRest = Rest[HeaderSize..];
        Value = Rest[HeaderSize..length];
        Rest = Rest[Math.Min(Rest.Length, NetlinkControl.Align(length))..];
        return true;
    }

    /// <summary>Continues after a list whose true end the caller has found.</summary>
    /// <param name="rest">The bytes after the list; a tail of <see cref="ValueAndRest"/>.</param>
    public void ContinueAt(ReadOnlySpan<byte> rest) => Rest = rest;

    /// <summary>The value as a byte; false (and malformed) when it is too short.</summary>
    public byte AsByte() => AsStruct<byte>();

    /// <summary>The value as 16 bits in host order.</summary>
    public ushort AsUInt16() => AsStruct<ushort>();

    /// <summary>The value as 16 bits in network order.</summary>
    public ushort AsUInt16Network() => BinaryPrimitives.ReverseEndianness(AsStruct<ushort>());

    /// <summary>The value as 32 bits in host order.</summary>
    public uint AsUInt32() => AsStruct<uint>();

    /// <summary>The value as 64 bits in host order.</summary>
    public ulong AsUInt64() => AsStruct<ulong>();

    /// <summary>The value as text, up to its first zero byte.</summary>
    public readonly string AsText()
    {
        int end = Value.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? Value : Value[..end]);
    }

    /// <summary>A reader of the attributes nested in the value.</summary>
    public readonly AttributeReader AsNested() => new(Value);

    /// <summary>The value as a structure; the default (and <see cref="Malformed"/>) when it is shorter.</summary>
    public T AsStruct<T>()
        where T : unmanaged
    {
        if (MemoryMarshal.TryRead(Value, out T result))
            return result;
        Malformed = true;
        return default;
    }

    private bool Stop(bool malformed)
    {
        Malformed |= malformed;
        Value = default;
        Rest = default;
        return false;
    }
}
