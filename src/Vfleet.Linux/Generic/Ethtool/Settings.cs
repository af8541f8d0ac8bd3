namespace Vfleet.Linux.Generic.Ethtool;

/// <summary>Speed and duplex of a link; null where the driver does not know, as without a carrier.</summary>
/// <param name="Interface">The interface.</param>
/// <param name="SpeedMbps">Mbit/s.</param>
/// <param name="FullDuplex">True for full duplex.</param>
/// <param name="Autonegotiation">True when speed and duplex are negotiated.</param>
/// <param name="Lanes">Lanes of the port.</param>
public sealed record LinkModes(string Interface, uint? SpeedMbps, bool? FullDuplex, bool? Autonegotiation, uint? Lanes);

/// <summary>Channels (pairs of queues with an interrupt); null where the driver does not have the kind.</summary>
/// <param name="Interface">The interface.</param>
/// <param name="Rx">Channels that only receive, now.</param>
/// <param name="Tx">Channels that only transmit, now.</param>
/// <param name="Other">Channels for events, now.</param>
/// <param name="Combined">Channels that do both, now.</param>
/// <param name="MaxRx">The most that <paramref name="Rx"/> can be.</param>
/// <param name="MaxTx">The most that <paramref name="Tx"/> can be.</param>
/// <param name="MaxOther">The most that <paramref name="Other"/> can be.</param>
/// <param name="MaxCombined">The most that <paramref name="Combined"/> can be.</param>
public sealed record Channels(
    string Interface, uint? Rx, uint? Tx, uint? Other, uint? Combined, uint? MaxRx, uint? MaxTx, uint? MaxOther, uint? MaxCombined);

/// <summary>What to change in channels; null leaves a count as it is.</summary>
/// <param name="Rx">Channels that only receive.</param>
/// <param name="Tx">Channels that only transmit.</param>
/// <param name="Combined">Channels that do both.</param>
public sealed record ChannelsChange(uint? Rx = null, uint? Tx = null, uint? Combined = null);

/// <summary>Sizes of the rings in descriptors; null where the driver does not have them.</summary>
/// <param name="Interface">The interface.</param>
/// <param name="Rx">Receive ring, now.</param>
/// <param name="Tx">Transmit ring, now.</param>
/// <param name="MaxRx">The most that <paramref name="Rx"/> can be.</param>
/// <param name="MaxTx">The most that <paramref name="Tx"/> can be.</param>
public sealed record Rings(string Interface, uint? Rx, uint? Tx, uint? MaxRx, uint? MaxTx);

/// <summary>What to change in rings; null leaves a size as it is.</summary>
/// <param name="Rx">Receive ring, descriptors.</param>
/// <param name="Tx">Transmit ring, descriptors.</param>
public sealed record RingsChange(uint? Rx = null, uint? Tx = null);

/// <summary>When interrupts are held back; null where the driver does not have the setting.</summary>
/// <param name="Interface">The interface.</param>
/// <param name="RxMicroseconds">Longest wait after a packet received, µs.</param>
/// <param name="RxFrames">Most packets received before an interrupt.</param>
/// <param name="TxMicroseconds">Longest wait after a packet sent, µs.</param>
/// <param name="TxFrames">Most packets sent before an interrupt.</param>
/// <param name="AdaptiveRx">The driver adapts the receive side by itself.</param>
/// <param name="AdaptiveTx">The driver adapts the transmit side by itself.</param>
public sealed record Coalescing(
    string Interface, uint? RxMicroseconds, uint? RxFrames, uint? TxMicroseconds, uint? TxFrames, bool? AdaptiveRx, bool? AdaptiveTx);

/// <summary>What to change in coalescing; null leaves a setting as it is.</summary>
public sealed record CoalescingChange
{
    /// <summary>Longest wait after a packet received, µs.</summary>
    public uint? RxMicroseconds { get; init; }

    /// <summary>Most packets received before an interrupt.</summary>
    public uint? RxFrames { get; init; }

    /// <summary>Longest wait after a packet sent, µs.</summary>
    public uint? TxMicroseconds { get; init; }

    /// <summary>Most packets sent before an interrupt.</summary>
    public uint? TxFrames { get; init; }

    /// <summary>The driver adapts the receive side by itself.</summary>
    public bool? AdaptiveRx { get; init; }

    /// <summary>The driver adapts the transmit side by itself.</summary>
    public bool? AdaptiveTx { get; init; }
}

/// <summary>An offload or another feature of an interface.</summary>
/// <param name="Name">The kernel's name, such as <c>tx-checksum-ipv4</c>.</param>
/// <param name="Active">On now.</param>
/// <param name="Changeable">It can be switched.</param>
public sealed record Feature(string Name, bool Active, bool Changeable);
