using Vfleet.Simulation.Pci;

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
        lock (machine.Gate)
        {
            foreach (SimulatedDevice port in machine.Devices.Where(device => device.Sriov is not null).ToArray())
            {
                if (injection.Matches(port.Name) || port.Links.Exists(link => injection.Matches(link.Name)))
                    machine.Cables.Restart(port, injection.Delay);
            }
        }
    }
}
