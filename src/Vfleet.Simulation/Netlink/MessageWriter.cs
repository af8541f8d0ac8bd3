using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Vfleet.Linux.Netlink;

namespace Vfleet.Simulation.Netlink;

/// <summary>
/// Writes one netlink message as the kernel does, its flaw included: the length of a nest is 16 bits and wraps when more is inside.
/// </summary>
internal sealed class MessageWriter
{
    private const ushort NestedFlag = 0x8000;
    private byte[] _buffer = new byte[2048];
    private int _length;

    public MessageWriter(ushort type, NetlinkFlags flags, uint sequence, uint port)
    {
        Span<byte> header = Take(NetlinkControl.HeaderSize);
        MemoryMarshal.Write(header[4..], type);
        MemoryMarshal.Write(header[6..], (ushort)flags);
        MemoryMarshal.Write(header[8..], sequence);
        MemoryMarshal.Write(header[12..], port);
    }

    public MessageWriter Struct<T>(in T value)
        where T : unmanaged
    {
        MemoryMarshal.Write(Take(Unsafe.SizeOf<T>()), value);
        Pad();
        return this;
    }

    /// <summary>Appends bytes that are no attribute.</summary>
    public MessageWriter Bytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Take(value.Length));
        Pad();
        return this;
    }

    public MessageWriter Put<T>(int type, in T value)
        where T : unmanaged
    {
        MemoryMarshal.Write(Attribute(type, Unsafe.SizeOf<T>()), value);
        return this;
    }

    public MessageWriter Put(int type, ReadOnlySpan<byte> value)
    {
        value.CopyTo(Attribute(type, value.Length));
        return this;
    }

    public MessageWriter Put(int type, string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        Encoding.UTF8.GetBytes(text, Attribute(type, length + 1));
        return this;
    }

    /// <summary>Room for an attribute's value, zeroed.</summary>
    public Span<byte> Attribute(int type, int length)
    {
        Span<byte> header = Take(AttributeReader.HeaderSize);
        MemoryMarshal.Write(header, (ushort)(AttributeReader.HeaderSize + length));
        MemoryMarshal.Write(header[2..], (ushort)type);
        int at = _length;
        Take(length);
        Pad();
        return _buffer.AsSpan(at, length);
    }

    /// <summary>Opens a nest; most of rtnetlink leaves the nested bit out, generic netlink sets it.</summary>
    public int BeginNest(int type, bool flagged = false)
    {
        int mark = _length;
        Attribute(flagged ? type | NestedFlag : type, 0);
        return mark;
    }

    /// <summary>Closes a nest with the low 16 bits of its length.</summary>
    public void EndNest(int mark) => MemoryMarshal.Write(_buffer.AsSpan(mark), unchecked((ushort)(_length - mark)));

    public byte[] Finish()
    {
        BinaryPrimitives.WriteInt32LittleEndian(_buffer, _length);
        Pad();
        return _buffer.AsSpan(0, _length).ToArray();
    }

    private void Pad() => Take(NetlinkControl.Align(_length) - _length);

    private Span<byte> Take(int length)
    {
        if (_length + length > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + length));
        _length += length;
        return _buffer.AsSpan(_length - length, length);
    }
}
