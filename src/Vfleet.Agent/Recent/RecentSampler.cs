using Vfleet.Agent.Log;
using Vfleet.Telemetry.Recent;

namespace Vfleet.Agent.Recent;

/// <summary>Reads what VFs have counted every 5 s and keeps it as recent history, as long as the agent runs.</summary>
/// <param name="read">Reads.</param>
/// <param name="history">Keeps.</param>
/// <param name="time">Clock.</param>
/// <param name="log">The agent's log.</param>
internal sealed class RecentSampler(Func<CancellationToken, Task<Outcome<RecentReading>>> read, RecentHistory history, TimeProvider time, AgentLog log)
{
    private bool _fails, _isFull;

    /// <summary>Samples until cancelled. What cannot be read is a gap, told once when it begins and once when it ends.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            while (!cancel.IsCancellationRequested)
            {
                long begun = time.GetTimestamp();
                await SampleAsync(cancel).ConfigureAwait(false);
                await Task.Delay(history.UntilNext(begun), time, cancel).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The agent ends.
        }
    }

    private async Task SampleAsync(CancellationToken cancel)
    {
        try
        {
            if (!(await read(cancel).ConfigureAwait(false)).Try(out RecentReading? reading, out Fault? fault))
            {
                Fails(fault);
                return;
            }
            history.Add(reading);
            if (_fails)
                log.Info("recent history goes on");
            _fails = false;
            if (history.NotKept > 0 != _isFull)
                Full(history.NotKept);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The last resort: a defect of ours is a gap in what people look at, and no reason to end the agent.
            Fails(new Fault(FaultKind.Internal, $"a defect of vfleet: {e.Message}") { Cause = e.GetType().Name });
        }
    }

    private void Full(int left)
    {
        _isFull = left > 0;
        if (_isFull)
            log.Warn("recent history has no room for every VF", ("kept", RecentHistory.MostVfs), ("left", left));
    }

    private void Fails(Fault fault)
    {
        if (!_fails)
            log.Error("recent history has a gap", fault);
        _fails = true;
    }
}
