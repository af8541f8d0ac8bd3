namespace Vfleet.Linux.Netlink;

/// <summary>
/// Bounds the wait for replies with one timer that is used again, so that a call allocates nothing for it.
/// Not safe for concurrent use, like the client that owns it.
/// </summary>
/// <param name="limit">How long the kernel may stay silent.</param>
/// <param name="time">The clock.</param>
internal sealed class ReplyDeadline(TimeSpan limit, TimeProvider time) : IDisposable
{
    private CancellationTokenSource _source = new(Timeout.InfiniteTimeSpan, time);
    private CancellationTokenRegistration _caller;
    private long _started;

    /// <summary>How long the kernel may stay silent.</summary>
    public TimeSpan Limit => limit;

    /// <summary>Begins to count: a request was sent, or a part of its reply came.</summary>
    public void Restart() => _started = time.GetTimestamp();

    /// <summary>The token for one wait; ended by the deadline and by the caller's own token.</summary>
    /// <returns>False when the deadline has passed already.</returns>
    public bool TryEnter(CancellationToken caller, out CancellationToken until)
    {
        TimeSpan left = limit - time.GetElapsedTime(_started);
        until = _source.Token;
        if (left <= TimeSpan.Zero)
            return false;
        _source.CancelAfter(left);
        _caller = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        return true;
    }

    /// <summary>Ends the wait and makes the timer ready for the next one; a source that fired is replaced.</summary>
    public void Leave()
    {
        _caller.Dispose();
        _caller = default;
        if (_source.TryReset())
            return;
        _source.Dispose();
        _source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _caller.Dispose();
        _source.Dispose();
    }
}
