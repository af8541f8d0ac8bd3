using Vfleet.Linux;
using Vfleet.Telemetry.Capture;

namespace Vfleet.Telemetry.Tests.Capture;

public sealed class UnitPcapStreamTests
{
    [Theory]
    [InlineData(PcapBytes.Nanoseconds, false, 7_000_000_005UL)]
    [InlineData(PcapBytes.Nanoseconds, true, 7_000_000_005UL)]
    [InlineData(PcapBytes.Microseconds, false, 7_000_005_000UL)]
    [InlineData(PcapBytes.Microseconds, true, 7_000_005_000UL)]
    public async Task BothByteOrdersAndResolutionsAreRead(uint magic, bool isBig, ulong nanoseconds)
    {
        PcapStream stream = Of([.. PcapBytes.Header(magic, isBig), .. PcapBytes.Packet(7, 5, [1, 2, 3], 99, isBig)]);
        Assert.Equal(new PcapHeader(1, 262144), (await stream.ReadHeaderAsync()).Value);
        PcapPacket packet = (await stream.ReadAsync()).Value!.Value;
        Assert.Equal((nanoseconds, 99u), (packet.Nanoseconds, packet.OriginalLength));
        Assert.Equal([1, 2, 3], packet.Data.ToArray());
        Assert.Null((await stream.ReadAsync()).Value);
    }

    [Fact]
    public async Task WhatComesByteByByteIsTheSame()
    {
        byte[] bytes = [.. PcapBytes.Header(), .. Enumerable.Range(0, 50).SelectMany(i => PcapBytes.Packet(1, (uint)i, new byte[i]))];
        PcapStream stream = new(new Dripping(bytes));
        Assert.NotNull((await stream.ReadHeaderAsync()).Value);
        for (int i = 0; i < 50; i++)
            Assert.Equal(i, (await stream.ReadAsync()).Value!.Value.Data.Length);
        Assert.Null((await stream.ReadAsync()).Value);
    }

    [Fact]
    public async Task ManyLargePacketsPassThroughTheSameRoom()
    {
        byte[] large = new byte[CaptureOrder.LongestPacket];
        byte[] bytes = [.. PcapBytes.Header(), .. Enumerable.Range(0, 9).SelectMany(i => PcapBytes.Packet(1, (uint)i, large))];
        PcapStream stream = Of(bytes);
        Assert.NotNull((await stream.ReadHeaderAsync()).Value);
        for (int i = 0; i < 9; i++)
            Assert.Equal((ulong)i, (await stream.ReadAsync()).Value!.Value.Nanoseconds - 1_000_000_000);
    }

    [Fact]
    public async Task AStreamThatIsCutAnywhereIsToldFromOneThatEnds()
    {
        byte[] whole = [.. PcapBytes.Header(), .. PcapBytes.Packet(1, 2, [1, 2, 3, 4])];
        for (int length = 1; length < whole.Length; length++)
        {
            PcapStream stream = Of(whole[..length]);
            Outcome<PcapHeader?> header = await stream.ReadHeaderAsync();
            if (length < 24)
                Assert.Equal(FaultKind.Kernel, header.Fault?.Kind);
            else if (length == 24)
                Assert.Null((await stream.ReadAsync()).Value);
            else
                Assert.Contains("ends within a packet", (await stream.ReadAsync()).Fault?.Cause, StringComparison.Ordinal);
        }
        Assert.Null((await Of([]).ReadHeaderAsync()).Value);
    }

    [Theory]
    [InlineData(0u, 0xffffffffu)]
    [InlineData(0u, 262145u)]
    [InlineData(1_000_000_000u, 4u)]
    public async Task AbsurdNumbersAreRefused(uint fraction, uint length)
    {
        PcapStream stream =
            Of([.. PcapBytes.Header(), .. PcapBytes.U32(1), .. PcapBytes.U32(fraction), .. PcapBytes.U32(length), .. PcapBytes.U32(length), 0, 0, 0, 0]);
        Assert.NotNull((await stream.ReadHeaderAsync()).Value);
        Assert.Equal(FaultKind.Kernel, (await stream.ReadAsync()).Fault?.Kind);
    }

    [Fact]
    public async Task AnotherFormatIsRefused() =>
        Assert.Contains("does not begin", (await Of("#!/bin/sh and more than a header"u8.ToArray()).ReadHeaderAsync()).Fault?.Cause, StringComparison.Ordinal);

    private static PcapStream Of(byte[] bytes) => new(new MemoryStream(bytes));

    /// <summary>Gives one byte at a time.</summary>
    private sealed class Dripping(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..1], cancellationToken);
    }
}
