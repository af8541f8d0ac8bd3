using System.Globalization;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic.Ethtool;

/// <content>Standard counters.</content>
internal static partial class EthtoolParser
{
    /// <summary>ETHTOOL_MSG_STATS_GET_REPLY. Source: net/ethtool/stats.c stats_fill_reply.</summary>
    public static StandardStatistics? Statistics(in NetlinkMessage message)
    {
        if (!TryBegin(message, EthtoolCommand.StatsReply, out AttributeReader reader))
            return null;
        string? name = null;
        List<StandardStatistic> found = [];
        while (reader.Read())
        {
            if (reader.Type == EthtoolAttribute.StatsHeader)
                name = NameOf(reader.AsNested());
            else if (reader.Type == EthtoolAttribute.StatsGroup)
                TakeGroup(reader.AsNested(), found);
        }
        return reader.Malformed || name is null ? null : new StandardStatistics(name, found);
    }

    private static void TakeGroup(AttributeReader reader, List<StandardStatistic> found)
    {
        uint group = uint.MaxValue;
        while (reader.Read())
        {
            switch (reader.Type)
            {
                // The kernel writes the number before the counters.
                case EthtoolAttribute.GroupId: group = reader.AsUInt32(); break;
                case EthtoolAttribute.GroupStat: TakeCounters(reader.AsNested(), group, found); break;
                case EthtoolAttribute.GroupHistogramRx: TakeBucket(reader.AsNested(), "rx", group, found); break;
                case EthtoolAttribute.GroupHistogramTx: TakeBucket(reader.AsNested(), "tx", group, found); break;
            }
        }
    }

    private static void TakeCounters(AttributeReader reader, uint group, List<StandardStatistic> found)
    {
        while (reader.Read())
        {
            // Padding has a counter's number but no value.
            if (reader.Value.Length == sizeof(ulong) && StandardStatisticNames.Name(group, reader.Type) is { } name)
                found.Add(new StandardStatistic(StandardStatisticNames.Group(group)!, name, reader.AsUInt64()));
        }
    }

    private static void TakeBucket(AttributeReader reader, string direction, uint group, List<StandardStatistic> found)
    {
        uint low = 0;
        uint high = 0;
        ulong value = 0;
        while (reader.Read())
        {
            switch (reader.Type)
            {
                case EthtoolAttribute.BucketLow: low = reader.AsUInt32(); break;
                case EthtoolAttribute.BucketHigh: high = reader.AsUInt32(); break;
                case EthtoolAttribute.BucketValue: value = reader.AsUInt64(); break;
            }
        }
        if (reader.Malformed || StandardStatisticNames.Group(group) is not { } name)
            return;
        found.Add(new StandardStatistic(
            name, string.Create(CultureInfo.InvariantCulture, $"{direction}-etherStatsPkts{low}to{high}Octets"), value));
    }
}
