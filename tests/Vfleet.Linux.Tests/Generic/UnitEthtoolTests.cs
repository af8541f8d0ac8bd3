using System.Runtime.CompilerServices;
using Vfleet.Linux.Generic;
using Vfleet.Linux.Generic.Ethtool;
using Vfleet.Linux.Tests.Netlink;

namespace Vfleet.Linux.Tests.Generic;

public sealed class UnitEthtoolTests
{
    private readonly GenericKernel _script = new("ethtool");

    [Fact]
    public async Task Link_modes_are_read_and_unknown_ones_are_null()
    {
        Assert.Equal(new LinkModes("eth0", 25000, true, true, 1),
            Expect.Value(await On(EthtoolCommand.LinkModesGet, GenericTemplates.LinkModes()).GetLinkModesAsync("eth0")));
        byte[] unknown = GenericTemplates.LinkModes();
        unknown.AsSpan(unknown.AsSpan().IndexOf(BitConverter.GetBytes(25000u)), 4).Fill(0xff);
        Assert.Null(Expect.Value(await On(EthtoolCommand.LinkModesGet, unknown).GetLinkModesAsync("eth0")).SpeedMbps);
    }

    [Fact]
    public async Task Channels_and_rings_are_read()
    {
        Assert.Equal(new Channels("eth0", 60, 70, 80, 90, 20, 30, 40, 50), Expect.Value(
            await On(EthtoolCommand.ChannelsGet, GenericTemplates.Numbers(EthtoolCommand.ChannelsReply, 2, 9)).GetChannelsAsync("eth0")));
        Assert.Equal(new Rings("eth0", 60, 90, 20, 50), Expect.Value(
            await On(EthtoolCommand.RingsGet, GenericTemplates.Numbers(EthtoolCommand.RingsReply, 2, 13)).GetRingsAsync("eth0")));
    }

    [Fact]
    public async Task Coalescing_is_read_and_what_the_driver_lacks_is_null() =>
        Assert.Equal(new Coalescing("eth0", 50, null, 60, null, true, null), Expect.Value(
            await On(EthtoolCommand.CoalesceGet, GenericTemplates.Coalescing()).GetCoalescingAsync("eth0")));

    [Fact]
    public async Task Features_tell_what_is_on_and_what_can_be_changed() =>
        Assert.Equal([new("tx-scatter-gather", true, true), new("tx-checksum-ipv4", true, false)], Expect.Value(
            await On(EthtoolCommand.FeaturesGet, GenericTemplates.Features()).GetFeaturesAsync("eth0")).Features);

    [Fact]
    public async Task Standard_counters_have_their_standard_names() =>
        Assert.Equal(
            [
                new("eth-mac", "FramesTransmittedOK", 11), new("eth-mac", "FramesReceivedOK", 22), new("rmon", "rx-etherStatsPkts64to127Octets", 33),
            ],
            Expect.Value(await On(EthtoolCommand.StatsGet, GenericTemplates.Statistics()).GetStandardStatisticsAsync("eth0")).Statistics);

    [Fact]
    public async Task Change_writes_only_what_changes_with_its_width()
    {
        EthtoolClient client = Expect.Value(EthtoolClient.Open(_script.Kernel));
        Expect.Done(await client.SetCoalescingAsync("eth0", new CoalescingChange { AdaptiveRx = false, RxMicroseconds = 8 }));
        Dictionary<int, byte[]> sent = GenericKernel.Attributes(Assert.Single(_script.Requests));
        Assert.Equal(
            [EthtoolAttribute.Header, EthtoolAttribute.CoalesceAdaptiveRx, EthtoolAttribute.CoalesceRxMicroseconds], sent.Keys);
        Assert.Equal((1, 4), (sent[EthtoolAttribute.CoalesceAdaptiveRx].Length, sent[EthtoolAttribute.CoalesceRxMicroseconds].Length));
    }

    [Fact]
    public async Task Refusal_names_the_command()
    {
        _script.On(EthtoolCommand.ChannelsSet, sent => [Datagram.Error(sent.Sequence, Errno.EINVAL, "requested channel count exceeds maximum")]);
        EthtoolClient client = Expect.Value(EthtoolClient.Open(_script.Kernel));
        Fault fault = Expect.Fault(await client.SetChannelsAsync("eth0", new ChannelsChange(Combined: 99)));
        Assert.Equal("ethtool -L eth0 combined 99", fault.Operation);
        Assert.Equal(FaultKind.Usage, Expect.Fault(await client.GetRingsAsync("a/b")).Kind);
    }

    [Fact]
    public void Driver_information_and_counters_come_by_ioctl()
    {
        string[] names = ["rx_packets", "tx_packets"];
        EthtoolClient client = Expect.Value(EthtoolClient.Open(new GenericKernel("ethtool") { Ethtool = (_, command) => Answer(command, names) }.Kernel));
        Assert.Equal(new DriverInfo("eth0", "igb", "6.12.95", null, "0000:01:00.0", 2), Expect.Value(client.GetDriverInfo("eth0")));
        DriverStatistics statistics = Expect.Value(client.OpenDriverStatistics("eth0"));
        Assert.Equal(names, statistics.Names);
        ulong[] values = new ulong[2];
        Expect.Done(statistics.Read(values));
        Assert.Equal([1000ul, 1001ul], values);
    }

    [Fact]
    public void Counters_that_changed_meanwhile_are_stale_and_overwrite_nothing()
    {
        string[] names = ["rx_packets"];
        EthtoolClient client = Expect.Value(EthtoolClient.Open(new GenericKernel("ethtool") { Ethtool = (_, command) => Answer(command, names) }.Kernel));
        DriverStatistics statistics = Expect.Value(client.OpenDriverStatistics("eth0"));
        names = ["rx_packets", "tx_packets"];
        Assert.Equal(Errno.ESTALE, Expect.Fault(statistics.Read(new ulong[1])).Errno);
    }

    [Fact]
    public void Structure_of_the_ioctl_has_the_kernels_size() =>
        Assert.Equal(EthtoolIoctl.RequestSize, Unsafe.SizeOf<EthtoolIoctl.InterfaceRequest>());

    private static Outcome<byte[]> Answer(byte[] command, string[] names)
    {
        byte[] answer = BitConverter.ToUInt32(command) switch
        {
            DriverInfo.Command => GenericTemplates.DriverInfo(names.Length),
            DriverStatistics.NamesCommand => GenericTemplates.CounterNames(names),
            _ => [.. BitConverter.GetBytes(DriverStatistics.ValuesCommand), .. BitConverter.GetBytes(names.Length),
                .. names.SelectMany((_, i) => BitConverter.GetBytes(1000ul + (ulong)i))],
        };
        answer.CopyTo(command, 0);
        return command;
    }

    private EthtoolClient On(byte command, byte[] reply) => Expect.Value(EthtoolClient.Open(_script.On(command, reply).Kernel));
}
