using Vfleet.Linux.Route;
using Vfleet.Simulation.Drivers;
using Vfleet.Simulation.Namespaces;
using Vfleet.Simulation.Pci;
using Vfleet.Simulation.Wire;

namespace Vfleet.Simulation.Links;

/// <summary>Comes and goes of network interfaces. Everything here runs under the machine's gate.</summary>
internal sealed class LinkTable(SimulatedMachine machine)
{
    /// <summary>Adds a device's interface to the initial namespace.</summary>
    public SimulatedLink Create(SimulatedDevice device, string name, MacAddress mac, NicTraits traits)
    {
        PciDevice? vf = device is PciDevice { IsVirtual: true } function ? function : null;
        SimulatedLink? pf = vf?.PhysicalFunction!.Links.FirstOrDefault();
        SimulatedNamespace home = machine.Namespaces.Initial;
        SimulatedLink link = new()
        {
            Name = FreeName(home, name),
            Namespace = home,
            Index = home.ReserveIndex(0),
            Switches = new LinkSwitches(home.Defaults),
            Device = device,
            Mac = mac,
            PermanentMac = mac,
            Flags = SimulatedLink.FlagBroadcast | SimulatedLink.FlagMulticast,
            SpeedMbps = traits.SpeedMbps,
            PhysicalPortName = vf is null ? traits.PhysicalPortName : null,
            MailboxAlive = !traits.VfNeedsPfAtProbe || pf is null or { IsRunning: true },
        };
        home.Links.Add(link.Index, link);
        device.Links.Add(link);
        machine.Events.LinkAdded(link);
        CarrierRules.Refresh(machine, link);
        return link;
    }

    /// <summary>Adds a VLAN to an interface, in its namespace.</summary>
    public void AddVlan(SimulatedLink lower, string name)
    {
        SimulatedNamespace home = lower.Namespace;
        SimulatedLink link = new()
        {
            Name = FreeName(home, name),
            Namespace = home,
            Index = home.ReserveIndex(0),
            Switches = new LinkSwitches(home.Defaults),
            Lower = lower,
            Mac = lower.Mac,
            Flags = lower.Flags & ~SimulatedLink.FlagUp,
        };
        home.Links.Add(link.Index, link);
        machine.Events.LinkAdded(link);
    }

    /// <summary>Removes all interfaces of a device, wherever they are.</summary>
    public void RemoveOf(SimulatedDevice device)
    {
        foreach (SimulatedLink link in device.Links.ToArray())
        {
            RemoveUppers(machine, link);
            device.Links.Remove(link);
            Remove(machine, link);
        }
    }

    /// <summary>Removes the VLANs upon an interface that is unregistered or leaves its namespace, as vlan_device_event does.</summary>
    public static void RemoveUppers(SimulatedMachine machine, SimulatedLink lower)
    {
        foreach (SimulatedLink upper in lower.Namespace.Links.Values.Where(link => link.Lower == lower).ToArray())
            Remove(machine, upper);
    }

    /// <summary>Removes an interface from its namespace.</summary>
    public static void Remove(SimulatedMachine machine, SimulatedLink link)
    {
        link.Namespace.Links.Remove(link.Index);
        link.Namespace.Routes.RemoveAll(route => route.OutputIndex == link.Index);
        machine.Events.LinkRemoved(link, link.Namespace, link.Index);
    }

    /// <summary>Renames an interface; equivalent to dev_change_name.</summary>
    public static Errno Rename(SimulatedLink link, string name)
    {
        if (name == link.Name)
            return Errno.None;
        if (!LinkNames.IsValid(name))
            return Errno.EINVAL;
        if (link.Namespace.ByName(name) is not null)
            return Errno.EEXIST;
        link.Name = name;
        return Errno.None;
    }

    private static string FreeName(SimulatedNamespace home, string wished)
    {
        if (home.ByName(wished) is null)
            return wished;
        int number = 0;
        while (home.ByName($"eth{number}") is not null)
            number++;
        return $"eth{number}";
    }
}
