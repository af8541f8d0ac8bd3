namespace Vfleet.Linux.Pci;

/// <summary>
/// Runs one blocking operation for many functions on a bounded number of threads of its own: 127 of them in the kernel at once would
/// starve the thread pool, and a thread per function costs more than the shorter operations.
/// </summary>
/// <typeparam name="T">The result for one function.</typeparam>
internal sealed class Many<T>
{
    private const int StackSize = 256 * 1024;
    private readonly IReadOnlyList<PciAddress> _addresses;
    private readonly Func<PciAddress, T> _operation;
    private readonly Action<T>? _progress;
    private readonly TaskCompletionSource<T>[] _results;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _next = -1;
    private int _working;
    private volatile bool _stopped;

    private Many(IReadOnlyList<PciAddress> addresses, Func<PciAddress, T> operation, Action<T>? progress)
    {
        _addresses = addresses;
        _operation = operation;
        _progress = progress;
        _results = [.. addresses.Select(_ => new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously))];
    }

    /// <summary>Runs the operation for each address; results come back in the order of the addresses.</summary>
    /// <param name="addresses">The functions.</param>
    /// <param name="operation">What to do for one; blocks.</param>
    /// <param name="late">The result of one that was not done at the deadline.</param>
    /// <param name="parallelism">How many at a time, 1 or more.</param>
    /// <param name="deadline">The longest wait for all of them, and the clock that measures it.</param>
    /// <param name="progress">Told of each result as it comes, from any thread.</param>
    /// <param name="endsWhole">A cancel still awaits those that are under way, for an operation that is no single system call.</param>
    /// <param name="left">Notes those that go on after the waiting.</param>
    /// <param name="cancel">Ends the waiting and starts no more of them.</param>
    public static async Task<IReadOnlyList<T>> RunAsync(
        IReadOnlyList<PciAddress> addresses,
        Func<PciAddress, T> operation,
        Func<PciAddress, T> late,
        int parallelism,
        (TimeSpan Wait, TimeProvider Time) deadline,
        Action<T>? progress,
        bool endsWhole,
        UnendedWork? left,
        CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parallelism, 1);
        cancel.ThrowIfCancellationRequested();
        Many<T> run = new(addresses, operation, progress);
        run._working = Math.Min(parallelism, addresses.Count);
        for (int started = run._working; started > 0; started--)
            new Thread(run.Work, StackSize) { IsBackground = true, Name = "vfleet-pci" }.Start();
        try
        {
            return await Task.WhenAll(run._results.Select(result => result.Task))
                .WaitAsync(deadline.Wait, deadline.Time, cancel).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            left?.Add(run._idle.Task);
            return [.. run._results.Select((result, index) =>
                result.Task.IsCompletedSuccessfully ? result.Task.Result : late(addresses[index]))];
        }
        catch (OperationCanceledException)
        {
            run._stopped = true;
            left?.Add(run._idle.Task);
            if (!endsWhole)
                throw;
            _ = await Task.WhenAny(run._idle.Task, Task.Delay(deadline.Wait, deadline.Time, CancellationToken.None)).ConfigureAwait(false);
            throw;
        }
        finally
        {
            run._stopped = true;
        }
    }

    private void Work()
    {
        while (!_stopped && Interlocked.Increment(ref _next) is var index && index < _addresses.Count)
        {
            try
            {
                T result = _operation(_addresses[index]);
                if (!_stopped)
                    _progress?.Invoke(result);
                _results[index].SetResult(result);
            }
#pragma warning disable CA1031 // not swallowed: whoever awaits the result gets it
            catch (Exception failure)
#pragma warning restore CA1031
            {
                _results[index].SetException(failure);
            }
        }
        if (Interlocked.Decrement(ref _working) == 0)
            _idle.SetResult();
    }
}
