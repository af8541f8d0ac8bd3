namespace Vfleet.Simulation.Nodes;

/// <summary>
/// A clock that stands still. Whoever waits a moment, as for a lock that another process holds, tells so and goes on when it is let; deadlines
/// never pass, so that what a process does depends on nothing but the order of steps.
/// </summary>
/// <param name="waits">Told of each wait with what ends it.</param>
/// <param name="now">Where it stands; somewhere when null.</param>
internal sealed class GatedTime(Action<Action> waits, DateTimeOffset? now = null) : TimeProvider
{
    /// <summary>Longer waits are deadlines: looking again for a lock or an interface takes 10 ms.</summary>
    private static readonly TimeSpan LongestMoment = TimeSpan.FromMilliseconds(50);

    public override DateTimeOffset GetUtcNow() => now ?? DateTimeOffset.UnixEpoch.AddYears(50);

    public override long GetTimestamp() => 0;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime >= TimeSpan.Zero && dueTime <= LongestMoment)
            waits(() => callback(state));
        return new StandingTimer();
    }

    private sealed class StandingTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
