using Vfleet.Simulation.Pci;
using Vfleet.Simulation.Wire;

namespace Vfleet.Simulation.Faults;

/// <summary>What faults do at the moment they are switched on; the others wait for an operation to strike.</summary>
internal static class FaultEffects
{
    public static void Apply(SimulatedMachine machine, FaultInjection injection)
    {
        switch (injection.Fault)
        {
            case SimulatedFault.LostVf:
                LoseFunctions(machine, injection);
                break;
            case SimulatedFault.LinkFlap:
                Flap(machine, injection);
                break;
        }
    }

    private static void LoseFunctions(SimulatedMachine machine, FaultInjection injection)
    {
        lock (machine.Gate)
        {
            foreach (PciDevice vf in machine.Pci.Devices.Where(device => device.IsVirtual && injection.Matches(device.Name)).ToArray())
                machine.Links.RemoveOf(vf);
        }
    }

    private static void Flap(SimulatedMachine machine, FaultInjection injection)
    {
        SimulatedDevice[] ports;
        lock (machine.Gate)
        {
            ports = [.. machine.Devices.Where(device => device.Sriov is not null
                && (injection.Matches(device.Name) || device.Links.Any(link => injection.Matches(link.Name))))];
            foreach (SimulatedDevice port in ports)
                machine.Cables.Pull(port);
            CarrierRules.RefreshAll(machine);
        }
        // The timer lives on in its own callback; nobody has to keep it.
        ITimer? timer = null;
        timer = machine.Clock.CreateTimer(_ => Restore(machine, ports, timer), null, injection.Delay, Timeout.InfiniteTimeSpan);
    }

    private static void Restore(SimulatedMachine machine, SimulatedDevice[] ports, ITimer? timer)
    {
        lock (machine.Gate)
        {
            foreach (SimulatedDevice port in ports)
                machine.Cables.Plug(port);
            CarrierRules.RefreshAll(machine);
        }
        timer?.Dispose();
    }
}
