using Vfleet.Host.Isolation.Frames;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Tests.Isolation;

public sealed class UnitFrameTests
{
    private static readonly MacAddress Here = new(0x02_00_00_00_00_01);
    private static readonly MacAddress There = new(0x02_00_00_00_00_02);

    [Fact]
    public void AnArpQuestionIsReadAsItWasWritten()
    {
        byte[] frame = new byte[EthernetFrame.Room];
        int length = ArpPacket.WriteRequest(frame, Here, 0xc6124701, 0xc6124702);
        Assert.Equal(
            "FFFFFFFFFFFF0200000000010806" + "0001080006040001" + "020000000001C6124701" + "000000000000C6124702" + new string('0', 36),
            Convert.ToHexString(frame, 0, length));
        Assert.True(EthernetFrame.TryRead(frame.AsSpan(0, length), out EthernetHeader header, out ReadOnlySpan<byte> payload));
        Assert.Equal(new EthernetHeader(MacAddress.Broadcast, Here, EtherType.Arp), header);
        Assert.True(ArpPacket.TryRead(payload, out ArpPacket arp));
        Assert.Equal(new ArpPacket(ArpPacket.Request, Here, 0xc6124701, MacAddress.Zero, 0xc6124702), arp);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AnEchoIsReadAsItWasWritten(bool isReply)
    {
        byte[] frame = new byte[EthernetFrame.Room];
        EchoPacket echo = new(0xc6124701, 0xc6124702, isReply, 0xbeef, 7);
        int length = echo.Write(frame, Here, There);
        Assert.True(EthernetFrame.TryRead(frame.AsSpan(0, length), out EthernetHeader header, out ReadOnlySpan<byte> payload));
        Assert.Equal(new EthernetHeader(There, Here, EtherType.Ipv4), header);
        Assert.True(EchoPacket.TryRead(payload, out EchoPacket read));
        Assert.Equal(echo, read);
    }

    [Fact]
    public void ADamagedEchoIsNoEcho()
    {
        byte[] frame = new byte[EthernetFrame.Room];
        int length = new EchoPacket(1, 2, false, 3, 4).Write(frame, Here, There);
        for (int i = 14; i < length; i++)
        {
            frame[i] ^= 0x40;
            EthernetFrame.TryRead(frame.AsSpan(0, length), out _, out ReadOnlySpan<byte> payload);
            Assert.False(EchoPacket.TryRead(payload, out _), $"byte {i}");
            frame[i] ^= 0x40;
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    [InlineData(4094)]
    public void ATestFrameIsReadWithItsTag(int? vlan)
    {
        byte[] frame = new byte[EthernetFrame.Room];
        int length = new TestFrame(0xdeadbeef, 513).Write(frame, new EthernetHeader(There, Here, 0, vlan));
        Assert.Equal(EthernetFrame.Shortest, length);
        Assert.True(TestFrame.TryRead(frame.AsSpan(0, length), out EthernetHeader header, out TestFrame test));
        Assert.Equal(new EthernetHeader(There, Here, EtherType.Experimental, vlan), header);
        Assert.Equal(new TestFrame(0xdeadbeef, 513), test);
    }

    [Fact]
    public void ATestFrameIsFoundBelowTwoTags()
    {
        byte[] inner = new byte[EthernetFrame.Room];
        int length = new TestFrame(1, 2).Write(inner, new EthernetHeader(There, Here, 0, 200));
        byte[] frame = [.. inner[..12], 0x81, 0x00, 0x00, 0x64, .. inner[12..length]];
        Assert.True(TestFrame.TryRead(frame, out EthernetHeader header, out TestFrame test));
        Assert.Equal(100, header.Vlan);
        Assert.Equal(new TestFrame(1, 2), test);
    }

    [Fact]
    public void CutAndGarbledFramesNeverThrow()
    {
        byte[] room = new byte[EthernetFrame.Room];
        byte[][] frames =
        [
            room[..ArpPacket.WriteRequest(room, Here, 1, 2)].ToArray(),
            room[..new EchoPacket(1, 2, true, 3, 4).Write(room, Here, There)].ToArray(),
            room[..new TestFrame(1, 2).Write(room, new EthernetHeader(There, Here, 0, 5))].ToArray(),
        ];
        ulong seed = 42;
        foreach (byte[] frame in frames)
        {
            for (int length = 0; length <= frame.Length; length++)
                ReadAll(frame.AsSpan(0, length));
            for (int round = 0; round < 100_000; round++)
            {
                // Knuth's MMIX generator: the same garbage on every run.
                seed = (seed * 6364136223846793005) + 1442695040888963407;
                byte[] garbled = [.. frame];
                garbled[(int)(seed >> 40) % garbled.Length] = (byte)(seed >> 32);
                garbled[(int)(seed >> 48) % garbled.Length] = (byte)(seed >> 24);
                ReadAll(garbled.AsSpan(0, (int)((seed >> 33) % (ulong)(garbled.Length + 1))));
            }
        }
    }

    private static void ReadAll(ReadOnlySpan<byte> frame)
    {
        _ = TestFrame.TryRead(frame, out _, out _);
        if (!EthernetFrame.TryRead(frame, out _, out ReadOnlySpan<byte> payload))
            return;
        _ = ArpPacket.TryRead(payload, out _);
        _ = EchoPacket.TryRead(payload, out _);
    }
}
