namespace Vfleet.Linux.Pci;

/// <summary>
/// Runs a system call that may block for seconds (creating VFs, binding, resetting) on a thread of its own, so that neither
/// the caller nor the thread pool waits in the kernel. Such calls cannot be interrupted: past the deadline only the waiting ends.
/// </summary>
public static class BlockingCall
{
    /// <summary>Runs the call and awaits its outcome.</summary>
    /// <param name="call">The blocking call.</param>
    /// <param name="operation">The command it equals, for the fault.</param>
    /// <param name="target">What it is about, for the fault.</param>
    /// <param name="deadline">The longest wait.</param>
    /// <param name="time">Measures the deadline.</param>
    /// <param name="cancel">Ends the waiting; the kernel carries on.</param>
    /// <param name="left">Notes the call where it goes on after the waiting.</param>
    /// <returns>The call's outcome, or TimedOut.</returns>
    public static async Task<Outcome<T>> RunAsync<T>(
        Func<Outcome<T>> call, string operation, string target, TimeSpan deadline, TimeProvider time, CancellationToken cancel,
        UnendedWork? left = null)
    {
        cancel.ThrowIfCancellationRequested();
        Task<Outcome<T>> running = Task.Factory.StartNew(
            call, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
        try
        {
            return await running.WaitAsync(deadline, time, cancel).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return Late(operation, target, deadline);
        }
        finally
        {
            if (!running.IsCompleted)
                left?.Add(running);
        }
    }

    /// <summary>The fault for a call that was not done at its deadline.</summary>
    public static Fault Late(string operation, string target, TimeSpan deadline) => Fault.TimedOut(
        $"{operation}: not done within {deadline.TotalSeconds:0.###} s",
        "the kernel may still work on it, and cannot be stopped",
        "wait, then look at the device again; dmesg shows what its driver waits for",
        target) with { Operation = operation };
}
