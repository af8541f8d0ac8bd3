using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Netlink;

/// <summary>RTM_NEWLINK as rtnl_fill_ifinfo of Linux 6.12 writes it, in its order.</summary>
internal static class LinkMessages
{
    private const ushort HardwareEthernet = 1, HardwareLoopback = 772;
    private const int TransmitQueueLength = 13, LinkMode = 17, Stats = 7, Group = 27, Promiscuity = 30, TransmitQueues = 31,
        ReceiveQueues = 32, ProtocolDown = 39, GsoMaxSegments = 40, GsoMaxSize = 41, Xdp = 43, CarrierUpCount = 47, CarrierDownCount = 48,
        MinimumMtu = 50, Qdisc = 6, PhysicalPortName = 38, AfSpec = 26, XdpAttached = 2;

    public static byte[] Notification(SimulatedLink link, ushort type, int index)
    {
        MessageWriter writer = new(type, NetlinkFlags.None, 0, 0);
        Fill(writer, link, index, 0, uint.MaxValue);
        return writer.Finish();
    }

    /// <param name="writer">A begun message.</param>
    /// <param name="link">The interface.</param>
    /// <param name="index">Its index, which a removed one no longer has.</param>
    /// <param name="mask">IFLA_EXT_MASK of the request.</param>
    /// <param name="change">ifi_change.</param>
    public static void Fill(MessageWriter writer, SimulatedLink link, int index, uint mask, uint change)
    {
        writer.Struct(new InterfaceMessage
        {
            Type = link.IsLoopback ? HardwareLoopback : HardwareEthernet,
            Index = index,
            Flags = link.VisibleFlags,
            Change = change,
        });
        FillState(writer, link);
        writer.Put(LinkAttribute.Address, link.Mac.ToBytes());
        writer.Put(LinkAttribute.Broadcast, (link.IsLoopback ? default : MacAddress.Broadcast).ToBytes());
        if (link.PhysicalPortName is { } port)
            writer.Put(PhysicalPortName, port);
        FillCounters(writer, link.Counters);
        FillVfs(writer, link, mask);
        int xdp = writer.BeginNest(Xdp);
        writer.Put(XdpAttached, (byte)0);
        writer.EndNest(xdp);
        if (link.Lower is not null || link.Bond is not null)
        {
            int kind = writer.BeginNest(LinkAttribute.LinkInfo);
            writer.Put(LinkAttribute.InfoKind, link.Bond is null ? "vlan" : LinkInfo.BondKind);
            writer.EndNest(kind);
        }
        if (!link.PermanentMac.IsZero)
            writer.Put(LinkAttribute.PermanentAddress, link.PermanentMac.ToBytes());
        if (link.Lower is { } lower)
            writer.Put(LinkAttribute.LowerLink, lower.Index);
        writer.Put(Qdisc, link.IsLoopback ? "noqueue" : link.IsUp ? "mq" : "noop");
        writer.EndNest(writer.BeginNest(AfSpec));
        FillAltNames(writer, link);
        if (link.Device is not { } device)
            return;
        writer.Put(LinkAttribute.ParentDeviceName, device.Name);
        writer.Put(LinkAttribute.ParentDeviceBusName, device.Bus);
    }

    private static void FillState(MessageWriter writer, SimulatedLink link)
    {
        writer.Put(LinkAttribute.Name, link.Name);
        writer.Put(TransmitQueueLength, 1000u);
        writer.Put(LinkAttribute.OperState, link.OperState);
        writer.Put(LinkMode, (byte)0);
        writer.Put(LinkAttribute.Mtu, link.Mtu);
        writer.Put(MinimumMtu, link.IsLoopback ? 0 : link.MinimumMtu);
        writer.Put(LinkAttribute.MaxMtu, link.MaximumMtu);
        writer.Put(Group, 0u);
        writer.Put(Promiscuity, (link.Flags & SimulatedLink.FlagPromiscuous) != 0 ? 1u : 0u);
        writer.Put(TransmitQueues, 1u);
        writer.Put(GsoMaxSegments, 65535u);
        writer.Put(GsoMaxSize, 65536u);
        writer.Put(ReceiveQueues, 1u);
        if (link.Master != 0)
            writer.Put(LinkAttribute.Master, link.Master);
        writer.Put(LinkAttribute.Carrier, (byte)(link.Carrier ? 1 : 0));
        if (link.Alias.Length > 0)
            writer.Put(LinkAttribute.Alias, link.Alias);
        writer.Put(LinkAttribute.CarrierChanges, link.CarrierUpCount + link.CarrierDownCount);
        writer.Put(CarrierUpCount, link.CarrierUpCount);
        writer.Put(CarrierDownCount, link.CarrierDownCount);
        writer.Put(ProtocolDown, (byte)0);
    }

    /// <summary>struct rtnl_link_stats64 (25 numbers), then struct rtnl_link_stats (24 numbers of 32 bits).</summary>
    private static void FillCounters(MessageWriter writer, LinkCounters counters)
    {
        Span<ulong> numbers = stackalloc ulong[25];
        numbers.Clear();
        ReadOnlySpan<ulong> known = [counters.RxPackets, counters.TxPackets, counters.RxBytes, counters.TxBytes, 0, 0,
            counters.RxDropped, counters.TxDropped, counters.Multicast];
        known.CopyTo(numbers);
        writer.Put(LinkAttribute.Stats64, System.Runtime.InteropServices.MemoryMarshal.AsBytes(numbers));
        Span<byte> small = writer.Attribute(Stats, 24 * sizeof(uint));
        for (int i = 0; i < 24; i++)
            BitConverter.TryWriteBytes(small[(i * sizeof(uint))..], (uint)numbers[i]);
    }

    /// <summary>IFLA_NUM_VF for everything on a bus; the list only where the driver can describe VFs.</summary>
    private static void FillVfs(MessageWriter writer, SimulatedLink link, uint mask)
    {
        if (link.Device is not { } device || (mask & LinkAttribute.FilterVf) == 0)
            return;
        bool isPf = device is not PciDevice { IsVirtual: true };
        int count = isPf ? device.Sriov?.Settings.Length ?? 0 : 0;
        writer.Put(LinkAttribute.NumVf, count);
        if (!isPf)
            return;
        int list = writer.BeginNest(LinkAttribute.VfInfoList);
        for (int index = 0; index < count; index++)
            VfMessages.Fill(writer, index, device.Sriov!.Settings[index], device.Traits!, (mask & LinkAttribute.FilterSkipStats) == 0);
        writer.EndNest(list);
    }

    private static void FillAltNames(MessageWriter writer, SimulatedLink link)
    {
        if (link.AltNames.Count == 0)
            return;
        int list = writer.BeginNest(LinkAttribute.PropertyList, true);
        foreach (string name in link.AltNames)
            writer.Put(LinkAttribute.AlternativeName, name);
        writer.EndNest(list);
    }
}
