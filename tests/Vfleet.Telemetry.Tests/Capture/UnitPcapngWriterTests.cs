using System.Text;
using Vfleet.Telemetry.Capture;

namespace Vfleet.Telemetry.Tests.Capture;

public sealed class UnitPcapngWriterTests
{
    private readonly PcapngWriter _writer = new();

    [Fact]
    public void TheFirstBlockTellsTheByteOrderAndCarriesTheComment()
    {
        _writer.Section("ab\ncde", "x");
        byte[] wanted =
        [
            0x0a, 0x0d, 0x0d, 0x0a, 52, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, .. Enumerable.Repeat((byte)0xff, 8),
            1, 0, 6, 0, (byte)'a', (byte)'b', 10, (byte)'c', (byte)'d', (byte)'e', 0, 0,
            4, 0, 1, 0, (byte)'x', 0, 0, 0, 0, 0, 0, 0, 52, 0, 0, 0,
        ];
        Assert.Equal(wanted, _writer.Block.ToArray());
    }

    [Fact]
    public void TheInterfaceHasNameResolutionAndFilter()
    {
        _writer.Interface(new PcapngInterface("net1", "vf", 1, 96, "ip"));
        byte[] wanted =
        [
            1, 0, 0, 0, 56, 0, 0, 0, 1, 0, 0, 0, 96, 0, 0, 0,
            2, 0, 4, 0, .. "net1"u8, 3, 0, 2, 0, .. "vf"u8, 0, 0, 9, 0, 1, 0, 9, 0, 0, 0, 11, 0, 3, 0, 0, .. "ip"u8, 0, 0, 0, 0, 0, 56, 0, 0, 0,
        ];
        Assert.Equal(wanted, _writer.Block.ToArray());
    }

    [Fact]
    public void APacketIsPaddedAndItsTimeIsInTwoHalves()
    {
        _writer.Packet(new PcapPacket(0x0102030405060708, 1500, new byte[] { 9, 8, 7, 6, 5 }));
        byte[] wanted =
        [
            6, 0, 0, 0, 40, 0, 0, 0, 0, 0, 0, 0, 4, 3, 2, 1, 8, 7, 6, 5, 5, 0, 0, 0, 0xdc, 5, 0, 0, 9, 8, 7, 6, 5, 0, 0, 0, 40, 0, 0, 0,
        ];
        Assert.Equal(wanted, _writer.Block.ToArray());
    }

    [Fact]
    public void WhatWasLostIsLeftOutWhereNobodyKnows()
    {
        _writer.Statistics(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(1), 3, null);
        int without = _writer.Block.Length;
        _writer.Statistics(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(1), 3, 0);
        Assert.Equal(12, _writer.Block.Length - without);
    }

    [Fact]
    public void ACommentWithoutRoomIsCutAtAWholeCharacter()
    {
        _writer.Section(new string('ä', 40_000), "x");
        (uint _, byte[] content) = Assert.Single(PcapBytes.Blocks(_writer.Block.ToArray()));
        int length = content[18] | (content[19] << 8);
        Assert.Equal(65_534, length);
        Assert.Equal(new string('ä', 32_767), Encoding.UTF8.GetString(content, 20, length));
    }
}
