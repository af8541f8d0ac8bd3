using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic.Devlink;

/// <content>Rate objects.</content>
internal sealed partial class DevlinkParser
{
    /// <summary>DEVLINK_CMD_RATE_NEW. Source: net/devlink/rate.c devlink_nl_rate_fill.</summary>
    public DevlinkRate? Rate(in NetlinkMessage message)
    {
        if (!TryBegin(message, DevlinkCommand.RateNew, out AttributeReader reader))
            return null;
        HandleFields handle = default;
        RateFields rate = default;
        while (reader.Read())
        {
            switch (reader.Type)
            {
                case DevlinkAttribute.PortIndex: rate.Port = reader.AsUInt32(); break;
                case DevlinkAttribute.RateNodeName: rate.Node = reader.AsText(); break;
                case DevlinkAttribute.RateTxShare: rate.Share = reader.AsUInt64(); break;
                case DevlinkAttribute.RateTxMax: rate.Max = reader.AsUInt64(); break;
                case DevlinkAttribute.RateTxPriority: rate.Priority = reader.AsUInt32(); break;
                case DevlinkAttribute.RateTxWeight: rate.Weight = reader.AsUInt32(); break;
                case DevlinkAttribute.RateParentNodeName: rate.Parent = reader.AsText(); break;
                default: Take(ref reader, ref handle); break;
            }
        }
        if (!TryEnd(reader, handle, out DevlinkHandle found) || (rate.Port is null && rate.Node is null))
            return null;
        return new DevlinkRate(new RateHandle(found, rate.Port, rate.Node), rate.Share, rate.Max, rate.Priority, rate.Weight, rate.Parent);
    }

    private struct RateFields
    {
        public uint? Port;
        public string? Node;
        public ulong Share;
        public ulong Max;
        public uint? Priority;
        public uint? Weight;
        public string? Parent;
    }
}
