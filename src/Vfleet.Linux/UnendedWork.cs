namespace Vfleet.Linux;

/// <summary>
/// Work that the kernel goes on with although nobody waits for it any more, and what must not happen before its end: giving the lock of a device
/// back while a driver is still being bound would let the next one work on it at the same time.
/// </summary>
public sealed class UnendedWork
{
    private readonly List<Task> _running = [];

    /// <summary>Notes work nobody waits for.</summary>
    public void Add(Task work)
    {
        if (work.IsCompleted)
            return;
        lock (_running)
            _running.Add(work);
    }

    /// <summary>Does something at once, or as soon as the kernel has ended what was noted.</summary>
    public void WhenEnded(Action then)
    {
        Task all = All();
        // However it ended: what came of it was told as a deadline that passed.
        if (all.IsCompleted)
            then();
        else
            _ = all.ContinueWith(_ => then(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>
    /// Waits for what was noted, so that what is put back comes after it: the kernel's locks are no queue, and it would be undone else.
    /// </summary>
    /// <param name="atMost">The longest wait.</param>
    /// <param name="time">Measures it.</param>
    /// <returns>True where all of it has ended.</returns>
    public async Task<bool> WaitAsync(TimeSpan atMost, TimeProvider time)
    {
        Task all = All();
        if (!all.IsCompleted)
            await Task.WhenAny(all, Task.Delay(atMost, time)).ConfigureAwait(false);
        return all.IsCompleted;
    }

    private Task All()
    {
        lock (_running)
            return Task.WhenAll(_running);
    }
}
