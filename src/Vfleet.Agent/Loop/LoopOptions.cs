namespace Vfleet.Agent.Loop;

/// <summary>How often passes are made.</summary>
public sealed record LoopOptions
{
    /// <summary>Longest time from one pass to the next.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long further events are awaited after the first: they come in bursts.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The same at most, where passes take so long that a storm of events would keep a core busy.</summary>
    public TimeSpan LongestSettle { get; init; } = TimeSpan.FromMilliseconds(800);

    /// <summary>How soon a pass that failed is tried again; each further time takes twice as long, up to <see cref="Interval"/>.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long to wait after a pass.</summary>
    /// <param name="took">How long the pass took.</param>
    /// <param name="failures">How many passes have failed one after another.</param>
    public TimeSpan Pause(TimeSpan took, int failures)
    {
        if (failures > 0)
            return TimeSpan.FromTicks(Math.Min(FirstRetry.Ticks << Math.Min(failures - 1, 16), Interval.Ticks));
        // A pass that takes longer than the interval leaves as much time again to others.
        return took < Interval / 2 ? Interval - took : took;
    }

    /// <summary>How long to wait after the first event: four times a pass, so that a storm of events takes a fifth of a core at
    /// most.</summary>
    public TimeSpan SettleAfter(TimeSpan took) => TimeSpan.FromTicks(Math.Clamp(4 * took.Ticks, Settle.Ticks, LongestSettle.Ticks));
}
