using System.Globalization;
using Vfleet.Simulation.Namespaces;
using Vfleet.Simulation.Wire;

namespace Vfleet.Simulation.Links;

/// <summary>Moves an interface to another namespace, as the kernel's __dev_change_net_namespace does.</summary>
internal static class LinkMove
{
    /// <param name="machine">The machine, under its gate.</param>
    /// <param name="link">What moves.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="fallbackName">The name to take where its own is used there.</param>
    public static Refusal To(SimulatedMachine machine, SimulatedLink link, SimulatedNamespace target, string? fallbackName)
    {
        if (link.IsLoopback)
            return new Refusal(Errno.EINVAL, "The interface netns is immutable");
        if (target == link.Namespace)
            return Refusal.None;
        string name = link.Name;
        if (target.ByName(name) is not null)
        {
            if (fallbackName is null)
                return new Refusal(Errno.EEXIST, "An interface with the same name exists in the target netns");
            if (!LinkNames.IsValid(fallbackName))
                return new Refusal(Errno.EINVAL, Unusable(fallbackName));
            if (target.ByName(fallbackName) is not null)
                return new Refusal(Errno.EEXIST, Unusable(fallbackName));
            name = fallbackName;
        }
        foreach (string other in link.AltNames)
        {
            if (target.ByName(other) is not null)
                return new Refusal(Errno.EEXIST, $"An interface with the altname {other} exists in the target netns");
        }
        Carry(machine, link, target, name);
        return Refusal.None;
    }

    /// <summary>What happens to the interfaces of a dying namespace: physical ones return to the initial one.</summary>
    public static void Rescue(SimulatedMachine machine, SimulatedNamespace dying)
    {
        SimulatedNamespace home = machine.Namespaces.Initial;
        foreach (SimulatedLink link in dying.Links.Values.ToArray())
        {
            if (link.IsLoopback)
                continue;
            // A virtual one ends with its namespace (default_device_exit_batch).
            if (link.Bond is not null)
            {
                LinkTable.Remove(machine, link);
                continue;
            }
            link.AltNames.RemoveAll(other => home.ByName(other) is not null);
            string name = link.Name;
            if (home.ByName(name) is not null)
                name = FallbackName(home, link.Index);
            Carry(machine, link, home, name);
        }
    }

    private static void Carry(SimulatedMachine machine, SimulatedLink link, SimulatedNamespace target, string name)
    {
        LinkTable.RemoveUppers(machine, link);
        SimulatedNamespace old = link.Namespace;
        int oldIndex = link.Index;
        // The kernel closes it, and the protocols forget their addresses and routes.
        link.Flags &= ~(SimulatedLink.FlagUp | SimulatedLink.FlagSlave);
        link.Master = 0;
        link.Addresses.Clear();
        old.Routes.RemoveAll(route => route.OutputIndex == oldIndex);
        old.Links.Remove(oldIndex);
        // The old namespace gives the new one the lowest number that is free (peernet2id_alloc).
        old.PeerIds.TryAdd(target.Inode, Enumerable.Range(0, int.MaxValue).First(id => !old.PeerIds.ContainsValue(id)));
        machine.Events.LinkRemoved(link, old, oldIndex);
        link.Namespace = target;
        link.Switches = new LinkSwitches(target.Defaults);
        link.Index = target.ReserveIndex(oldIndex);
        link.Name = name;
        target.Links.Add(link.Index, link);
        machine.Events.LinkAdded(link);
        CarrierRules.RefreshAll(machine);
    }

    private static string FallbackName(SimulatedNamespace home, int index)
    {
        while (home.ByName(Numbered(index)) is not null)
            index++;
        return Numbered(index);
    }

    private static string Numbered(int index) => string.Create(CultureInfo.InvariantCulture, $"dev{index}");

    private static string Unusable(string name) => $"Unable to use '{name}' for the new interface name in the target netns";
}
