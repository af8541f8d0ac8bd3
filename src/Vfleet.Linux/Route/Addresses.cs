using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Route;

/// <summary>An address with the length of its network's prefix, such as 192.0.2.7/24; unlike a network, the host part stays.</summary>
/// <param name="Address">IPv4 or IPv6.</param>
/// <param name="PrefixLength">Bits, 0 to 32 or 128.</param>
public sealed record IPNetworkAddress(IPAddress Address, int PrefixLength)
{
    /// <summary>Parses <c>192.0.2.7/24</c> or <c>2001:db8::7/64</c>; a prefix length is required.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IPNetworkAddress? address)
    {
        address = null;
        string[] parts = text.Split('/');
        if (parts.Length != 2 || !IPAddress.TryParse(parts[0], out IPAddress? ip)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int prefix))
            return false;
        // 10.1, 0x0a000001, [::1] and zone ids are addresses to the runtime's parser and typing mistakes to people.
        bool isFour = ip.AddressFamily == AddressFamily.InterNetwork;
        if (isFour ? parts[0] != ip.ToString() : parts[0].AsSpan().ContainsAny('%', '[') || ip.IsIPv4MappedToIPv6)
            return false;
        if (!IsHost(ip) || (parts[1].Length > 1 && parts[1][0] == '0'))
            return false;
        if (prefix > (ip.AddressFamily == AddressFamily.InterNetwork ? 32 : 128))
            return false;
        address = new IPNetworkAddress(ip, prefix);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Address}/{PrefixLength}";

    /// <summary>False for addresses no interface can have: multicast, broadcast, unspecified.</summary>
    private static bool IsHost(IPAddress ip) => ip.AddressFamily == AddressFamily.InterNetwork
        ? ip.GetAddressBytes()[0] is > 0 and < 224
        : !ip.IsIPv6Multicast && !ip.Equals(IPAddress.IPv6Any);
}

/// <summary>An address on an interface.</summary>
/// <param name="InterfaceIndex">The interface.</param>
/// <param name="Address">The address.</param>
/// <param name="Scope">RT_SCOPE_*: 0 global, 253 link, 254 host.</param>
public sealed record AddressInfo(int InterfaceIndex, IPNetworkAddress Address, byte Scope)
{
    /// <summary>Where frames to everybody on its network go; null where none was set, as for IPv6.</summary>
    public IPAddress? Broadcast { get; init; }

    /// <summary>False for addresses with a lifetime, as DHCP and router advertisements give them: whoever gave them renews them.</summary>
    public bool IsPermanent { get; init; } = true;

    /// <summary>True for addresses the kernel makes by itself (fe80::/10).</summary>
    public bool IsLinkLocal => Scope == 253;
}

/// <summary>struct ifaddrmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct AddressMessage
{
    /// <summary>AF_INET or AF_INET6; 0 asks for both.</summary>
    public byte Family;

    /// <summary>Prefix length in bits.</summary>
    public byte PrefixLength;

    /// <summary>IFA_F_*.</summary>
    public byte Flags;

    /// <summary>RT_SCOPE_*.</summary>
    public byte Scope;

    /// <summary>Interface index.</summary>
    public uint Index;
}

/// <summary>RTM_NEWADDR and RTM_DELADDR. Source: net/ipv4/devinet.c, net/ipv6/addrconf.c.</summary>
internal static class AddressParser
{
    private const int AttributeAddress = 1, AttributeLocal = 2, AttributeBroadcast = 4, AttributeFlags = 8;
    private const uint FlagNoDuplicateDetection = 0x02, FlagPermanent = 0x80;
    private const byte Inet = 2, Inet6 = 10;

    public static AddressInfo? Parse(in NetlinkMessage message)
    {
        if (message.Type != RouteMessage.NewAddress || message.Payload.Length < Unsafe.SizeOf<AddressMessage>())
            return null;
        AddressMessage header = MemoryMarshal.Read<AddressMessage>(message.Payload);
        IPAddress? found = null;
        IPAddress? broadcast = null;
        uint flags = header.Flags;
        AttributeReader reader = new(message.Payload[Unsafe.SizeOf<AddressMessage>()..]);
        while (reader.Read())
        {
            // IPv4's IFA_ADDRESS is the peer of a point-to-point link; IFA_LOCAL is the interface's own.
            bool wanted = reader.Type == AttributeLocal || (reader.Type == AttributeAddress && found is null);
            if (wanted && reader.Value.Length == (header.Family == Inet ? 4 : 16))
                found = new IPAddress(reader.Value);
            else if (reader.Type == AttributeBroadcast && reader.Value.Length == 4)
                broadcast = new IPAddress(reader.Value);
            // All 32 of them; the header has room for eight.
            else if (reader.Type == AttributeFlags && reader.Value.Length == sizeof(uint))
                flags = MemoryMarshal.Read<uint>(reader.Value);
        }
        return found is null ? null : new AddressInfo((int)header.Index, new IPNetworkAddress(found, header.PrefixLength), header.Scope)
        {
            Broadcast = broadcast,
            IsPermanent = (flags & FlagPermanent) != 0,
        };
    }

    public static void Write(NetlinkRequest request, AddressInfo info, bool add)
    {
        IPNetworkAddress address = info.Address;
        bool isFour = address.Address.AddressFamily == AddressFamily.InterNetwork;
        byte[] bytes = address.Address.GetAddressBytes();
        request.Clear().Begin(
            add ? RouteMessage.NewAddress : RouteMessage.DeleteAddress,
            add ? NetlinkFlags.Ack | NetlinkFlags.Create | NetlinkFlags.Exclusive : NetlinkFlags.Ack);
        request.Struct(new AddressMessage
        {
            Family = isFour ? Inet : Inet6,
            PrefixLength = (byte)address.PrefixLength,
            Scope = info.Scope,
            Index = (uint)info.InterfaceIndex,
        });
        request.Put(AttributeLocal, (ReadOnlySpan<byte>)bytes).Put(AttributeAddress, (ReadOnlySpan<byte>)bytes);
        if (add && info.Broadcast is { } broadcast)
            request.Put(AttributeBroadcast, (ReadOnlySpan<byte>)broadcast.GetAddressBytes());
        // A handed-out address is unique by assignment; waiting a second for duplicate detection would only delay the workload.
        if (!isFour && add)
            request.Put(AttributeFlags, FlagNoDuplicateDetection);
    }
}
