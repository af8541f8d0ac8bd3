using Vfleet.Linux.Netlink;
using Vfleet.Simulation.Nodes;

namespace Vfleet.Linux.Tests.Netlink;

public sealed class UnitNetlinkRequestTests
{
    [Fact]
    public void What_is_written_is_read_back()
    {
        NetlinkRequest request = new();
        request.Begin(Datagram.SomeType, NetlinkFlags.Ack).Struct(0x11223344u)
            .Put(1, (byte)7).Put(2, "eth0").Put(3, 0x1122334455667788ul).PutNetwork(4, 0x88a8).Flag(5);
        int nest = request.BeginNest(6);
        request.Put(1, (ushort)9).EndNest(nest);
        request.Number(42, acknowledge: false);

        NetlinkReader messages = new(request.Datagram.Span);
        Assert.True(messages.Read());
        Assert.Equal((Datagram.SomeType, 42u), (messages.Current.Type, messages.Current.Sequence));
        Assert.Equal(NetlinkFlags.Request | NetlinkFlags.Ack, messages.Current.Flags);
        AttributeReader reader = new(messages.Current.Payload[4..]);
        Assert.True(reader.Read());
        Assert.Equal(7, reader.AsByte());
        Assert.True(reader.Read());
        Assert.Equal("eth0", reader.AsText());
        Assert.True(reader.Read());
        Assert.Equal(0x1122334455667788ul, reader.AsUInt64());
        Assert.True(reader.Read());
        Assert.Equal(0x88a8, reader.AsUInt16Network());
        Assert.True(reader.Read());
        Assert.True(reader.Value.IsEmpty);
        Assert.True(reader.Read());
        Assert.Equal(6, reader.Type);
        AttributeReader inner = reader.AsNested();
        Assert.True(inner.Read());
        Assert.Equal(9, inner.AsUInt16());
        Assert.False(reader.Read());
        Assert.False(messages.Read());
        Assert.False(reader.Malformed || messages.Malformed);
    }

    [Fact]
    public void Padding_is_zero_when_the_buffer_is_used_again()
    {
        NetlinkRequest request = new();
        request.Begin(1, NetlinkFlags.None).Put(1, (ReadOnlySpan<byte>)Enumerable.Repeat((byte)0xff, 64).ToArray());
        request.Clear().Begin(1, NetlinkFlags.None).Put(1, (byte)1);
        request.Number(1, acknowledge: false);
        Assert.Equal(new byte[] { 0, 0, 0 }, request.Datagram.Span[^3..].ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(5000)]
    [InlineData(65528)]
    public void Value_of_any_length_grows_the_buffer(int length)
    {
        byte[] value = new byte[length];
        new SeededNumbers(1).Fill(value);
        NetlinkRequest request = new();
        request.Begin(1, NetlinkFlags.None).Put(1, (ReadOnlySpan<byte>)value);
        request.Number(1, acknowledge: false);
        NetlinkReader messages = new(request.Datagram.Span);
        Assert.True(messages.Read());
        AttributeReader reader = new(messages.Current.Payload);
        Assert.True(reader.Read());
        Assert.True(reader.Value.SequenceEqual(value));
    }

    [Fact]
    public void Batch_is_cut_at_message_boundaries()
    {
        NetlinkRequest request = new();
        for (int i = 0; i < 5; i++)
            request.Begin(1, NetlinkFlags.None).Put(1, (byte)i);
        request.Number(1, acknowledge: true);
        int first = request.Slice(0, 2, out int count);
        Assert.Equal((48, 2), (first, count));
        Assert.Equal(72, request.Slice(first, 9, out count));
        Assert.Equal(3, count);
    }
}
