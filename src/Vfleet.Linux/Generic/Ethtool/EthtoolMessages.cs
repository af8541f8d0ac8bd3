namespace Vfleet.Linux.Generic.Ethtool;

/// <summary>Commands of ethtool's generic netlink family (ETHTOOL_MSG_*). Source: include/uapi/linux/ethtool_netlink.h.</summary>
public static class EthtoolCommand
{
#pragma warning disable CS1591 // the kernel's names are the documentation
    public const byte LinkModesGet = 4, FeaturesGet = 11, RingsGet = 15, RingsSet = 16, ChannelsGet = 17, ChannelsSet = 18,
        CoalesceGet = 19, CoalesceSet = 20, StatsGet = 32;

    /// <summary>Replies have numbers of their own.</summary>
    public const byte LinkModesReply = 4, FeaturesReply = 11, RingsReply = 16, ChannelsReply = 18, CoalesceReply = 20, StatsReply = 33;
#pragma warning restore CS1591
}

/// <summary>Attributes of ethtool (ETHTOOL_A_*). Source: include/uapi/linux/ethtool_netlink.h.</summary>
public static class EthtoolAttribute
{
#pragma warning disable CS1591 // the kernel's names are the documentation
    /// <summary>The header of every command but <c>StatsGet</c>, whose header is 2.</summary>
    public const int Header = 1, StatsHeader = 2;
    public const int HeaderIndex = 1, HeaderName = 2, HeaderFlags = 3;
    public const uint FlagCompactBitsets = 1;

    public const int LinkModesAutoneg = 2, LinkModesSpeed = 5, LinkModesDuplex = 6, LinkModesLanes = 9;
    public const int RingsRxMax = 2, RingsTxMax = 5, RingsRx = 6, RingsTx = 9;
    public const int ChannelsRxMax = 2, ChannelsTxMax = 3, ChannelsOtherMax = 4, ChannelsCombinedMax = 5, ChannelsRx = 6,
        ChannelsTx = 7, ChannelsOther = 8, ChannelsCombined = 9;
    public const int CoalesceRxMicroseconds = 2, CoalesceRxFrames = 3, CoalesceTxMicroseconds = 6, CoalesceTxFrames = 7,
        CoalesceAdaptiveRx = 11, CoalesceAdaptiveTx = 12;
    public const int FeaturesHardware = 2, FeaturesActive = 4, FeaturesNoChange = 5;
    public const int BitsetNoMask = 1, BitsetSize = 2, BitsetBits = 3, BitsetValue = 4, BitIndex = 1, BitName = 2, BitValue = 3;
    public const int StatsGroups = 3, StatsGroup = 4, GroupId = 2, GroupStat = 4, GroupHistogramRx = 5, GroupHistogramTx = 6,
        BucketLow = 8, BucketHigh = 9, BucketValue = 10;
#pragma warning restore CS1591
}
