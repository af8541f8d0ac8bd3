using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Route;

/// <summary>
/// Reads IFLA_VFINFO_LIST by count. The kernel writes the list whole, but its own length field has 16 bits and wraps at 222 VFs with
/// counters, 335 without; each entry's length is right. Source: net/core/rtnetlink.c rtnl_fill_vf.
/// </summary>
internal static class VfListParser
{
    /// <param name="list">From the list's first entry to the end of the message.</param>
    /// <param name="count">IFLA_NUM_VF, which the kernel writes before the list.</param>
    /// <param name="rest">What follows the list.</param>
    public static List<VfInfo> Parse(ReadOnlySpan<byte> list, int count, out ReadOnlySpan<byte> rest)
    {
        List<VfInfo> found = new(Math.Min(count, list.Length / AttributeReader.HeaderSize));
        AttributeReader reader = new(list);
        rest = list;
        while (found.Count < count && reader.Read())
        {
            if (reader.Type != VfAttribute.Info)
                break;
            VfInfo? vf = ParseOne(reader.AsNested(), found.Count);
            if (vf is null)
                break;
            found.Add(vf);
            rest = reader.Rest;
        }
        return found;
    }

    private static VfInfo? ParseOne(AttributeReader reader, int expected)
    {
        Fields fields = default;
        while (reader.Read())
            Take(ref reader, ref fields);
        // The index stands in every entry; one that does not continue the count is not an entry of this list.
        if (fields.Index is { } index && index != expected)
            return null;
        return new VfInfo
        {
            Index = expected,
            Mac = fields.Mac,
            Vlan = fields.Vlan,
            VlanQos = fields.Qos,
            VlanProtocol = fields.Protocol,
            VlanCount = fields.VlanCount,
            SpoofCheck = fields.SpoofCheck,
            Trust = fields.Trust,
            LinkState = fields.LinkState,
            MinTxRateMbps = fields.MinRate,
            MaxTxRateMbps = fields.MaxRate,
            NodeGuid = fields.NodeGuid,
            PortGuid = fields.PortGuid,
            Counters = fields.Counters,
        };
    }

    private static void Take(ref AttributeReader reader, ref Fields fields)
    {
        switch (reader.Type)
        {
            case VfAttribute.Mac when reader.Value.Length >= 10:
                fields.Index = (int)MemoryMarshal.Read<uint>(reader.Value);
                fields.Mac = MacAddress.Read(reader.Value[4..]);
                break;
            case VfAttribute.Vlan when reader.Value.Length >= 12 && fields.Protocol is null:
                fields.Vlan = (int)MemoryMarshal.Read<uint>(reader.Value[4..]);
                fields.Qos = (int)MemoryMarshal.Read<uint>(reader.Value[8..]);
                break;
            case VfAttribute.VlanList: TakeVlans(reader.AsNested(), ref fields); break;
            case VfAttribute.SpoofCheck: fields.SpoofCheck = Switch(ref reader); break;
            case VfAttribute.Trust: fields.Trust = Switch(ref reader); break;
            case VfAttribute.LinkState:
                uint state = reader.AsStruct<VfSettingMessage>().Setting;
                fields.LinkState = state <= 2 && !reader.Malformed ? (VfLinkState)state : null;
                break;
            case VfAttribute.Rate when reader.Value.Length >= 12:
                VfRateMessage rate = reader.AsStruct<VfRateMessage>();
                fields.MinRate = rate.MinimumTx;
                fields.MaxRate = rate.MaximumTx;
                break;
            case VfAttribute.NodeGuid when reader.Value.Length >= 16: fields.NodeGuid = reader.AsStruct<VfGuidMessage>().Guid; break;
            case VfAttribute.PortGuid when reader.Value.Length >= 16: fields.PortGuid = reader.AsStruct<VfGuidMessage>().Guid; break;
            case VfAttribute.Stats: fields.Counters = CountersOf(reader.AsNested()); break;
        }
    }

    private static bool? Switch(ref AttributeReader reader)
    {
        VfSettingMessage message = reader.AsStruct<VfSettingMessage>();
        return reader.Malformed || message.Setting == uint.MaxValue ? null : message.Setting != 0;
    }

    private static void TakeVlans(AttributeReader reader, ref Fields fields)
    {
        while (reader.Read())
        {
            if (reader.Type != VfAttribute.VlanInfo || reader.Value.Length < 14)
                continue;
            VfVlanMessage vlan = reader.AsStruct<VfVlanMessage>();
            if (fields.VlanCount++ > 0)
                continue;
            fields.Vlan = (int)vlan.Vlan;
            fields.Qos = (int)vlan.Qos;
            ushort protocol = BinaryPrimitives.ReverseEndianness(vlan.Protocol);
            fields.Protocol = protocol is 0x8100 or 0x88a8 ? (VlanProtocol)protocol : null;
        }
    }

    private static VfCounters CountersOf(AttributeReader reader)
    {
        Span<ulong> values = stackalloc ulong[9];
        values.Clear();
        while (reader.Read())
        {
            if (reader.Type < values.Length && reader.Value.Length >= sizeof(ulong))
                values[reader.Type] = reader.AsUInt64();
        }
        return new VfCounters(values[0], values[1], values[2], values[3], values[4], values[5], values[7], values[8]);
    }

    private struct Fields
    {
        public int? Index;
        public MacAddress? Mac;
        public int? Vlan;
        public int? Qos;
        public VlanProtocol? Protocol;
        public int VlanCount;
        public bool? SpoofCheck;
        public bool? Trust;
        public VfLinkState? LinkState;
        public uint? MinRate;
        public uint? MaxRate;
        public ulong? NodeGuid;
        public ulong? PortGuid;
        public VfCounters? Counters;
    }
}
