namespace Vfleet.Simulation.Links;

/// <summary>Tuning of an interface; the driver's own values while null, and again once it is bound anew.</summary>
internal sealed record LinkTuning
{
    public uint? RxRing { get; set; }

    public uint? TxRing { get; set; }

    public uint? Combined { get; set; }

    public uint RxMicroseconds { get; set; } = 3;

    public uint TxMicroseconds { get; set; } = 3;

    public bool AdaptiveRx { get; set; }

    public bool AdaptiveTx { get; set; }
}
