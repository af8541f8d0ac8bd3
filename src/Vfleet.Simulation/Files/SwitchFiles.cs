using System.Globalization;
using Vfleet.Simulation.Links;

namespace Vfleet.Simulation.Files;

/// <summary>/proc/sys/net/ipv4/conf and ipv6/conf of the initial namespace.</summary>
internal static class SwitchFiles
{
    private static readonly string[] Ipv4 = [LinkSwitches.IgnoreArp, LinkSwitches.ReversePath];
    private static readonly string[] Ipv6 = [LinkSwitches.AddressGeneration, LinkSwitches.AcceptRouters, LinkSwitches.NoIpv6];

    public static DirectoryNode Build(SimulatedMachine machine) => DirectoryNode.Of(
        ("ipv4", DirectoryNode.Of(("conf", Interfaces(machine, Ipv4)))), ("ipv6", DirectoryNode.Of(("conf", Interfaces(machine, Ipv6)))));

    private static DirectoryNode Interfaces(SimulatedMachine machine, string[] names)
    {
        const string Default = "default";
        return new DirectoryNode(
            name => name == Default ? Directory(machine, machine.Namespaces.Initial.Defaults, null, names)
                : machine.Namespaces.Initial.ByName(name) is { } link && link.Name == name ? Directory(machine, link.Switches, link, names)
                : null,
            () => machine.Namespaces.Initial.Links.Values.Select(link => link.Name).Append(Default));
    }

    private static DirectoryNode Directory(SimulatedMachine machine, LinkSwitches switches, SimulatedLink? link, string[] names) =>
        DirectoryNode.Of([.. names.Select(name => (name, (Node)new FileNode(
            () => Content.Line(switches[name]), text => Write(machine, switches, link, name, text))))]);

    private static Errno Write(SimulatedMachine machine, LinkSwitches switches, SimulatedLink? link, string name, string text)
    {
        if (!int.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value))
            return Errno.EINVAL;
        lock (machine.Gate)
        {
            switches[name] = value;
            if (link is not null)
                LinkLocal.Follow(link);
        }
        return Errno.None;
    }
}
