using Vfleet.Linux.Generic.Ethtool;
using Vfleet.Simulation.Drivers;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Netlink;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Generic;

/// <summary>Channels, rings and coalescing. Sources: net/ethtool/channels.c, rings.c, coalesce.c.</summary>
internal static class EthtoolTuning
{
    /// <summary>True where the driver has the operation that a command reads or changes.</summary>
    public static bool Has(SimulatedLink link, byte command) => LimitsOf(link) is { } limits
        && (limits.Channels || command is not (EthtoolCommand.ChannelsGet or EthtoolCommand.ChannelsSet));

    public static void Write(MessageWriter writer, SimulatedLink link, byte command)
    {
        LinkLimits limits = LimitsOf(link)!;
        LinkTuning tuning = link.Tuning;
        switch (command)
        {
            case EthtoolCommand.ChannelsGet:
                // One vector serves the device itself, the others a pair of queues each.
                writer.Put(EthtoolAttribute.ChannelsOtherMax, 1u);
                writer.Put(EthtoolAttribute.ChannelsCombinedMax, MostChannels(link));
                writer.Put(EthtoolAttribute.ChannelsOther, 1u);
                writer.Put(EthtoolAttribute.ChannelsCombined, tuning.Combined ?? MostChannels(link));
                break;
            case EthtoolCommand.RingsGet:
                writer.Put(EthtoolAttribute.RingsRxMax, limits.Ring.Largest);
                writer.Put(EthtoolAttribute.RingsTxMax, limits.Ring.Largest);
                writer.Put(EthtoolAttribute.RingsRx, tuning.RxRing ?? limits.Ring.Start);
                writer.Put(EthtoolAttribute.RingsTx, tuning.TxRing ?? limits.Ring.Start);
                break;
            default:
                writer.Put(EthtoolAttribute.CoalesceRxMicroseconds, tuning.RxMicroseconds);
                if (limits.TxMicroseconds)
                    writer.Put(EthtoolAttribute.CoalesceTxMicroseconds, tuning.TxMicroseconds);
                if (!limits.Adaptive)
                    break;
                writer.Put(EthtoolAttribute.CoalesceAdaptiveRx, (byte)(tuning.AdaptiveRx ? 1 : 0));
                writer.Put(EthtoolAttribute.CoalesceAdaptiveTx, (byte)(tuning.AdaptiveTx ? 1 : 0));
                break;
        }
    }

    public static Refusal Change(SimulatedLink link, GenericRequest request)
    {
        if (!Has(link, request.Command))
            return Errno.EOPNOTSUPP;
        return request.Command switch
        {
            EthtoolCommand.ChannelsSet => SetChannels(link, request.Attributes),
            EthtoolCommand.RingsSet => SetRings(link, LimitsOf(link)!, request.Attributes),
            _ => SetCoalescing(link.Tuning, LimitsOf(link)!, request.Attributes),
        };
    }

    private static Refusal SetChannels(SimulatedLink link, AttributeSet wanted)
    {
        if (wanted.Number(EthtoolAttribute.ChannelsRx) > 0 || wanted.Number(EthtoolAttribute.ChannelsTx) > 0
            || wanted.Number(EthtoolAttribute.ChannelsCombined) > MostChannels(link))
            return new Refusal(Errno.EINVAL, "requested channel count exceeds maximum");
        if (wanted.Number(EthtoolAttribute.ChannelsCombined) == 0)
            return new Refusal(Errno.EINVAL, "requested channel counts would result in no RX or TX channel being configured");
        link.Tuning.Combined = wanted.Number(EthtoolAttribute.ChannelsCombined) ?? link.Tuning.Combined;
        return Refusal.None;
    }

    private static Refusal SetRings(SimulatedLink link, LinkLimits limits, AttributeSet wanted)
    {
        uint? rx = wanted.Number(EthtoolAttribute.RingsRx), tx = wanted.Number(EthtoolAttribute.RingsTx);
        if (rx > limits.Ring.Largest || tx > limits.Ring.Largest)
            return new Refusal(Errno.EINVAL, "requested ring size exceeds maximum");
        // The drivers take the nearest size they can have instead of refusing.
        link.Tuning.RxRing = rx is { } first ? Math.Max(first, limits.Ring.Smallest) : link.Tuning.RxRing;
        link.Tuning.TxRing = tx is { } second ? Math.Max(second, limits.Ring.Smallest) : link.Tuning.TxRing;
        return Refusal.None;
    }

    private static Refusal SetCoalescing(LinkTuning tuning, LinkLimits limits, AttributeSet wanted)
    {
        bool isUnknown = wanted.Has(EthtoolAttribute.CoalesceRxFrames) || wanted.Has(EthtoolAttribute.CoalesceTxFrames)
            || (!limits.TxMicroseconds && wanted.Has(EthtoolAttribute.CoalesceTxMicroseconds))
            || (!limits.Adaptive && (wanted.Has(EthtoolAttribute.CoalesceAdaptiveRx) || wanted.Has(EthtoolAttribute.CoalesceAdaptiveTx)));
        if (isUnknown)
            return new Refusal(Errno.EINVAL, "cannot modify an unsupported parameter");
        const uint Longest = 8160;
        uint rx = wanted.Number(EthtoolAttribute.CoalesceRxMicroseconds) ?? tuning.RxMicroseconds;
        uint tx = wanted.Number(EthtoolAttribute.CoalesceTxMicroseconds) ?? tuning.TxMicroseconds;
        if (rx > Longest || tx > Longest)
            return Errno.EINVAL;
        (tuning.RxMicroseconds, tuning.TxMicroseconds) = (rx, tx);
        if (wanted.Has(EthtoolAttribute.CoalesceAdaptiveRx))
            tuning.AdaptiveRx = wanted.Bytes(EthtoolAttribute.CoalesceAdaptiveRx)[0] != 0;
        if (wanted.Has(EthtoolAttribute.CoalesceAdaptiveTx))
            tuning.AdaptiveTx = wanted.Bytes(EthtoolAttribute.CoalesceAdaptiveTx)[0] != 0;
        return Refusal.None;
    }

    private static uint MostChannels(SimulatedLink link) => link.Device is PciDevice device ? (uint)Math.Max(1, device.MsixVectors - 1) : 1;

    private static LinkLimits? LimitsOf(SimulatedLink link) =>
        LinkLimits.Of(link.Device is NetdevsimDevice ? "netdevsim" : link.Device?.Driver?.Name);
}
