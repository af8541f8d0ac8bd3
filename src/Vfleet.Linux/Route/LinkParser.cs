using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Route;

/// <summary>Reads RTM_NEWLINK. Source: net/core/rtnetlink.c rtnl_fill_ifinfo.</summary>
internal static class LinkParser
{
    public static LinkInfo? Parse(in NetlinkMessage message)
    {
        if (message.Type != RouteMessage.NewLink || message.Payload.Length < Unsafe.SizeOf<InterfaceMessage>())
            return null;
        InterfaceMessage header = MemoryMarshal.Read<InterfaceMessage>(message.Payload);
        Fields fields = default;
        AttributeReader reader = new(message.Payload[Unsafe.SizeOf<InterfaceMessage>()..]);
        while (reader.Read())
            Take(ref reader, ref fields);
        if (fields.Name is null)
            return null;
        return new LinkInfo
        {
            Index = header.Index,
            Name = fields.Name,
            AlternativeNames = (IReadOnlyList<string>?)fields.AlternativeNames ?? [],
            HardwareType = header.Type,
            Mac = fields.Mac,
            PermanentMac = fields.PermanentMac,
            Mtu = fields.Mtu,
            MaxMtu = fields.MaxMtu,
            Flags = header.Flags,
            Master = fields.Master,
            LowerIndex = fields.IsLowerElsewhere ? 0 : fields.LowerIndex,
            Packets = fields.Packets,
            CarrierLosses = fields.CarrierLosses,
            Statistics = fields.Statistics,
            Kind = fields.Kind,
            ParentDevice = fields.ParentDevice,
            ParentBus = fields.ParentBus,
            NumVfs = fields.NumVfs,
            Vfs = (IReadOnlyList<VfInfo>?)fields.Vfs ?? [],
        };
    }

    private static void Take(ref AttributeReader reader, ref Fields fields)
    {
        switch (reader.Type)
        {
            case LinkAttribute.Name: fields.Name = reader.AsText(); break;
            case LinkAttribute.Address: fields.Mac = MacAddress.Read(reader.Value); break;
            case LinkAttribute.PermanentAddress: fields.PermanentMac = MacAddress.Read(reader.Value); break;
            case LinkAttribute.Mtu: fields.Mtu = (int)reader.AsUInt32(); break;
            case LinkAttribute.MaxMtu: fields.MaxMtu = (int)Math.Min(reader.AsUInt32(), int.MaxValue); break;
            case LinkAttribute.Master: fields.Master = (int)reader.AsUInt32(); break;
            case LinkAttribute.LowerLink: fields.LowerIndex = (int)reader.AsUInt32(); break;
            case LinkAttribute.LinkNamespaceId: fields.IsLowerElsewhere = true; break;
            // struct rtnl_link_stats64 begins with the packets received and sent.
            case LinkAttribute.Stats64 when reader.Value.Length >= 16:
                fields.Packets = reader.AsUInt64() + MemoryMarshal.Read<ulong>(reader.Value[sizeof(ulong)..]);
                fields.Statistics = StatisticsOf(reader.Value);
                break;
            case LinkAttribute.CarrierDownCount: fields.CarrierLosses = reader.AsUInt32(); break;
            case LinkAttribute.ParentDeviceName: fields.ParentDevice = reader.AsText(); break;
            case LinkAttribute.ParentDeviceBusName: fields.ParentBus = reader.AsText(); break;
            case LinkAttribute.NumVf: fields.NumVfs = (int)Math.Min(reader.AsUInt32(), ushort.MaxValue); break;
            case LinkAttribute.LinkInfo: fields.Kind = KindOf(reader.AsNested()); break;
            case LinkAttribute.PropertyList: fields.AlternativeNames = NamesOf(reader.AsNested()); break;
            case LinkAttribute.VfInfoList:
                fields.Vfs = VfListParser.Parse(reader.ValueAndRest, fields.NumVfs, out ReadOnlySpan<byte> rest);
                reader.ContinueAt(rest);
                break;
        }
    }

    private static LinkStatistics? StatisticsOf(ReadOnlySpan<byte> value)
    {
        const int Counters = 8, Known = (int)LinkErrorCause.RxOtherHost + 1;
        if (value.Length < Counters * sizeof(ulong))
            return null;
        // Netlink aligns to four bytes only, so the numbers are copied out.
        Span<ulong> numbers = stackalloc ulong[Math.Min(value.Length / sizeof(ulong), Known)];
        value[..(numbers.Length * sizeof(ulong))].CopyTo(MemoryMarshal.AsBytes(numbers));
        return new LinkStatistics(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], numbers[7])
        {
            RxMulticast = numbers.Length > Counters ? numbers[Counters] : null,
            Causes = CausesOf(numbers),
        };
    }

    private static IReadOnlyDictionary<LinkErrorCause, ulong> CausesOf(ReadOnlySpan<ulong> numbers)
    {
        Dictionary<LinkErrorCause, ulong>? causes = null;
        for (int at = (int)LinkErrorCause.Collisions; at < numbers.Length; at++)
        {
            LinkErrorCause cause = (LinkErrorCause)at;
            if (numbers[at] != 0 && Enum.IsDefined(cause))
                (causes ??= [])[cause] = numbers[at];
        }
        return causes ?? LinkStatistics.NoCauses;
    }

    private static string? KindOf(AttributeReader reader)
    {
        while (reader.Read())
        {
            if (reader.Type == LinkAttribute.InfoKind)
                return reader.AsText();
        }
        return null;
    }

    private static List<string> NamesOf(AttributeReader reader)
    {
        List<string> names = [];
        while (reader.Read())
        {
            if (reader.Type == LinkAttribute.AlternativeName)
                names.Add(reader.AsText());
        }
        return names;
    }

    private struct Fields
    {
        public string? Name;
        public MacAddress? Mac;
        public MacAddress? PermanentMac;
        public int Mtu;
        public int MaxMtu;
        public int Master;
        public string? Kind;
        public int LowerIndex;
        public bool IsLowerElsewhere;
        public ulong? Packets;
        public uint? CarrierLosses;
        public LinkStatistics? Statistics;
        public string? ParentDevice;
        public string? ParentBus;
        public int NumVfs;
        public List<string>? AlternativeNames;
        public List<VfInfo>? Vfs;
    }
}
