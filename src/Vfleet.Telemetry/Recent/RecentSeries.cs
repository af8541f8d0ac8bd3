namespace Vfleet.Telemetry.Recent;

/// <summary>A sample of a VF.</summary>
/// <param name="At">When it ended, by the clock on the wall; where that was set back, samples are in order all the same.</param>
/// <param name="Values">What is known.</param>
/// <param name="Owner">Who had the VF at its end; null for nobody.</param>
public sealed record RecentPoint(DateTimeOffset At, RateValues Values, RecentOwner? Owner)
{
    /// <summary>True where it had another owner, or none, in the sample before.</summary>
    public bool IsOwnerChanged { get; init; }

    /// <summary>For how long nothing is known since the sample before it; zero without a gap.</summary>
    public TimeSpan Gap { get; init; }
}

/// <summary>Samples of a VF.</summary>
/// <param name="Points">Oldest first; gaps are left out.</param>
/// <param name="Quiet">For how long nothing is known after the last; null without samples.</param>
public sealed record RecentSeries(IReadOnlyList<RecentPoint> Points, TimeSpan? Quiet);
