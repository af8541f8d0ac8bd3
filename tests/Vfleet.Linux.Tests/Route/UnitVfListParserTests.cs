using System.Runtime.InteropServices;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;
using Vfleet.Linux.Tests.Netlink;

namespace Vfleet.Linux.Tests.Route;

/// <summary>Entries of a list are read at the offsets of an earlier one only where they are laid out alike.</summary>
public class UnitVfListParserTests
{
    private static readonly Action<NetlinkRequest, uint>[] Shapes =
    [
        (vf, index) => Trust(Spoof(Mac(vf, index), index, 1), index, 0),
        // The same length, the same places, other types.
        (vf, index) => Spoof(Trust(Mac(vf, index), index, 0), index, 1),
        (vf, index) => Mac(vf, index).Nest(VfAttribute.VlanList, list => Vlan(Vlan(list, index, 7), index, 8)),
        (vf, index) => Mac(vf, index).Put(VfAttribute.Vlan, new VfRateMessage { Vf = index, MinimumTx = 9, MaximumTx = 3 }),
        (vf, index) => Mac(vf, index).Nest(VfAttribute.Stats, stats => stats.Put(VfAttribute.StatsTxBytes, 11UL).Put(VfAttribute.StatsRxBytes, 12UL)),
        (vf, index) => Mac(vf, index).Nest(VfAttribute.Stats, stats => stats.Put(VfAttribute.StatsRxBytes, 12UL).Put(VfAttribute.StatsTxBytes, 11UL)),
        (vf, index) => Many(Trust(Mac(vf, index), index, 1)),
        (vf, index) => Many(Trust(Mac(vf, index), index, 0)),
        // The driver does not know: null, not true.
        (vf, index) => Spoof(Trust(Mac(vf, index), index, uint.MaxValue), index, uint.MaxValue),
        (vf, index) => vf.Put(VfAttribute.NodeGuid, new VfGuidMessage { Vf = index, Guid = 5 }),
    ];

    [Fact]
    public void Every_entry_is_read_as_if_it_stood_alone_whatever_came_before_it()
    {
        foreach (int first in Enumerable.Range(0, Shapes.Length))
        {
            foreach (int second in Enumerable.Range(0, Shapes.Length))
                Assert.Equal([One(first, 0), One(second, 1), One(first, 2)], Parse(first, second, first));
        }
    }

    [Fact]
    public void Fields_have_the_values_the_kernel_wrote()
    {
        VfInfo[] vfs = Parse(0, 2, 3, 5, 8, 9);
        Assert.Equal((true, false), (vfs[0].SpoofCheck, vfs[0].Trust));
        Assert.Equal((7, 2, VlanProtocol.Dot1Ad), (vfs[1].Vlan, vfs[1].VlanCount, vfs[1].VlanProtocol));
        Assert.Equal((9, 3, null), (vfs[2].Vlan, vfs[2].VlanQos, vfs[2].VlanProtocol));
        Assert.Equal((12UL, 11UL, 0UL), (vfs[3].Counters!.RxBytes, vfs[3].Counters!.TxBytes, vfs[3].Counters!.RxPackets));
        Assert.Equal((null, null), (vfs[4].SpoofCheck, vfs[4].Trust));
        Assert.Equal((5UL, null), (vfs[5].NodeGuid, vfs[5].Mac));
    }

    [Fact]
    public void An_entry_out_of_turn_ends_the_list()
    {
        byte[] list = Lists([0, 0], [0, 5]);
        Assert.Single(VfListParser.Parse(list, 2, out ReadOnlySpan<byte> rest));
        Assert.Equal(list.Length / 2, rest.Length);
    }

    private static VfInfo One(int shape, int index)
    {
        int[] alone = [.. Enumerable.Repeat(shape, index + 1)];
        return Assert.Single(Parse(alone), vf => vf.Index == index);
    }

    private static VfInfo[] Parse(params int[] shapes) =>
        [.. VfListParser.Parse(Lists(shapes, [.. Enumerable.Range(0, shapes.Length)]), shapes.Length, out _)];

    private static byte[] Lists(int[] shapes, int[] indexes)
    {
        NetlinkRequest request = new();
        request.Begin(RouteMessage.NewLink, NetlinkFlags.None);
        int start = request.Length;
        foreach ((int shape, int index) in shapes.Zip(indexes))
            request.Nest(VfAttribute.Info, vf => Shapes[shape](vf, (uint)index));
        return request.Datagram[start..].ToArray();
    }

    private static NetlinkRequest Mac(NetlinkRequest vf, uint index)
    {
        byte[] mac = new byte[36];
        MemoryMarshal.Write(mac, index);
        mac[4] = 2;
        mac[9] = (byte)(index + 1);
        return vf.Put(VfAttribute.Mac, mac);
    }

    private static NetlinkRequest Spoof(NetlinkRequest vf, uint index, uint setting) =>
        vf.Put(VfAttribute.SpoofCheck, new VfSettingMessage { Vf = index, Setting = setting });

    private static NetlinkRequest Trust(NetlinkRequest vf, uint index, uint setting) =>
        vf.Put(VfAttribute.Trust, new VfSettingMessage { Vf = index, Setting = setting });

    private static NetlinkRequest Vlan(NetlinkRequest list, uint index, uint vlan) =>
        list.Put(VfAttribute.VlanInfo, new VfVlanMessage { Vf = index, Vlan = vlan, Protocol = 0xa888 });

    /// <summary>More attributes than a layout remembers.</summary>
    private static NetlinkRequest Many(NetlinkRequest vf)
    {
        for (int i = 0; i < 70; i++)
            vf.Put(100, 0u);
        return vf;
    }
}
