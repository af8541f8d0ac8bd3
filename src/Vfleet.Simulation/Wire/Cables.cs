using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Wire;

/// <summary>Which ports have a signal on their cable.</summary>
internal sealed class Cables
{
    private readonly HashSet<SimulatedDevice> _pulled = [];

    public bool IsIn(SimulatedDevice port) => !_pulled.Contains(port);

    public void Pull(SimulatedDevice port) => _pulled.Add(port);

    public void Plug(SimulatedDevice port) => _pulled.Remove(port);
}
