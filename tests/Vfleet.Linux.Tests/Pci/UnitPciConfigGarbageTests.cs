using Vfleet.Linux.Pci.Config;

namespace Vfleet.Linux.Tests.Pci;

/// <summary>What a broken device, a device unplugged in mid-read, or a short read may contain.</summary>
public sealed class UnitPciConfigGarbageTests
{
    [Fact]
    public void A_circle_of_capabilities_ends()
    {
        byte[] bytes = ConfigBuilder.IgbPhysicalFunction().Build();
        bytes[0xa1] = 0x50;

        ConfigSpace config = ConfigSpace.Parse(bytes);

        Assert.True(config.IsMalformed);
        Assert.Equal(4, config.Capabilities.Count);
        Assert.NotNull(config.Sriov);
    }

    [Fact]
    public void A_capability_that_points_to_itself_ends()
    {
        byte[] bytes = ConfigBuilder.IgbPhysicalFunction().Build();
        bytes[0x41] = 0x40;

        Assert.Single(ConfigSpace.Parse(bytes).Capabilities);
    }

    [Fact]
    public void A_pointer_into_the_header_ends()
    {
        byte[] bytes = ConfigBuilder.IgbPhysicalFunction().Build();
        bytes[0x34] = 0x04;

        ConfigSpace config = ConfigSpace.Parse(bytes);

        Assert.True(config.IsMalformed);
        Assert.Empty(config.Capabilities);
    }

    [Fact]
    public void The_low_bits_of_a_pointer_do_not_count()
    {
        byte[] bytes = ConfigBuilder.IgbPhysicalFunction().Build();
        bytes[0x34] |= 0x03;

        Assert.Equal(4, ConfigSpace.Parse(bytes).Capabilities.Count);
    }

    [Theory]
    [InlineData(0x100)]
    [InlineData(0x160)]
    [InlineData(0x0fc)]
    public void A_circle_of_extended_capabilities_ends(uint next)
    {
        ConfigSpace config = ConfigSpace.Parse(ConfigBuilder.IgbPhysicalFunction().Dword(0x160, 0x00010010 | (next << 20)).Build());

        Assert.True(config.IsMalformed);
        Assert.Equal(3, config.ExtendedCapabilities.Count);
        Assert.Equal(8, config.Sriov!.TotalVfs);
    }

    [Fact]
    public void A_capability_cut_by_the_end_of_the_space_is_null()
    {
        ConfigSpace config = ConfigSpace.Parse(ConfigBuilder.IgbPhysicalFunction().Dword(0x150, 0xff81000e).Dword(0xff8, 0x00010010).Build());

        Assert.Null(config.Sriov);
        Assert.Contains(config.ExtendedCapabilities, item => item is { Id: ExtendedCapabilityId.Sriov, Offset: 0xff8 });
    }

    [Fact]
    public void Every_length_parses()
    {
        byte[] bytes = ConfigBuilder.IgbPhysicalFunction(7).Build();
        byte[] bridge = ConfigBuilder.RootPort().Build();
        for (int length = 0; length <= bytes.Length; length++)
        {
            // A copy of exactly that length: reading past its end would be caught.
            Check(ConfigSpace.Parse(bytes.AsSpan(0, length).ToArray()), length);
            Check(ConfigSpace.Parse(bridge.AsSpan(0, length).ToArray()), length);
        }

        Check(ConfigSpace.Parse(new byte[5000]), 4096);
    }

    [Fact]
    public void A_hundred_thousand_mutated_spaces_parse()
    {
        byte[][] seeds = [
            ConfigBuilder.IgbPhysicalFunction(7).Build(), ConfigBuilder.RootPort().Build(),
            CapturedConfigs.Bytes(CapturedConfigs.IgbVirtualFunction), CapturedConfigs.Bytes(CapturedConfigs.RootPort)];
        Random random = new(20261122);
        byte[] bytes = new byte[4096];
        for (int round = 0; round < 100_000; round++)
        {
            seeds[round & 3].CopyTo(bytes, 0);
            int length = random.Next(8) == 0 ? random.Next(4097) : 4096;
            for (int mutation = random.Next(1, 24); mutation > 0; mutation--)
                Mutate(bytes, random);
            Check(ConfigSpace.Parse(bytes.AsSpan(0, length)), length);
        }
    }

    // Most mutations hit what steers the walks: pointers and headers.
    private static void Mutate(byte[] bytes, Random random)
    {
        int at = random.Next(3) switch
        {
            0 => random.Next(0x34, 0x100),
            1 => 0x100 + (random.Next(0x40) * 4) + random.Next(4),
            _ => random.Next(bytes.Length),
        };
        bytes[at] = (byte)random.Next(256);
    }

    private static void Check(ConfigSpace config, int length)
    {
        Assert.Equal(length, config.Length);
        Assert.InRange(config.Capabilities.Count, 0, 48);
        Assert.InRange(config.ExtendedCapabilities.Count, 0, 960);
        Assert.Equal(length >= 64, config.Header is not null);
        Assert.All(config.Capabilities, item => Assert.InRange(item.Offset + 2, 0x42, length));
        Assert.All(config.ExtendedCapabilities, item => Assert.InRange(item.Offset + 4, 0x104, length));
        if (config.Msix is not null)
            Assert.InRange(config.Msix.Vectors, 1, 2048);
        if (config.Sriov is not null)
            Assert.InRange(config.Sriov.PageSizes.Count(), 0, 32);
    }
}
