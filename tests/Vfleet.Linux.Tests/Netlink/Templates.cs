using System.Runtime.InteropServices;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;

namespace Vfleet.Linux.Tests.Netlink;

/// <summary>Valid messages of rtnetlink, as the kernel sends them.</summary>
internal static class Templates
{
    /// <summary>Writes one message with sequence number 1.</summary>
    public static byte[] Build(ushort type, Action<NetlinkRequest> write)
    {
        NetlinkRequest request = new();
        request.Begin(type, NetlinkFlags.Multi);
        write(request);
        request.Number(1, acknowledge: false);
        return request.Datagram.ToArray();
    }

    public static NetlinkRequest Nest(this NetlinkRequest request, int type, Action<NetlinkRequest> write)
    {
        int mark = request.BeginNest(type);
        write(request);
        return request.EndNest(mark);
    }

    /// <summary>RTM_NEWLINK of a PF; with 222 VFs or more and counters the length of the VF list has wrapped, as the kernel's does.</summary>
    public static byte[] Link(int vfs)
    {
        int mark = 0;
        int end = 0;
        byte[] bytes = Build(RouteMessage.NewLink, request =>
        {
            request.Struct(new InterfaceMessage { Type = 1, Index = 7, Flags = 0x11043 })
                .Put(LinkAttribute.Name, "enp1s0f0").Put(LinkAttribute.Mtu, 1500u)
                .Put(LinkAttribute.Address, (ReadOnlySpan<byte>)[2, 0, 0, 0, 0, 1]).Put(LinkAttribute.NumVf, (uint)vfs);
            mark = request.BeginNest(LinkAttribute.VfInfoList);
            for (int i = 0; i < vfs; i++)
                request.Nest(VfAttribute.Info, vf => Vf(vf, (uint)i));
            end = request.Length;
            request.Nest(LinkAttribute.LinkInfo, info => info.Put(LinkAttribute.InfoKind, "pf"))
                .Nest(LinkAttribute.PropertyList, list => list.Put(LinkAttribute.AlternativeName, "enp1s0f0np0"))
                .Put(LinkAttribute.ParentDeviceName, "0000:01:00.0").Put(LinkAttribute.ParentDeviceBusName, "pci");
        });
        MemoryMarshal.Write(bytes.AsSpan(mark), unchecked((ushort)(end - mark)));
        return bytes;
    }

    public static byte[] Address(byte family) => Build(RouteMessage.NewAddress, request => request
        .Struct(new AddressMessage { Family = family, PrefixLength = 24, Index = 7 })
        .Put(2, (ReadOnlySpan<byte>)new byte[family == 2 ? 4 : 16]).Put(1, (ReadOnlySpan<byte>)new byte[family == 2 ? 4 : 16])
        .Put(3, "eth0").Put(8, 0x80u));

    public static byte[] DefaultRoute() => Build(RouteMessage.NewRoute, request => request
        .Struct(new RouteHeader { Family = 2, Table = 254, Type = 1 }).Put(15, 254u).Put(5, 0x0100000au).Put(4, 7u));

    public static byte[] MultipathRoute() => Build(RouteMessage.NewRoute, request => request
        .Struct(new RouteHeader { Family = 2, Table = 254, Type = 1 })
        .Put(9, (ReadOnlySpan<byte>)[16, 0, 0, 0, 7, 0, 0, 0, 8, 0, 5, 0, 10, 0, 0, 1, 8, 0, 0, 0, 8, 0, 0, 0]));

    private static void Vf(NetlinkRequest vf, uint index)
    {
        Span<byte> mac = stackalloc byte[36];
        mac.Clear();
        MemoryMarshal.Write(mac, index);
        mac[4] = 2;
        mac[9] = (byte)index;
        vf.Put(VfAttribute.Mac, (ReadOnlySpan<byte>)mac).Put(VfAttribute.Broadcast, (ReadOnlySpan<byte>)new byte[32])
            .Put(VfAttribute.Vlan, new VfRateMessage { Vf = index, MinimumTx = 100 })
            .Put(VfAttribute.Rate, new VfRateMessage { Vf = index, MaximumTx = 1000 })
            .Put(VfAttribute.TxRate, new VfSettingMessage { Vf = index, Setting = 1000 })
            .Put(VfAttribute.SpoofCheck, new VfSettingMessage { Vf = index, Setting = 1 })
            .Put(VfAttribute.LinkState, new VfSettingMessage { Vf = index })
            .Put(VfAttribute.RssQuery, new VfSettingMessage { Vf = index, Setting = uint.MaxValue })
            .Put(VfAttribute.Trust, new VfSettingMessage { Vf = index, Setting = 1 })
            .Nest(VfAttribute.VlanList, list => list.Put(VfAttribute.VlanInfo, new VfVlanMessage { Vf = index, Vlan = 100, Protocol = 0x0081 }))
            .Nest(VfAttribute.Stats, stats =>
            {
                for (int i = VfAttribute.StatsRxPackets; i <= VfAttribute.StatsTxDropped; i++)
                    stats.Put(i, (ulong)i);
            });
    }
}
