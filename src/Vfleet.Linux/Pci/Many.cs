namespace Vfleet.Linux.Pci;

/// <summary>Runs one operation for many functions, a bounded number at a time.</summary>
internal static class Many
{
    /// <summary>Runs the operation for each address; results come back in the order of the addresses.</summary>
    /// <param name="addresses">The functions.</param>
    /// <param name="operation">What to do for one.</param>
    /// <param name="parallelism">How many at a time, 1 or more.</param>
    /// <param name="progress">Told of each result as it comes, from any thread.</param>
    /// <param name="cancel">Starts no more of them.</param>
    public static async Task<IReadOnlyList<T>> RunAsync<T>(
        IReadOnlyList<PciAddress> addresses, Func<PciAddress, Task<T>> operation, int parallelism, Action<T>? progress, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parallelism, 1);
        T[] results = new T[addresses.Count];
        ParallelOptions options = new() { MaxDegreeOfParallelism = parallelism, CancellationToken = cancel };
        await Parallel.ForAsync(0, addresses.Count, options, async (index, _) =>
        {
            results[index] = await operation(addresses[index]).ConfigureAwait(false);
            progress?.Invoke(results[index]);
        }).ConfigureAwait(false);
        return results;
    }
}
