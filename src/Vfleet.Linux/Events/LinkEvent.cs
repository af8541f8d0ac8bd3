using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;

namespace Vfleet.Linux.Events;

/// <summary>A link appeared, changed or went away.</summary>
/// <param name="Removed">True when it went away from this namespace.</param>
/// <param name="Index">Interface index.</param>
/// <param name="Name">Interface name.</param>
/// <param name="Flags">IFF_*: 1 is up, 0x40 is running, 0x10000 has a carrier.</param>
/// <param name="Changed">The flags that changed; 0 or all ones where the kernel does not say.</param>
public sealed record LinkEvent(bool Removed, int Index, string Name, uint Flags, uint Changed)
{
    /// <summary>Interface index of the bridge, bond or VRF it belongs to; null where it belongs to none.</summary>
    public int? Master { get; init; }

    /// <summary>Number, in this namespace, of the namespace its peer or lower link is in; null where it is this one.</summary>
    public int? PeerNamespaceId { get; init; }

    /// <summary>Number, in this namespace, of the namespace it moved to; null where it did not move.</summary>
    public int? MovedToNamespaceId { get; init; }

    /// <summary>Interface index it has there; null where it did not move.</summary>
    public int? MovedToIndex { get; init; }

    /// <summary>The device it belongs to, such as <c>0000:01:10.0</c>; null for virtual ones.</summary>
    public string? ParentDevice { get; init; }

    /// <summary>That device's bus, such as <c>pci</c>; null for virtual ones.</summary>
    public string? ParentBus { get; init; }

    /// <summary>Reads every link message of a datagram.</summary>
    public static void ParseAll(ReadOnlySpan<byte> datagram, List<LinkEvent> found)
    {
        NetlinkReader reader = new(datagram);
        while (reader.Read())
        {
            if (Parse(reader.Current) is { } link)
                found.Add(link);
        }
    }

    /// <summary>
    /// Parses RTM_NEWLINK and RTM_DELLINK; null for another message or an incomplete one. Source: net/core/rtnetlink.c, rtnl_fill_ifinfo.
    /// </summary>
    public static LinkEvent? Parse(in NetlinkMessage message)
    {
        if (message.Type is not (RouteMessage.NewLink or RouteMessage.DeleteLink)
            || !MemoryMarshal.TryRead(message.Payload, out InterfaceMessage header))
            return null;
        // A port that leaves a bridge is announced as RTM_DELLINK too, with family AF_BRIDGE; the link itself is still there.
        if (header.Family != 0)
            return null;
        Fields fields = default;
        AttributeReader reader = new(message.Payload[Unsafe.SizeOf<InterfaceMessage>()..]);
        while (reader.Read())
            Take(ref reader, ref fields);
        if (reader.Malformed || fields.Name is null)
            return null;
        return new LinkEvent(message.Type == RouteMessage.DeleteLink, header.Index, fields.Name, header.Flags, header.Change)
        {
            Master = fields.Master,
            PeerNamespaceId = fields.PeerNamespaceId,
            MovedToNamespaceId = fields.MovedToNamespaceId,
            MovedToIndex = fields.MovedToIndex,
            ParentDevice = fields.ParentDevice,
            ParentBus = fields.ParentBus,
        };
    }

    private static void Take(ref AttributeReader reader, ref Fields fields)
    {
        const int NewNamespaceId = 45, NewIndex = 49;
        switch (reader.Type)
        {
            case LinkAttribute.Name: fields.Name = reader.AsText(); break;
            case LinkAttribute.Master: fields.Master = (int)reader.AsUInt32(); break;
            case LinkAttribute.LinkNamespaceId: fields.PeerNamespaceId = (int)reader.AsUInt32(); break;
            case NewNamespaceId: fields.MovedToNamespaceId = (int)reader.AsUInt32(); break;
            case NewIndex: fields.MovedToIndex = (int)reader.AsUInt32(); break;
            case LinkAttribute.ParentDeviceName: fields.ParentDevice = reader.AsText(); break;
            case LinkAttribute.ParentDeviceBusName: fields.ParentBus = reader.AsText(); break;
        }
    }

    private struct Fields
    {
        public string? Name;
        public int? Master;
        public int? PeerNamespaceId;
        public int? MovedToNamespaceId;
        public int? MovedToIndex;
        public string? ParentDevice;
        public string? ParentBus;
    }
}
