using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Vfleet.Linux.Route;

namespace Vfleet.Containers.Docker;

/// <summary>A subnet whose addresses containers get. Its text is the id dockerd knows it by, so nothing has to be kept of it.</summary>
/// <param name="Subnet">The subnet.</param>
/// <param name="Range">The part of it addresses are chosen from; the subnet itself where none was named.</param>
internal sealed record AddressPool(IPNetwork Subnet, IPNetwork Range)
{
    /// <summary>Reads a subnet, such as 192.0.2.0/24; false where its host part is not zero.</summary>
    public static bool TryParseSubnet(string? text, out IPNetwork subnet) =>
        // The runtime drops a host part since .NET 10.
        IPNetwork.TryParse(text, out subnet) && subnet.BaseAddress.Equals(IPAddress.Parse(text!.Split('/')[0]));

    /// <summary>Reads an id.</summary>
    public static bool TryParse(string? id, [NotNullWhen(true)] out AddressPool? pool)
    {
        pool = null;
        string[] parts = id?.Split(',') ?? [];
        if (parts.Length is not (1 or 2) || !IPNetwork.TryParse(parts[0], out IPNetwork subnet)
            || !IPNetwork.TryParse(parts[^1], out IPNetwork range))
            return false;
        pool = new AddressPool(subnet, range);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Range.Equals(Subnet) ? $"{Subnet}" : $"{Subnet},{Range}";

    /// <summary>True where its addresses can be a machine's: none of everybody's, or of a group.</summary>
    public bool IsOfMachines => IPNetworkAddress.TryParse(Write(Address(Hosts().First)), out _);

    /// <summary>An address as dockerd takes it, with the prefix length of the subnet.</summary>
    public string Write(IPAddress address) => string.Create(CultureInfo.InvariantCulture, $"{address}/{Subnet.PrefixLength}");

    /// <summary>True for an address a machine of the subnet can have: neither the subnet's own nor its broadcast address.</summary>
    public bool IsHost(IPAddress address)
    {
        (UInt128 first, UInt128 last) = Hosts();
        return Subnet.Contains(address) && Number(address) >= first && Number(address) <= last;
    }

    /// <summary>The lowest address of the range that is not taken; null where all are.</summary>
    public IPAddress? Free(IReadOnlySet<IPAddress> taken)
    {
        ((UInt128 first, UInt128 last), (UInt128 least, UInt128 most)) = (Ends(Range), Hosts());
        first = UInt128.Max(first, least);
        last = UInt128.Min(last, most);
        // Among so many one is free: a /64 is not walked to its end.
        for (UInt128 number = first; number <= last && number - first <= (UInt128)taken.Count; number++)
        {
            IPAddress address = Address(number);
            if (!taken.Contains(address))
                return address;
        }
        return null;
    }

    /// <summary>The addresses that machines can have; of a subnet of one or two all of them (RFC 3021, RFC 6164).</summary>
    private (UInt128 First, UInt128 Last) Hosts()
    {
        (UInt128 first, UInt128 last) = Ends(Subnet);
        bool isFour = Subnet.BaseAddress.AddressFamily == AddressFamily.InterNetwork;
        return last - first < 2 ? (first, last) : (first + 1, isFour ? last - 1 : last);
    }

    private static (UInt128 First, UInt128 Last) Ends(IPNetwork part)
    {
        int hostBits = (part.BaseAddress.GetAddressBytes().Length * 8) - part.PrefixLength;
        UInt128 first = Number(part.BaseAddress);
        return (first, first + (hostBits == 128 ? UInt128.MaxValue : (UInt128.One << hostBits) - 1));
    }

    private static UInt128 Number(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes())
        : BinaryPrimitives.ReadUInt128BigEndian(address.GetAddressBytes());

    private IPAddress Address(UInt128 number)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return new IPAddress(Subnet.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? bytes[12..] : bytes);
    }
}
