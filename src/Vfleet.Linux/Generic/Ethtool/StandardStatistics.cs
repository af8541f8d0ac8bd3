namespace Vfleet.Linux.Generic.Ethtool;

/// <summary>A counter that means the same on every driver.</summary>
/// <param name="Group"><c>eth-phy</c>, <c>eth-mac</c>, <c>eth-ctrl</c> or <c>rmon</c>.</param>
/// <param name="Name">Its name in IEEE 802.3 clause 30 or RFC 2819.</param>
/// <param name="Value">Since the driver started; counts frames, or octets where the name says so.</param>
public sealed record StandardStatistic(string Group, string Name, ulong Value);

/// <summary>The standard counters of an interface; a driver leaves out those it does not have.</summary>
/// <param name="Interface">The interface.</param>
/// <param name="Statistics">The counters.</param>
public sealed record StandardStatistics(string Interface, IReadOnlyList<StandardStatistic> Statistics);

/// <summary>
/// Names of the standard counters by the kernel's numbers. Source: include/uapi/linux/ethtool_netlink.h, ETHTOOL_A_STATS_*.
/// </summary>
internal static class StandardStatisticNames
{
    private static readonly string[] Groups = ["eth-phy", "eth-mac", "eth-ctrl", "rmon"];

    private static readonly string[][] Names =
    [
        ["SymbolErrorDuringCarrier"],
        [
            "FramesTransmittedOK", "SingleCollisionFrames", "MultipleCollisionFrames", "FramesReceivedOK", "FrameCheckSequenceErrors",
            "AlignmentErrors", "OctetsTransmittedOK", "FramesWithDeferredXmissions", "LateCollisions", "FramesAbortedDueToXSColls",
            "FramesLostDueToIntMACXmitError", "CarrierSenseErrors", "OctetsReceivedOK", "FramesLostDueToIntMACRcvError",
            "MulticastFramesXmittedOK", "BroadcastFramesXmittedOK", "FramesWithExcessiveDeferral", "MulticastFramesReceivedOK",
            "BroadcastFramesReceivedOK", "InRangeLengthErrors", "OutOfRangeLengthField", "FrameTooLongErrors",
        ],
        ["MACControlFramesTransmitted", "MACControlFramesReceived", "UnsupportedOpcodesReceived"],
        ["etherStatsUndersizePkts", "etherStatsOversizePkts", "etherStatsFragments", "etherStatsJabbers"],
    ];

    /// <summary>Number of groups.</summary>
    public static int GroupCount => Groups.Length;

    /// <summary>The group's name; null for one this release does not know.</summary>
    public static string? Group(uint group) => group < Groups.Length ? Groups[group] : null;

    /// <summary>The counter's name; null for one this release does not know.</summary>
    public static string? Name(uint group, int counter) =>
        group < Names.Length && counter < Names[group].Length ? Names[group][counter] : null;
}
