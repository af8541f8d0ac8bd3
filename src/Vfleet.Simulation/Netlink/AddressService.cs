using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;
using Vfleet.Simulation.Links;

namespace Vfleet.Simulation.Netlink;

/// <summary>RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR. Sources: net/ipv4/devinet.c, net/ipv6/addrconf.c.</summary>
internal static class AddressService
{
    private const int Address = 1, Local = 2, Label = 3, Broadcast = 4, Flags = 8;
    private const uint Permanent = 0x80;

    public static Refusal Change(SimulatedMachine machine, Reply reply, in NetlinkMessage message)
    {
        if (Parse(message, out AddressMessage header) is not { } attributes)
            return Errno.EINVAL;
        int size = AddressFamily.SizeOf(header.Family);
        if (size == 0)
            return Errno.EOPNOTSUPP;
        bool isFour = header.Family == AddressFamily.Inet;
        ReadOnlySpan<byte> bytes = attributes.Has(Local) ? attributes.Bytes(Local) : attributes.Bytes(Address);
        if (header.PrefixLength > size * 8)
            return new Refusal(Errno.EINVAL, isFour ? "ipv4: Invalid prefix length" : "ipv6: Invalid prefix length");
        if (bytes.Length != size)
            return isFour ? new Refusal(Errno.EINVAL, "ipv4: Local address is not supplied") : Errno.EINVAL;
        if (!reply.Within.Links.TryGetValue((int)header.Index, out SimulatedLink? link))
            return new Refusal(Errno.ENODEV, isFour ? "ipv4: Device not found" : "ipv6: Unable to find the interface");
        LinkAddress? known = Find(link, header.Family, bytes, header.PrefixLength);
        Refusal refusal = message.Type == RouteMessage.NewAddress
            ? Add(link, known, new LinkAddress(header.Family, bytes.ToArray(), header.PrefixLength, header.Scope)
            {
                Broadcast = isFour && attributes.Has(Broadcast) ? attributes.Bytes(Broadcast).ToArray() : [],
            }, message.Flags)
            : Remove(link, known, isFour);
        if (!refusal.IsRefused)
            machine.Events.LinkChanged(link);
        return refusal;
    }

    public static Refusal Dump(Reply reply, in NetlinkMessage message)
    {
        byte family = message.Payload[0];
        int only = MemoryMarshal.TryRead(message.Payload, out AddressMessage header) ? (int)header.Index : 0;
        reply.BeginDump();
        foreach (SimulatedLink link in reply.Within.Links.Values.Where(link => only == 0 || link.Index == only))
        {
            foreach (LinkAddress address in link.Addresses)
            {
                if (family == AddressFamily.Unspecified || address.Family == family)
                    Write(reply, link, address);
            }
        }
        return Refusal.None;
    }

    private static Refusal Add(SimulatedLink link, LinkAddress? known, LinkAddress added, NetlinkFlags flags)
    {
        if (known is null)
        {
            link.Addresses.Add(added);
            return Refusal.None;
        }
        if (!flags.HasFlag(NetlinkFlags.Exclusive) && flags.HasFlag(NetlinkFlags.Replace))
            return Refusal.None;
        string words = added.Family == AddressFamily.Inet ? "ipv4: Address already assigned" : "ipv6: address already assigned";
        return new Refusal(Errno.EEXIST, words);
    }

    private static Refusal Remove(SimulatedLink link, LinkAddress? known, bool isFour)
    {
        if (known is null)
            return new Refusal(Errno.EADDRNOTAVAIL, isFour ? "ipv4: Address not found" : "ipv6: address not found");
        link.Addresses.Remove(known);
        return Refusal.None;
    }

    private static LinkAddress? Find(SimulatedLink link, byte family, ReadOnlySpan<byte> bytes, byte prefix)
    {
        foreach (LinkAddress address in link.Addresses)
        {
            if (address.IsSame(family, bytes) && address.Prefix == prefix)
                return address;
        }
        return null;
    }

    private static void Write(Reply reply, SimulatedLink link, LinkAddress address)
    {
        MessageWriter writer = reply.Begin(RouteMessage.NewAddress);
        writer.Struct(new AddressMessage
        {
            Family = address.Family,
            PrefixLength = address.Prefix,
            Flags = (byte)Permanent,
            Scope = address.Scope,
            Index = (uint)link.Index,
        });
        writer.Put(Address, address.Bytes);
        if (address.Family == AddressFamily.Inet)
        {
            writer.Put(Local, address.Bytes);
            if (address.Broadcast.Length > 0)
                writer.Put(Broadcast, address.Broadcast);
            writer.Put(Label, link.Name);
        }
        writer.Put(Flags, Permanent);
        reply.Add(writer);
    }

    private static AttributeSet? Parse(in NetlinkMessage message, out AddressMessage header) =>
        MemoryMarshal.TryRead(message.Payload, out header) ? AttributeSet.Parse(message.Payload[Unsafe.SizeOf<AddressMessage>()..]) : null;
}
