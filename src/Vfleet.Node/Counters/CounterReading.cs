using Vfleet.Host.Inventory;
using Vfleet.Linux.Route;

namespace Vfleet.Node.Counters;

/// <summary>
/// Counters of a VF from whoever counts them: its PF's driver, and where that counts nothing for each VF, as igb and netdevsim, the VF's
/// own interface in whatever namespace it was found. Errors are the interface's alone.
/// </summary>
public static class CounterReading
{
    /// <summary>
    /// The counters as the kernel has them; none where nothing counts, as for a VF in a guest whose PF's driver does not.
    /// </summary>
    /// <param name="vf">A VF that was read with counters, and located.</param>
    public static CounterValues Of(VirtualFunction vf)
    {
        LinkStatistics? own = vf.Link?.Statistics;
        VfCounters? pf = vf.Settings?.Counters;
        return CounterValues.Of(counter => IsOfInterface(counter) ? OfInterface(own, counter)
            : vf.Pf.CountsVfs ? OfPf(pf, counter) : OfInterface(own, counter));
    }

    /// <summary>True for what only the interface counts: it begins anew with its driver, whatever the PF's driver does.</summary>
    internal static bool IsOfInterface(VfCounter counter) => counter is VfCounter.ReceiveErrors or VfCounter.TransmitErrors;

    private static ulong? OfPf(VfCounters? pf, VfCounter counter) => counter switch
    {
        VfCounter.ReceiveBytes => pf?.RxBytes,
        VfCounter.TransmitBytes => pf?.TxBytes,
        VfCounter.ReceivePackets => pf?.RxPackets,
        VfCounter.TransmitPackets => pf?.TxPackets,
        VfCounter.ReceiveDropped => pf?.RxDropped,
        VfCounter.TransmitDropped => pf?.TxDropped,
        VfCounter.ReceiveBroadcast => pf?.Broadcast,
        VfCounter.ReceiveMulticast => pf?.Multicast,
        _ => null,
    };

    private static ulong? OfInterface(LinkStatistics? link, VfCounter counter) => counter switch
    {
        VfCounter.ReceiveBytes => link?.RxBytes,
        VfCounter.TransmitBytes => link?.TxBytes,
        VfCounter.ReceivePackets => link?.RxPackets,
        VfCounter.TransmitPackets => link?.TxPackets,
        VfCounter.ReceiveDropped => link?.RxDropped,
        VfCounter.TransmitDropped => link?.TxDropped,
        VfCounter.ReceiveMulticast => link?.RxMulticast,
        VfCounter.ReceiveErrors => link?.RxErrors,
        VfCounter.TransmitErrors => link?.TxErrors,
        _ => null,
    };
}
