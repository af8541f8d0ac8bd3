namespace Vfleet.Bench.Measurement;

/// <summary>One line of the result.</summary>
/// <param name="Name">What is measured, such as <c>read-256</c>.</param>
/// <param name="Peer">What it is compared with.</param>
/// <param name="Unit">Unit of the samples.</param>
/// <param name="Promise">What is promised of the ratio.</param>
internal sealed record Row(string Name, string Peer, SampleUnit Unit, Promise Promise)
{
    /// <summary>Ours, one sample a round.</summary>
    public IReadOnlyList<double> Ours { get; init; } = [];

    /// <summary>The peer's, one sample a round.</summary>
    public IReadOnlyList<double> Peers { get; init; } = [];

    /// <summary>What a reader has to know beside the numbers; empty for nothing.</summary>
    public string Note { get; init; } = "";

    /// <summary>Why there are no numbers; null when there are.</summary>
    public string? Failure { get; init; }

    /// <summary>Overrides the verdict of the ratio, where the promise is about something else, such as a count.</summary>
    public bool? Verdict { get; init; }

    public double OursMedian => Median(Ours);

    public double PeerMedian => Median(Peers);

    public double Ratio => Promise.Ratio(OursMedian, PeerMedian);

    public bool? Holds => Failure is not null ? false : Verdict ?? Promise.Holds(Ratio);

    private static double Median(IReadOnlyList<double> samples)
    {
        if (samples.Count == 0)
            return double.NaN;
        double[] sorted = [.. samples.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

/// <summary>What a sample counts.</summary>
internal enum SampleUnit
{
    Nanoseconds,
    VirtualFunctions,
    Bytes,
}
