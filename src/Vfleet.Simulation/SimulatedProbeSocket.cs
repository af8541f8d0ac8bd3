using Vfleet.Linux.Probes;

namespace Vfleet.Simulation;

/// <summary>Answers a probe as the machine's table of targets says; who is not in it does not answer.</summary>
internal sealed class SimulatedProbeSocket(SimulatedMachine machine, ProbeTarget target) : IProbeSocket
{
    public ValueTask<Outcome<ProbeReply>> AskAsync(TimeSpan patience, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        lock (machine.Gate)
        {
            return ValueTask.FromResult<Outcome<ProbeReply>>(machine.ProbeTargets.TryGetValue(target, out Outcome<ProbeReply> answer)
                ? answer
                : (Outcome<ProbeReply>)Fault.TimedOut($"probe {target}: no answer within {patience.TotalSeconds:0.###} s"));
        }
    }

    public void Dispose()
    {
    }
}
