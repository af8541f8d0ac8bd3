namespace Vfleet.Simulation.Links;

/// <summary>Frames and bytes through an interface.</summary>
internal sealed class LinkCounters
{
    public ulong RxPackets { get; set; }

    public ulong TxPackets { get; set; }

    public ulong RxBytes { get; set; }

    public ulong TxBytes { get; set; }

    public ulong Multicast { get; set; }

    public ulong Broadcast { get; set; }

    public ulong RxDropped { get; set; }

    public ulong TxDropped { get; set; }
}
