using Vfleet.Linux;

namespace Vfleet.Host.Inventory;

/// <summary>
/// Reads files with a deadline. A driver that is stuck blocks whoever reads its files, in a way no signal ends; past the deadline the
/// reader is left behind and the caller goes on.
/// </summary>
internal static class TimedReading
{
    /// <param name="read">Reads many files; a pass, not a file, for each costs a change of thread.</param>
    /// <param name="what">What is read, for the fault.</param>
    /// <param name="options">The clock and the deadline.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public static async ValueTask<Outcome<T>> RunAsync<T>(Func<Outcome<T>> read, string what, ReadTimer options, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (options.Deadline == Timeout.InfiniteTimeSpan)
            return read();
        try
        {
            return await Task.Run(read, CancellationToken.None).WaitAsync(options.Deadline, options.Time, cancel).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return Fault.TimedOut($"reading {what}: not done within {options.Deadline.TotalSeconds:0.###} s",
                "a file of the kernel blocks: a driver or its device is stuck", "look at the kernel log (dmesg); resetting or removing the device may free it");
        }
    }
}

/// <summary>How long reading may take, and by which clock.</summary>
/// <param name="Time">The clock.</param>
/// <param name="Deadline">The longest wait for a pass; <see cref="Timeout.InfiniteTimeSpan"/> reads on the caller's thread, however long it takes.</param>
public readonly record struct ReadTimer(TimeProvider Time, TimeSpan Deadline);
