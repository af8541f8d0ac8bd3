using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Vfleet.Linux.Netlink;

/// <summary>
/// Writes netlink messages into one growing buffer that is used again. Messages are begun, filled and ended in turn;
/// several make a batch that goes to the kernel in one system call.
/// </summary>
public sealed class NetlinkRequest
{
    private const ushort Nested = 0x8000;
    private byte[] _buffer = new byte[512];
    private int _length;
    private int _message = -1;

    /// <summary>Messages written since <see cref="Clear"/>.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes written since <see cref="Clear"/>.</summary>
    public int Length => _length;

    /// <summary>The whole datagram.</summary>
    public ReadOnlyMemory<byte> Datagram => _buffer.AsMemory(0, _length);

    /// <summary>What the messages are for, as the command they equal; carried into errors.</summary>
    public string Operation { get; set; } = "netlink request";

    /// <summary>What the messages are about; carried into errors.</summary>
    public string Target { get; set; } = "";

    /// <summary>Forgets everything written.</summary>
    public NetlinkRequest Clear()
    {
        _length = 0;
        _message = -1;
        Count = 0;
        return this;
    }

    /// <summary>Begins a message; the sequence number is put in when it is sent.</summary>
    public NetlinkRequest Begin(ushort type, NetlinkFlags flags)
    {
        EndMessage();
        _message = _length;
        Span<byte> header = Take(NetlinkControl.HeaderSize);
        header.Clear();
        MemoryMarshal.Write(header[4..], type);
        MemoryMarshal.Write(header[6..], (ushort)(flags | NetlinkFlags.Request));
        Count++;
        return this;
    }

    /// <summary>Appends a fixed structure, such as ifinfomsg.</summary>
    public NetlinkRequest Struct<T>(in T value)
        where T : unmanaged
    {
        MemoryMarshal.Write(Take(System.Runtime.CompilerServices.Unsafe.SizeOf<T>()), value);
        Pad();
        return this;
    }

    /// <summary>Appends an attribute.</summary>
    public NetlinkRequest Put<T>(int type, in T value)
        where T : unmanaged
    {
        Span<byte> room = Attribute(type, System.Runtime.CompilerServices.Unsafe.SizeOf<T>());
        MemoryMarshal.Write(room, value);
        return this;
    }

    /// <summary>Appends an attribute of 16 bits in network order.</summary>
    public NetlinkRequest PutNetwork(int type, ushort value) => Put(type, BinaryPrimitives.ReverseEndianness(value));

    /// <summary>Appends an attribute of bytes.</summary>
    public NetlinkRequest Put(int type, ReadOnlySpan<byte> value)
    {
        value.CopyTo(Attribute(type, value.Length));
        return this;
    }

    /// <summary>Appends an attribute of text with its terminating zero.</summary>
    public NetlinkRequest Put(int type, string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        Span<byte> room = Attribute(type, length + 1);
        Encoding.UTF8.GetBytes(text, room);
        room[length] = 0;
        return this;
    }

    /// <summary>Appends an attribute without a value (a flag).</summary>
    public NetlinkRequest Flag(int type)
    {
        Attribute(type, 0);
        return this;
    }

    /// <summary>Opens a nested attribute.</summary>
    /// <returns>The mark that <see cref="EndNest"/> takes.</returns>
    public int BeginNest(int type)
    {
        int mark = _length;
        Attribute(type | Nested, 0);
        return mark;
    }

    /// <summary>Closes a nested attribute.</summary>
    public NetlinkRequest EndNest(int mark)
    {
        MemoryMarshal.Write(_buffer.AsSpan(mark), checked((ushort)(_length - mark)));
        return this;
    }

    /// <summary>Closes the last message, numbers all of them and, where wanted, asks for an acknowledgement of each.</summary>
    internal void Number(uint firstSequence, bool acknowledge)
    {
        EndMessage();
        for (int at = 0; at < _length; at += MessageLength(at))
        {
            MemoryMarshal.Write(_buffer.AsSpan(at + 8), firstSequence++);
            if (acknowledge)
                _buffer[at + 6] |= (byte)NetlinkFlags.Ack;
        }
    }

    /// <summary>Measures up to <paramref name="most"/> whole messages from <paramref name="start"/>.</summary>
    /// <returns>Their length in bytes.</returns>
    internal int Slice(int start, int most, out int count)
    {
        int at = start;
        for (count = 0; count < most && at < _length; count++)
            at += MessageLength(at);
        return at - start;
    }

    private int MessageLength(int at) => NetlinkControl.Align(MemoryMarshal.Read<int>(_buffer.AsSpan(at)));

    private void EndMessage()
    {
        if (_message >= 0)
            MemoryMarshal.Write(_buffer.AsSpan(_message), _length - _message);
        _message = -1;
    }

    private Span<byte> Attribute(int type, int length)
    {
        Span<byte> header = Take(AttributeReader.HeaderSize);
        MemoryMarshal.Write(header, checked((ushort)(AttributeReader.HeaderSize + length)));
        MemoryMarshal.Write(header[2..], (ushort)type);
        int at = _length;
        Take(length);
        Pad();
        return _buffer.AsSpan(at, length);
    }

    private void Pad() => Take(NetlinkControl.Align(_length) - _length).Clear();

    private Span<byte> Take(int length)
    {
        if (_length + length > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + length));
        _length += length;
        return _buffer.AsSpan(_length - length, length);
    }
}
