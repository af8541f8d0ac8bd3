using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;
using Vfleet.Simulation.Faults;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Namespaces;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Netlink;

/// <summary>A parsed request about interfaces.</summary>
/// <param name="Header">struct ifinfomsg.</param>
/// <param name="Attributes">What follows it.</param>
internal sealed record LinkRequest(InterfaceMessage Header, AttributeSet Attributes)
{
    /// <summary>Null where the message is no ifinfomsg with attributes.</summary>
    public static LinkRequest? Parse(in NetlinkMessage message) =>
        MemoryMarshal.TryRead(message.Payload, out InterfaceMessage header)
        && AttributeSet.Parse(message.Payload[Unsafe.SizeOf<InterfaceMessage>()..]) is { } attributes
            ? new LinkRequest(header, attributes)
            : null;

    /// <summary>The interface meant: by index, else by name or alternative name.</summary>
    public Refusal Find(SimulatedMachine machine, SimulatedNamespace within, out SimulatedLink? link)
    {
        link = null;
        // The attribute policy comes first: a name that is too long is out of range before anything is looked up.
        if (Attributes.Text(LinkAttribute.Name) is { } own && own.Length >= LinkNames.Size)
            return new Refusal(Errno.ERANGE, "Attribute failed policy validation");
        string? name = Attributes.Text(LinkAttribute.Name) ?? Attributes.Text(LinkAttribute.AlternativeName);
        if (Header.Index > 0)
            link = within.Links.GetValueOrDefault(Header.Index);
        else if (name is not null)
            link = within.ByName(name);
        else
            return Errno.EINVAL;
        if (link?.Device is PciDevice device && UnpluggedDevices.Touch(machine, device))
            link = null;
        return link is null ? Errno.ENODEV : Refusal.None;
    }
}
