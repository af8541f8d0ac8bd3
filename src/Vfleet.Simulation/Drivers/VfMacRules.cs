using Vfleet.Linux.Route;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Drivers;

/// <summary>Who may change the address of an interface: its own driver asks the PF where it is a VF.</summary>
internal static class VfMacRules
{
    public static Refusal Change(SimulatedLink link, MacAddress mac)
    {
        if (link.IsLoopback)
            return Errno.EOPNOTSUPP;
        if (mac == link.Mac)
            return Refusal.None;
        if (!mac.IsStation())
            return Errno.EADDRNOTAVAIL;
        if (link.Device is PciDevice { PhysicalFunction.Sriov: { } sriov } vf && vf.VfIndex < sriov.Settings.Length)
        {
            VfSettings settings = sriov.Settings[vf.VfIndex];
            Errno refusal = vf.Traits!.ForeignMacRefusal;
            if (settings is { MacIsAdministrative: true, Trust: false } && refusal != Errno.None)
                return refusal;
            if (vf.Traits.PfLearnsVfMac)
                settings.Mac = mac;
        }
        link.Mac = mac;
        return Refusal.None;
    }
}
