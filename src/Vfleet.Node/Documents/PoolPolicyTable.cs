using Vfleet.Linux.Probes;
using Vfleet.Node.Pools;
using B = Vfleet.Node.Documents.FieldOf<Vfleet.Node.Documents.PoolBandwidth>;
using F = Vfleet.Node.Documents.FieldOf<Vfleet.Node.Documents.PoolPolicySpec>;
using H = Vfleet.Node.Documents.FieldOf<Vfleet.Node.Documents.PoolHealth>;
using R = Vfleet.Node.Documents.FieldOf<Vfleet.Node.Documents.ProbeSpec>;
using T = Vfleet.Node.Documents.FieldOf<Vfleet.Node.Pools.TuningProfile>;

namespace Vfleet.Node.Documents;

/// <summary>The fields of a <c>PoolPolicy</c>.</summary>
internal static class PoolPolicyTable
{
    private const uint MostMbps = int.MaxValue;
    private const int MostEvents = 1_000_000;
    private const int Day = 24 * 60 * 60;

    private static readonly ObjectTable<PoolBandwidth> Bandwidth = new(
        "Rates of the VFs where a request names none",
        new PoolBandwidth(),
        B.Value("guaranteedMbps", Kinds.Count(0, MostMbps), b => b.GuaranteedMbps, (b, v) => b with { GuaranteedMbps = v },
            "Guaranteed rate of each VF in Mbit/s; 0 is none"),
        B.Value("maximumMbps", Kinds.Count(0, MostMbps), b => b.MaximumMbps, (b, v) => b with { MaximumMbps = v },
            "Largest rate of each VF in Mbit/s; 0 is no limit"),
        B.Value("guaranteeablePercent", Kinds.Number(1, 100), b => b.GuaranteeablePercent, (b, v) => b with { GuaranteeablePercent = v },
            "Share of a PF's speed that may be guaranteed, in percent; 100 where it is missing"));

    private static readonly ObjectTable<TuningProfile> Tuning = new(
        "What is tuned for the owner of a VF and put back on release; what is missing stays as it is",
        new TuningProfile(),
        T.Value("affinity", Kinds.Words(("numaNode", InterruptAffinity.NumaNode), ("owner", InterruptAffinity.Owner)), t => t.Affinity,
            (t, v) => t with { Affinity = v }, "CPUs the VF's interrupts go to: those of its NUMA node, or those its owner may run on"),
        T.Value("coalesceRxMicroseconds", Kinds.Count(0, 1_000_000), t => t.CoalesceRxMicroseconds,
            (t, v) => t with { CoalesceRxMicroseconds = v },
            "Microseconds before a receive interrupt (ethtool -C rx-usecs)"),
        T.Value("coalesceTxMicroseconds", Kinds.Count(0, 1_000_000), t => t.CoalesceTxMicroseconds,
            (t, v) => t with { CoalesceTxMicroseconds = v },
            "Microseconds before a transmit interrupt (ethtool -C tx-usecs)"),
        T.Value("adaptiveRx", Kinds.Switch, t => t.AdaptiveRx, (t, v) => t with { AdaptiveRx = v },
            "Adaptive receive coalescing (ethtool -C adaptive-rx)"),
        T.Value("combinedChannels", Kinds.Count(1, 4096), t => t.CombinedChannels, (t, v) => t with { CombinedChannels = v },
            "Combined channels (ethtool -L combined)"),
        T.Value("rxRing", Kinds.Count(1, 1_048_576), t => t.RxRing, (t, v) => t with { RxRing = v },
            "Receive ring entries (ethtool -G rx)"),
        T.Value("txRing", Kinds.Count(1, 1_048_576), t => t.TxRing, (t, v) => t with { TxRing = v },
            "Transmit ring entries (ethtool -G tx)"));

    private static readonly ObjectTable<PoolHealth> Health = new(
        "When a VF counts as degraded or failed",
        new PoolHealth(),
        H.Value("windowSeconds", Kinds.Number(1, Day), h => h.WindowSeconds, (h, v) => h with { WindowSeconds = v },
            "Seconds within which events are counted"),
        H.Value("degradedCarrierLosses", Kinds.Number(1, MostEvents), h => h.DegradedCarrierLosses,
            (h, v) => h with { DegradedCarrierLosses = v },
            "Losses of carrier from which on a VF is degraded"),
        H.Value("failedCarrierLosses", Kinds.Number(0, MostEvents), h => h.FailedCarrierLosses,
            (h, v) => h with { FailedCarrierLosses = v },
            "Losses of carrier from which on a VF has failed; 0 for never"),
        H.Value("degradedSpoofedPackets", Kinds.Number(0, MostEvents), h => h.DegradedSpoofedPackets,
            (h, v) => h with { DegradedSpoofedPackets = v },
            "Frames with a forged source from which on a VF is degraded; 0 for never"),
        H.Value("degradedCorrectableErrors", Kinds.Number(0, MostEvents), h => h.DegradedCorrectableErrors,
            (h, v) => h with { DegradedCorrectableErrors = v },
            "Correctable PCIe errors from which on a VF is degraded; 0 for never"),
        H.Value("recoverySeconds", Kinds.Number(0, Day), h => h.RecoverySeconds, (h, v) => h with { RecoverySeconds = v },
            "Seconds everything must be well before a VF that failed is healthy again"));

    private static readonly ObjectTable<ProbeSpec> Probe = new(
        "A target whose way through each VF is measured, from the owner's network namespace",
        new ProbeSpec(),
        R.Item("address", new AddressKind(), p => p.Address, (p, v) => p with { Address = v }, "IPv4 or IPv6 address", isRequired: true),
        R.Value("protocol", Kinds.Words(("icmp", ProbeProtocol.Icmp), ("tcp", ProbeProtocol.Tcp)), p => p.Protocol, (p, v) => p with { Protocol = v },
            "icmp, as where it is missing, for an echo; tcp for a connection"),
        R.Value("port", Kinds.Number(1, ushort.MaxValue), p => p.Port, (p, v) => p with { Port = v }, "TCP port"),
        R.Value("intervalSeconds", Kinds.Number(1, 3600), p => p.IntervalSeconds, (p, v) => p with { IntervalSeconds = v },
            "Seconds from one time to the next; 10 where it is missing"));

    /// <summary>The fields of <c>spec</c>.</summary>
    public static readonly ObjectTable<PoolPolicySpec> Table = new(
        "How the VFs of a pool are chosen, cleaned, kept ready, watched and tuned",
        new PoolPolicySpec(),
        F.Item("resourceName", Kinds.ResourceName, s => s.ResourceName, (s, v) => s with { ResourceName = v },
            "The resource, and so the pool", isRequired: true),
        F.Value("allocation", Kinds.Words(("pack", AllocationPolicy.Pack), ("spread", AllocationPolicy.Spread)), s => s.Allocation,
            (s, v) => s with { Allocation = v }, "Order in which free VFs are taken: pack, as where it is missing, or spread over the PFs"),
        F.Value("scrub", Kinds.Words(("reset", ScrubRule.Reset), ("settings", ScrubRule.Settings)), s => s.Scrub,
            (s, v) => s with { Scrub = v },
            "What happens before a VF is handed out again: reset, as where it is missing, or settings alone"),
        F.Value("prewarm", Kinds.Number(0, ushort.MaxValue), s => s.Prewarm, (s, v) => s with { Prewarm = v },
            "How many free VFs are kept bound, up and clean"),
        F.Item("bandwidth", Kinds.Object(Bandwidth), s => s.Bandwidth, (s, v) => s with { Bandwidth = v },
            "Rates of the VFs where a request names none"),
        F.Item("tuning", Kinds.Object(Tuning), s => s.Tuning, (s, v) => s with { Tuning = v }, "What is tuned for the owner of a VF"),
        F.Item("health", Kinds.Object(Health), s => s.Health, (s, v) => s with { Health = v }, "When a VF counts as degraded or failed"),
        F.Item("probes", new ListKind<ProbeSpec>(Kinds.Object(Probe)), s => s.Probes, (s, v) => s with { Probes = v },
            "Targets whose way through each VF is measured; none where it is missing"));
}
