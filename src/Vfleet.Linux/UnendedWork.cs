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
        lock (_running)
            _running.Add(work);
    }

    /// <summary>Notes work that calls back when it has ended.</summary>
    /// <param name="whenEnded">Calls what it is given at once, or as soon as the work has ended.</param>
    public void Add(Action<Action> whenEnded)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        whenEnded(ended.SetResult);
        if (!ended.Task.IsCompleted)
            Add(ended.Task);
    }

    /// <summary>Does something at once, or as soon as the kernel has ended what was noted.</summary>
    public void WhenEnded(Action then)
    {
        Task all;
        lock (_running)
            all = Task.WhenAll(_running);
        // However it ended: what came of it was told as a deadline that passed.
        if (all.IsCompleted)
            then();
        else
            _ = all.ContinueWith(_ => then(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }
}
