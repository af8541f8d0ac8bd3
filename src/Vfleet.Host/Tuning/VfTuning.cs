using Vfleet.Linux;

namespace Vfleet.Host.Tuning;

/// <summary>What is wanted of a VF for its owner; what is null or false stays as it is.</summary>
public sealed record VfTuning
{
    /// <summary>CPUs for the VF's interrupts, one CPU for each in turn; every one has to be online.</summary>
    public CpuList? Cpus { get; init; }

    /// <summary>Where <see cref="Cpus"/> is null: those of the VF's NUMA node, or every CPU where the node is not known.</summary>
    public bool NumaNodeCpus { get; init; }

    /// <summary>Settings of its interface.</summary>
    public InterfaceTuning Interface { get; init; } = new();

    /// <summary>True where the interrupts' CPUs are meant.</summary>
    public bool HasCpus => Cpus is not null || NumaNodeCpus;

    /// <summary>True where nothing is wanted.</summary>
    public bool IsEmpty => !HasCpus && Interface.IsEmpty;
}

/// <summary>Settings of an interface; null leaves a value, or says that it was left.</summary>
public sealed record InterfaceTuning
{
    /// <summary>Combined channels. Equivalent to <c>ethtool -L DEV combined N</c>.</summary>
    public uint? CombinedChannels { get; init; }

    /// <summary>Receive ring, descriptors. Equivalent to <c>ethtool -G DEV rx N</c>.</summary>
    public uint? RxRing { get; init; }

    /// <summary>Transmit ring, descriptors. Equivalent to <c>ethtool -G DEV tx N</c>.</summary>
    public uint? TxRing { get; init; }

    /// <summary>Longest wait after a packet received, µs. Equivalent to <c>ethtool -C DEV rx-usecs N</c>.</summary>
    public uint? RxMicroseconds { get; init; }

    /// <summary>Longest wait after a packet sent, µs. Equivalent to <c>ethtool -C DEV tx-usecs N</c>.</summary>
    public uint? TxMicroseconds { get; init; }

    /// <summary>The driver adapts the receive side by itself. Equivalent to <c>ethtool -C DEV adaptive-rx on|off</c>.</summary>
    public bool? AdaptiveRx { get; init; }

    /// <summary>The driver adapts the transmit side by itself. Equivalent to <c>ethtool -C DEV adaptive-tx on|off</c>.</summary>
    public bool? AdaptiveTx { get; init; }

    /// <summary>True where nothing is wanted.</summary>
    public bool IsEmpty => this == new InterfaceTuning();

    /// <summary>Each setting by ethtool's word for it; switches are 1 and 0.</summary>
    internal IReadOnlyList<(string Word, uint? Value)> Settings =>
    [
        ("combined", CombinedChannels), ("rx ring", RxRing), ("tx ring", TxRing), ("rx-usecs", RxMicroseconds),
        ("tx-usecs", TxMicroseconds), ("adaptive-rx", Number(AdaptiveRx)), ("adaptive-tx", Number(AdaptiveTx)),
    ];

    /// <summary>The same by what one request sets: channels, rings, coalescing.</summary>
    internal IEnumerable<InterfaceTuning> Parts => new InterfaceTuning[]
    {
        new() { CombinedChannels = CombinedChannels },
        new() { RxRing = RxRing, TxRing = TxRing },
        this with { CombinedChannels = null, RxRing = null, TxRing = null },
    }.Where(part => !part.IsEmpty);

    /// <summary>Only what another one names.</summary>
    internal InterfaceTuning Where(InterfaceTuning named) => new()
    {
        CombinedChannels = named.CombinedChannels is null ? null : CombinedChannels,
        RxRing = named.RxRing is null ? null : RxRing,
        TxRing = named.TxRing is null ? null : TxRing,
        RxMicroseconds = named.RxMicroseconds is null ? null : RxMicroseconds,
        TxMicroseconds = named.TxMicroseconds is null ? null : TxMicroseconds,
        AdaptiveRx = named.AdaptiveRx is null ? null : AdaptiveRx,
        AdaptiveTx = named.AdaptiveTx is null ? null : AdaptiveTx,
    };

    /// <summary>Only what differs from how it is now: a channel or ring that is written takes the link down for a moment.</summary>
    internal InterfaceTuning Unlike(InterfaceTuning now) => new()
    {
        CombinedChannels = CombinedChannels == now.CombinedChannels ? null : CombinedChannels,
        RxRing = RxRing == now.RxRing ? null : RxRing,
        TxRing = TxRing == now.TxRing ? null : TxRing,
        RxMicroseconds = RxMicroseconds == now.RxMicroseconds ? null : RxMicroseconds,
        TxMicroseconds = TxMicroseconds == now.TxMicroseconds ? null : TxMicroseconds,
        AdaptiveRx = AdaptiveRx == now.AdaptiveRx ? null : AdaptiveRx,
        AdaptiveTx = AdaptiveTx == now.AdaptiveTx ? null : AdaptiveTx,
    };

    private static uint? Number(bool? value) => value is null ? null : value.Value ? 1u : 0u;
}
