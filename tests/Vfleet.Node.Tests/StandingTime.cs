namespace Vfleet.Node.Tests;

/// <summary>A clock that stands until it is moved. Who waits for a moment waits for a real one.</summary>
internal sealed class StandingTime : TimeProvider
{
    private TimeSpan _moved;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _moved.Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(50) + _moved;

    public void Advance(TimeSpan time) => _moved += time;
}
