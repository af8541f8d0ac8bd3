using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Wire;

/// <summary>Which ports have a signal: those whose cable is in and that are not starting up. Runs under the machine's gate.</summary>
internal sealed class Cables(SimulatedMachine machine)
{
    private readonly HashSet<SimulatedDevice> _pulled = [];
    private readonly Dictionary<SimulatedDevice, int> _starting = [];

    public bool HasSignal(SimulatedDevice port) => !_pulled.Contains(port) && _starting.GetValueOrDefault(port) == 0;

    public void Set(SimulatedDevice port, bool plugged)
    {
        if (plugged)
            _pulled.Remove(port);
        else
            _pulled.Add(port);
        CarrierRules.RefreshAll(machine);
    }

    /// <summary>The port loses its signal and finds it again after a while, as after a reset or being switched on.</summary>
    public void Restart(SimulatedDevice port, TimeSpan after)
    {
        if (after <= TimeSpan.Zero)
            return;
        _starting[port] = _starting.GetValueOrDefault(port) + 1;
        CarrierRules.RefreshAll(machine);
        // The timer keeps itself alive until it has fired.
        ITimer? timer = null;
        timer = machine.Clock.CreateTimer(_ => Found(port, timer), null, after, Timeout.InfiniteTimeSpan);
    }

    private void Found(SimulatedDevice port, ITimer? timer)
    {
        lock (machine.Gate)
        {
            _starting[port]--;
            CarrierRules.RefreshAll(machine);
        }
        timer?.Dispose();
    }
}
