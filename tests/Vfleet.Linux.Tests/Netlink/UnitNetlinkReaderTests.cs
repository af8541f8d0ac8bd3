using System.Runtime.InteropServices;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Tests.Netlink;

public sealed class UnitNetlinkReaderTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    public void Message_with_an_impossible_length_is_malformed(int length)
    {
        byte[] datagram = Datagram.Message(Datagram.SomeType, 1, []);
        MemoryMarshal.Write(datagram, length);
        NetlinkReader reader = new(datagram);
        Assert.False(reader.Read());
        Assert.True(reader.Malformed);
        Assert.False(reader.Read());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    public void Rest_shorter_than_a_header_is_malformed(int length)
    {
        NetlinkReader reader = new([.. Datagram.Text(1, "abcd"), .. new byte[length]]);
        Assert.True(reader.Read());
        Assert.False(reader.Read());
        Assert.True(reader.Malformed);
    }

    [Fact]
    public void Last_message_needs_no_padding()
    {
        NetlinkReader reader = new(Datagram.Text(1, "abc").AsSpan(0, 19));
        Assert.True(reader.Read());
        Assert.Equal("abc", Datagram.Words(reader.Current));
        Assert.False(reader.Read());
        Assert.False(reader.Malformed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(9)]
    [InlineData(0xffff)]
    public void Attribute_with_an_impossible_length_is_malformed(int length)
    {
        byte[] attribute = Datagram.Attribute(1, [1, 2, 3, 4]);
        MemoryMarshal.Write(attribute, (ushort)length);
        AttributeReader reader = new(attribute);
        Assert.False(reader.Read());
        Assert.True(reader.Malformed);
        Assert.True(reader.Value.IsEmpty);
    }

    [Fact]
    public void Value_too_short_for_its_type_is_malformed_and_zero()
    {
        AttributeReader reader = new(Datagram.Attribute(1, [1, 2, 3]));
        Assert.True(reader.Read());
        Assert.Equal(0u, reader.AsUInt32());
        Assert.True(reader.Malformed);
    }

    [Fact]
    public void Flags_of_the_type_are_no_part_of_it()
    {
        AttributeReader reader = new(Datagram.Attribute(0x8000 | 0x4000 | 7, []));
        Assert.True(reader.Read());
        Assert.Equal(7, reader.Type);
    }
}
