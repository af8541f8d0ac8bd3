namespace Vfleet.Agent.Loop;

/// <summary>Calls for a pass, from events and from people, until the pass that answers them begins. Safe for concurrent use.</summary>
/// <param name="time">Clock.</param>
internal sealed class PassCalls(TimeProvider time)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _called = New();
    private TaskCompletionSource _urged = New();
    private List<TaskCompletionSource<PassRecord>> _callers = [];
    private string? _cause;
    private long? _eventAt;

    /// <summary>A pass is wanted soon.</summary>
    public void Event(string cause)
    {
        lock (_lock)
        {
            _cause ??= cause;
            _eventAt ??= time.GetTimestamp();
            _called.TrySetResult();
        }
    }

    /// <summary>A pass is wanted now.</summary>
    /// <returns>Ends with the first pass that began after the call.</returns>
    public Task<PassRecord> Urge(string cause)
    {
        TaskCompletionSource<PassRecord> caller = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _cause ??= cause;
            _callers.Add(caller);
            _called.TrySetResult();
            _urged.TrySetResult();
        }
        return caller.Task;
    }

    /// <summary>Waits for a call.</summary>
    /// <param name="pause">How long at most.</param>
    /// <param name="settle">How long to wait for more where the call is an event.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public async Task WaitAsync(TimeSpan pause, TimeSpan settle, CancellationToken cancel)
    {
        (Task called, Task urged) = Now();
        if (await EndsAsync(called, pause, cancel).ConfigureAwait(false))
            await EndsAsync(urged, settle, cancel).ConfigureAwait(false);
    }

    /// <summary>A pass begins: whoever calls from now on wants the next one.</summary>
    public PassBegin Begin(string otherwise)
    {
        lock (_lock)
        {
            PassBegin begin = new(_cause ?? otherwise, _eventAt, _callers);
            (_called, _urged, _callers, _cause, _eventAt) = (New(), New(), [], null, null);
            return begin;
        }
    }

    private (Task Called, Task Urged) Now()
    {
        lock (_lock)
            return (_called.Task, _urged.Task);
    }

    private async Task<bool> EndsAsync(Task task, TimeSpan within, CancellationToken cancel)
    {
        try
        {
            await task.WaitAsync(within, time, cancel).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            // The usual case: nobody called.
            return false;
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>What a pass that begins answers.</summary>
/// <param name="Cause">Why it is made.</param>
/// <param name="EventAt">Time stamp of the first event it answers; null where it answers none.</param>
/// <param name="Callers">Who waits for it.</param>
internal sealed record PassBegin(string Cause, long? EventAt, List<TaskCompletionSource<PassRecord>> Callers);
