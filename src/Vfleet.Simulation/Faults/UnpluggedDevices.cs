using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Faults;

/// <summary>The fault <c>unplugged</c>: a PF that is touched once too often is gone, with its VFs. Runs under the machine's gate.</summary>
internal static class UnpluggedDevices
{
    /// <summary>Counts an operation on a PF or one of its VFs; true when it made the PF disappear.</summary>
    public static bool Touch(SimulatedMachine machine, PciDevice device)
    {
        PciDevice pf = device.PhysicalFunction ?? device;
        if (pf.Removed || !machine.Faults.IsHit(SimulatedFault.Unplugged, pf.Name))
            return false;
        machine.Sriov.Unplug(pf);
        return true;
    }

    /// <summary>Counts an operation on the function a path leads to.</summary>
    public static void Touch(SimulatedMachine machine, string path)
    {
        if (!machine.Faults.IsOn(SimulatedFault.Unplugged))
            return;
        foreach (string part in path.Split('/'))
        {
            if (machine.Pci.Find(part) is { Sriov: not null } or { IsVirtual: true })
            {
                Touch(machine, machine.Pci.Find(part)!);
                return;
            }
        }
    }
}
