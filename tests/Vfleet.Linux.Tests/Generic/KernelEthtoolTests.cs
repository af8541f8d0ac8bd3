using Vfleet.Linux.Generic.Ethtool;

namespace Vfleet.Linux.Tests.Generic;

/// <summary>On a pair of veth, which has channels and counters of its own but no coalescing.</summary>
public sealed class KernelEthtoolTests
{
    [KernelFact("ip")]
    public void Driver_and_counters_are_read_in_the_interfaces_namespace()
    {
        using KernelNamespace space = new("link add vft0 type veth peer name vft1");
        using EthtoolClient client = Expect.Value(EthtoolClient.Open(space.Kernel, space.Namespace));
        DriverInfo info = Expect.Value(client.GetDriverInfo("vft0"));
        Assert.Equal("veth", info.Driver);
        Assert.NotEqual(0, info.StatisticCount);

        DriverStatistics statistics = Expect.Value(client.OpenDriverStatistics("vft0"));
        Assert.Equal(info.StatisticCount, statistics.Names.Count);
        ulong[] values = new ulong[statistics.Names.Count];
        Expect.Done(statistics.Read(values));
        int peer = statistics.Names.ToList().IndexOf("peer_ifindex");
        Assert.True(peer >= 0 && values[peer] > 1, string.Join(", ", statistics.Names));

        using EthtoolClient elsewhere = Expect.Value(EthtoolClient.Open(space.Kernel));
        Assert.Equal(FaultKind.NotFound, Expect.Fault(elsewhere.GetDriverInfo("vft0")).Kind);
    }

    [KernelFact("ip")]
    public async Task Settings_are_read_and_changed()
    {
        using KernelNamespace space = new("link add vft0 numtxqueues 4 numrxqueues 4 type veth peer name vft1 numtxqueues 4 numrxqueues 4");
        using EthtoolClient client = Expect.Value(EthtoolClient.Open(space.Kernel, space.Namespace));
        Assert.Equal(10000u, Expect.Value(await client.GetLinkModesAsync("vft0")).SpeedMbps);
        Channels before = Expect.Value(await client.GetChannelsAsync("vft0"));
        Assert.Equal((4u, 4u), (before.MaxRx!.Value, before.MaxTx!.Value));
        Expect.Done(await client.SetChannelsAsync("vft0", new ChannelsChange(Rx: 2, Tx: 2)));
        Channels after = Expect.Value(await client.GetChannelsAsync("vft0"));
        Assert.Equal((2u, 2u), (after.Rx!.Value, after.Tx!.Value));
        Assert.Contains(Expect.Value(await client.GetFeaturesAsync("vft0")).Features, feature => feature is { Name: "tx-checksum-ip-generic", Active: true });
        Assert.NotNull(Expect.Value(await client.GetStandardStatisticsAsync("vft0")));
    }

    [KernelFact("ip")]
    public async Task Refusals_of_the_driver_are_faults_with_its_words()
    {
        using KernelNamespace space = new("link add vft0 type veth peer name vft1");
        using EthtoolClient client = Expect.Value(EthtoolClient.Open(space.Kernel, space.Namespace));
        Assert.Equal(Errno.EOPNOTSUPP, Expect.Fault(await client.GetCoalescingAsync("vft0")).Errno);
        Fault fault = Expect.Fault(await client.SetChannelsAsync("vft0", new ChannelsChange(Rx: 5000)));
        Assert.Equal(Errno.EINVAL, fault.Errno);
        Assert.NotNull(fault.Cause);
        Assert.Equal(FaultKind.NotFound, Expect.Fault(await client.GetLinkModesAsync("vft9")).Kind);
    }
}
