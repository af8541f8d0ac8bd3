using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;

namespace Vfleet.Simulation.Tests;

public class UnitSimulatedVfListTests
{
    private const uint WithoutCounters = LinkAttribute.FilterVf | LinkAttribute.FilterSkipStats;

    [Theory]
    [InlineData(7, 7)]
    [InlineData(221, 221)]
    [InlineData(222, 0)]
    [InlineData(223, 1)]
    [InlineData(256, 34)]
    [InlineData(512, 69)]
    [InlineData(1000, 114)]
    [InlineData(2000, 7)]
    public void A_reader_that_trusts_the_list_length_sees_what_ip_sees(int vfs, int seen)
    {
        byte[] link = GetLink(vfs, LinkAttribute.FilterVf);
        ReadVfs(link, out int count, out int trusted, out int all);
        Assert.Equal(vfs, count);
        Assert.Equal(seen, trusted);
        Assert.Equal(vfs, all);
    }

    [Theory]
    [InlineData(222, 180)]
    [InlineData(256, (4 + (256 * 296)) & 0xffff)]
    [InlineData(512, (4 + (512 * 296)) & 0xffff)]
    [InlineData(1000, (4 + (1000 * 296)) & 0xffff)]
    public void The_list_length_is_the_low_16_bits(int vfs, int length)
    {
        byte[] link = GetLink(vfs, LinkAttribute.FilterVf);
        int at = ListAt(link);
        Assert.Equal(length, BitConverter.ToUInt16(link, at));
    }

    [Fact]
    public void Without_counters_a_VF_takes_196_bytes_and_334_fit()
    {
        ReadVfs(GetLink(334, WithoutCounters), out _, out int fits, out _);
        ReadVfs(GetLink(335, WithoutCounters), out _, out int wraps, out _);
        Assert.Equal(334, fits);
        Assert.NotEqual(335, wraps);
    }

    [Fact]
    public void Attributes_follow_the_wrapped_list()
    {
        byte[] link = GetLink(256, LinkAttribute.FilterVf);
        AttributeReader after = new(link.AsSpan(ListAt(link) + 4 + (256 * 296)));
        string? parent = null;
        while (after.Read())
        {
            if (after.Type == LinkAttribute.ParentDeviceName)
                parent = after.AsText();
        }
        Assert.False(after.Malformed);
        Assert.Equal("0000:01:00.0", parent);
    }

    [Fact]
    public void Without_the_mask_there_is_no_VF_list()
    {
        byte[] link = GetLink(7, 0);
        Assert.Empty(RawRoute.Bytes(link, LinkAttribute.NumVf));
        Assert.Empty(RawRoute.Bytes(link, LinkAttribute.VfInfoList));
    }

    private static byte[] GetLink(int vfs, uint mask)
    {
        SimulatedKernel kernel = SimulationProfiles.Create("igb", new() { TotalVfs = Math.Max(7, vfs), InitialVfs = vfs }).Value;
        using RawRoute route = new(kernel);
        return route.GetLink(route.IndexOf("enp1s0f0"), mask);
    }

    private static int ListAt(byte[] link)
    {
        AttributeReader reader = new(link.AsSpan(16));
        while (reader.Read())
        {
            if (reader.Type == LinkAttribute.VfInfoList)
                return link.Length - reader.ValueAndRest.Length - AttributeReader.HeaderSize;
        }
        return -1;
    }

    private static void ReadVfs(byte[] link, out int count, out int trusted, out int all)
    {
        count = BitConverter.ToInt32(RawRoute.Bytes(link, LinkAttribute.NumVf));
        trusted = Count(new AttributeReader(RawRoute.Bytes(link, LinkAttribute.VfInfoList)), count);
        all = Count(new AttributeReader(link.AsSpan(ListAt(link) + 4)), count);
    }

    private static int Count(AttributeReader reader, int most)
    {
        int found = 0;
        while (found < most && reader.Read() && reader.Type == VfAttribute.Info)
            found++;
        return found;
    }
}
