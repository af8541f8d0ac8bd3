using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic.Ethtool;

/// <summary>
/// Reads ethtool's replies; each method returns null for a message that is another command, incomplete or malformed.
/// Source: net/ethtool/ (one file per command).
/// </summary>
internal static partial class EthtoolParser
{
    /// <summary>ETHTOOL_MSG_LINKMODES_GET_REPLY. Source: net/ethtool/linkmodes.c linkmodes_fill_reply.</summary>
    public static LinkModes? LinkModes(in NetlinkMessage message)
    {
        const byte HalfDuplex = 0, FullDuplex = 1;
        if (!TryBegin(message, EthtoolCommand.LinkModesReply, out AttributeReader reader))
            return null;
        string? name = null;
        uint? speed = null;
        byte? duplex = null;
        bool? autonegotiation = null;
        uint? lanes = null;
        while (reader.Read())
        {
            switch (reader.Type)
            {
                case EthtoolAttribute.Header: name = NameOf(reader.AsNested()); break;
                case EthtoolAttribute.LinkModesSpeed: speed = reader.AsUInt32(); break;
                case EthtoolAttribute.LinkModesDuplex: duplex = reader.AsByte(); break;
                case EthtoolAttribute.LinkModesAutoneg: autonegotiation = reader.AsByte() != 0; break;
                case EthtoolAttribute.LinkModesLanes: lanes = reader.AsUInt32(); break;
            }
        }
        if (reader.Malformed || name is null)
            return null;
        // SPEED_UNKNOWN is all ones; DUPLEX_UNKNOWN is 0xff; some drivers say 0 for an unknown speed.
        return new LinkModes(name, speed is 0 or uint.MaxValue ? null : speed,
            duplex is HalfDuplex or FullDuplex ? duplex == FullDuplex : null, autonegotiation, lanes);
    }

    /// <summary>ETHTOOL_MSG_CHANNELS_GET_REPLY. Source: net/ethtool/channels.c channels_fill_reply.</summary>
    public static Channels? Channels(in NetlinkMessage message)
    {
        Span<uint?> values = stackalloc uint?[EthtoolAttribute.ChannelsCombined + 1];
        string? name = Numbers(message, EthtoolCommand.ChannelsReply, values);
        return name is null ? null : new Channels(name, values[EthtoolAttribute.ChannelsRx], values[EthtoolAttribute.ChannelsTx],
            values[EthtoolAttribute.ChannelsOther], values[EthtoolAttribute.ChannelsCombined], values[EthtoolAttribute.ChannelsRxMax],
            values[EthtoolAttribute.ChannelsTxMax],
            values[EthtoolAttribute.ChannelsOtherMax],
            values[EthtoolAttribute.ChannelsCombinedMax]);
    }

    /// <summary>ETHTOOL_MSG_RINGS_GET_REPLY. Source: net/ethtool/rings.c rings_fill_reply.</summary>
    public static Rings? Rings(in NetlinkMessage message)
    {
        Span<uint?> values = stackalloc uint?[EthtoolAttribute.RingsTx + 1];
        string? name = Numbers(message, EthtoolCommand.RingsReply, values);
        return name is null ? null : new Rings(name, values[EthtoolAttribute.RingsRx], values[EthtoolAttribute.RingsTx],
            values[EthtoolAttribute.RingsRxMax], values[EthtoolAttribute.RingsTxMax]);
    }

    /// <summary>ETHTOOL_MSG_COALESCE_GET_REPLY. Source: net/ethtool/coalesce.c coalesce_fill_reply.</summary>
    public static Coalescing? Coalescing(in NetlinkMessage message)
    {
        Span<uint?> values = stackalloc uint?[EthtoolAttribute.CoalesceAdaptiveTx + 1];
        string? name = Numbers(message, EthtoolCommand.CoalesceReply, values);
        return name is null ? null : new Coalescing(name,
            values[EthtoolAttribute.CoalesceRxMicroseconds], values[EthtoolAttribute.CoalesceRxFrames],
            values[EthtoolAttribute.CoalesceTxMicroseconds], values[EthtoolAttribute.CoalesceTxFrames],
            Switch(values[EthtoolAttribute.CoalesceAdaptiveRx]), Switch(values[EthtoolAttribute.CoalesceAdaptiveTx]));
    }

    /// <summary>Reads attributes of 8 and 32 bits by their number; those beyond <paramref name="values"/> are of no interest.</summary>
    /// <returns>The interface's name; null where the message is none.</returns>
    private static string? Numbers(in NetlinkMessage message, byte command, Span<uint?> values)
    {
        values.Clear();
        if (!TryBegin(message, command, out AttributeReader reader))
            return null;
        string? name = null;
        while (reader.Read())
        {
            if (reader.Type == EthtoolAttribute.Header)
                name = NameOf(reader.AsNested());
            else if (reader.Type < values.Length)
                values[reader.Type] = reader.Value.Length == sizeof(byte) ? reader.AsByte() : reader.AsUInt32();
        }
        return reader.Malformed ? null : name;
    }

    private static bool? Switch(uint? value) => value is null ? null : value != 0;

    private static bool TryBegin(in NetlinkMessage message, byte wanted, out AttributeReader reader) =>
        GenericMessage.TryRead(message, out byte command, out reader) && command == wanted;

    private static string? NameOf(AttributeReader header)
    {
        while (header.Read())
        {
            if (header.Type == EthtoolAttribute.HeaderName)
                return header.AsText();
        }
        return null;
    }
}
