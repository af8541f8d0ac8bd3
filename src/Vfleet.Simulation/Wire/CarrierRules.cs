using Vfleet.Linux.Route;
using Vfleet.Simulation.Drivers;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Wire;

/// <summary>
/// Who has a carrier: a PF while it is up and its cable is in; a VF as its link state says, and as its PF where that is "auto".
/// Runs under the machine's gate.
/// </summary>
internal static class CarrierRules
{
    /// <summary>Brings every interface's carrier up to date and tells the listeners. VFs follow their PF, so twice is enough.</summary>
    public static void RefreshAll(SimulatedMachine machine)
    {
        foreach (SimulatedDevice device in machine.Devices)
        {
            foreach (SimulatedLink link in device.Links.ToArray())
                Refresh(machine, link);
        }
        foreach (SimulatedLink bond in machine.Namespaces.All.SelectMany(space => space.Links.Values).Where(link => link.Bond is not null).ToArray())
            Refresh(machine, bond);
    }

    public static void Refresh(SimulatedMachine machine, SimulatedLink link)
    {
        bool carrier = Expected(machine, link);
        if (carrier != link.Carrier)
        {
            link.Carrier = carrier;
            if (carrier)
                link.CarrierUpCount++;
            else
                link.CarrierDownCount++;
            LinkLocal.Follow(link);
            machine.Events.LinkChanged(link);
        }
        if (link.Device is not PciDevice { IsVirtual: false, Sriov: { } sriov })
            return;
        foreach (SimulatedLink below in sriov.Functions.SelectMany(vf => vf.Links).ToArray())
            Refresh(machine, below);
    }

    private static bool Expected(SimulatedMachine machine, SimulatedLink link) => link.Device switch
    {
        null => link.Bond is null || link.Namespace.Links.Values.Any(member => member.Master == link.Index && member.IsRunning),
        PciDevice { PhysicalFunction: { } pf } vf => link.IsUp && link.MailboxAlive && VfCarrier(pf, vf),
        var device => link.IsUp && machine.Cables.HasSignal(device),
    };

    private static bool VfCarrier(PciDevice pf, PciDevice vf)
    {
        if (pf.Driver is not FunctionDriver || vf.VfIndex >= pf.Sriov!.Settings.Length)
            return false;
        return pf.Sriov.Settings[vf.VfIndex].LinkState switch
        {
            VfLinkState.Enable => true,
            VfLinkState.Disable => false,
            _ => pf.Links.Any(link => link.IsRunning),
        };
    }
}
