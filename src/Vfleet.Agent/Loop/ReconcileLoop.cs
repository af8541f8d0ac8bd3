using Vfleet.Agent.Log;

namespace Vfleet.Agent.Loop;

/// <summary>What the loop has done so far.</summary>
/// <param name="Last">The last pass; null before the first ended.</param>
/// <param name="Passes">Passes made.</param>
/// <param name="Failed">Passes that failed.</param>
/// <param name="EventLag">From the kernel's event to the end of the pass that looked at it, the last time; null where there was
/// none.</param>
public sealed record LoopStatus(PassRecord? Last, long Passes, long Failed, TimeSpan? EventLag)
{
    /// <summary>VFs that passes found not to be as they have to be.</summary>
    public long Drifts { get; init; }
}

/// <summary>
/// Makes passes: one at the start, one soon after events, one when somebody asks, and one each interval. Never two at once; a pass that
/// fails is
/// tried again, later each time.
/// </summary>
/// <param name="pass">The pass.</param>
/// <param name="options">How often.</param>
/// <param name="time">Clock.</param>
/// <param name="log">Where passes that changed something, or failed, are told.</param>
public sealed class ReconcileLoop(IReconcilePass pass, LoopOptions options, TimeProvider time, AgentLog log)
{
    private const string AtStart = "start", EachInterval = "interval";
    private readonly PassCalls _calls = new(time);
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LoopStatus _status = new(null, 0, 0, null);
    private string _lastNotes = "";

    /// <summary>What it has done so far.</summary>
    public LoopStatus Status => Volatile.Read(ref _status);

    /// <summary>Ends with the first pass, whether it failed or not.</summary>
    public Task FirstPass => _first.Task;

    /// <summary>Told of each pass when it has ended.</summary>
    public Action<PassRecord>? Passed { get; set; }

    /// <summary>Something happened in the kernel: a pass follows soon.</summary>
    public void Wake(string cause) => _calls.Event(cause);

    /// <summary>Asks for a pass now.</summary>
    /// <returns>The first pass that began after the call; a running one may have read before what the caller means.</returns>
    public Task<PassRecord> PassNowAsync(string cause, CancellationToken cancel = default) => _calls.Urge(cause).WaitAsync(cancel);

    /// <summary>Makes passes until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        int failures = 0;
        string otherwise = AtStart;
        try
        {
            while (true)
            {
                PassRecord record = await OneAsync(_calls.Begin(otherwise), cancel).ConfigureAwait(false);
                failures = record.Fault is null ? 0 : failures + 1;
                otherwise = failures == 0 ? EachInterval : "retry";
                await _calls.WaitAsync(options.Pause(record.Took, failures), options.SettleAfter(record.Took),
                    cancel).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Whoever waits for a pass that is not made any more is told the same.
            _first.TrySetCanceled(cancel);
            foreach (TaskCompletionSource<PassRecord> caller in _calls.Begin("").Callers)
                caller.TrySetCanceled(cancel);
        }
    }

    private async Task<PassRecord> OneAsync(PassBegin begin, CancellationToken cancel)
    {
        long start = time.GetTimestamp();
        DateTimeOffset at = time.GetUtcNow();
        try
        {
            Outcome<PassSummary> done = await TryAsync(cancel).ConfigureAwait(false);
            PassRecord record = new(at, time.GetElapsedTime(start), begin.Cause, done.Or(null)?.Changes ?? 0,
                done.Fault) { Notes = done.Or(null)?.Notes ?? [] };
            LoopStatus before = Status;
            Volatile.Write(ref _status, new LoopStatus(
                record, before.Passes + 1, before.Failed + (record.Fault is null ? 0 : 1),
                begin.EventAt is { } since ? time.GetElapsedTime(since) : before.EventLag)
            {
                Drifts = before.Drifts + (done.Or(null)?.Drifts ?? 0),
            });
            Tell(record);
            Passed?.Invoke(record);
            _first.TrySetResult();
            foreach (TaskCompletionSource<PassRecord> caller in begin.Callers)
                caller.TrySetResult(record);
            return record;
        }
        catch (OperationCanceledException)
        {
            foreach (TaskCompletionSource<PassRecord> caller in begin.Callers)
                caller.TrySetCanceled(cancel);
            throw;
        }
    }

    private async Task<Outcome<PassSummary>> TryAsync(CancellationToken cancel)
    {
        try
        {
            return await pass.PassAsync(cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException and not OutOfMemoryException)
        {
            // The last resort: a defect of ours in one pass must not end the watch over the machine.
            return new Fault(FaultKind.Internal, $"a defect of vfleet: {e.Message}") { Cause = e.GetType().Name };
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            // Something within the pass gave up; nobody asked the agent to end.
            return new Fault(FaultKind.TimedOut, "the pass was given up") { Cause = e.Message };
        }
    }

    /// <summary>A pass that found all well is not told: there is one every few seconds. Notes are told when they change.</summary>
    private void Tell(PassRecord record)
    {
        string notes = string.Join("; ", record.Notes);
        if (record.Fault is { } fault)
            log.Error("pass failed", fault, ("pass", record.Cause), ("took", record.Took));
        else if (record.Changes > 0 || Status.Passes == 1)
            log.Info("pass", ("cause", record.Cause), ("took", record.Took), ("changes", record.Changes));
        if (notes != _lastNotes && notes.Length > 0)
            log.Warn("pass leaves", ("notes", notes));
        _lastNotes = notes;
    }
}
