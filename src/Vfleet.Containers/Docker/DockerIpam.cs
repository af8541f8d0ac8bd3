using System.Net;
using System.Net.Sockets;
using Vfleet.Linux.Route;
using Vfleet.Node.Ledger;

namespace Vfleet.Containers.Docker;

/// <summary>
/// What dockerd asks an IPAM driver for, with <c>docker network create --ipam-driver vfleet</c>. dockerd repeats calls whose answer it
/// did not get, so a pool is nothing but its id, and an address belongs to the MAC it was asked for. Safe for concurrent use.
/// </summary>
/// <param name="ledger">Keeps the addresses.</param>
public sealed class DockerIpam(NodeLedger ledger)
{
    /// <summary>The address space of every pool: machines that share a VLAN are not told apart here.</summary>
    public const string Space = "vfleet";

    private const string DockersOwn = "com.docker.";
    private const string MacOption = "com.docker.network.endpoint.macaddress";
    private const string TypeOption = "RequestAddressType", Gateway = "com.docker.network.gateway";

    private readonly DockerAddresses _addresses = new(ledger);

    /// <summary>Names a subnet.</summary>
    /// <returns>Usage with what is wrong with it.</returns>
    public static Task<Outcome<PoolReply>> RequestPoolAsync(PoolRequest request, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return Task.FromResult(Pool(request).Map(pool => new PoolReply(pool.ToString(), pool.Subnet.ToString())));
    }

    /// <summary>Forgets a subnet: nothing was kept of it.</summary>
    public static Task<Outcome<Unit>> ReleasePoolAsync(PoolIdRequest request, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return Task.FromResult(Known(request.PoolID).Map(_ => Unit.Done));
    }

    /// <summary>Gives an address: the one that is named, or the lowest that is free.</summary>
    public Task<Outcome<AddressReply>> RequestAddressAsync(AddressRequest request, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return Task.FromResult(Take(request));
    }

    /// <summary>Takes an address back; done too where it was not given.</summary>
    public Task<Outcome<Unit>> ReleaseAddressAsync(AddressRequest request, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return Task.FromResult(Known(request.PoolID).Try(out AddressPool? pool, out Fault? fault)
            && Named(pool, request.Address).Try(out IPAddress? address, out fault)
            ? address is null ? Fault.Usage("no address to release is named") : _addresses.Release(address)
            : fault);
    }

    private Outcome<AddressReply> Take(AddressRequest request)
    {
        if (!Known(request.PoolID).Try(out AddressPool? pool, out Fault? fault)
            || !Named(pool, request.Address).Try(out IPAddress? wanted, out fault))
            return fault;
        string? mac = null;
        if (request.Options?.GetValueOrDefault(MacOption) is { Length: > 0 } text)
        {
            if (!MacAddress.TryParse(text, out MacAddress given))
                return Fault.Usage($"MAC {text} is none", "write it as 02:00:00:00:00:01", text);
            mac = given.ToString();
        }
        bool isGateway = request.Options?.GetValueOrDefault(TypeOption) == Gateway;
        if (mac is null && wanted is null && !isGateway)
            return Fault.Usage("neither an address nor the MAC it is for is named", "a dockerd since 1.10 names the MAC");
        return _addresses.Take(pool, wanted, mac, isGateway).Map(address => new AddressReply(pool.Write(address)));
    }

    private static Outcome<AddressPool> Pool(PoolRequest request)
    {
        if (request.AddressSpace is { Length: > 0 } and not Space)
            return Fault.Usage($"address space {request.AddressSpace} is another IPAM driver's", $"there is {Space}", request.AddressSpace);
        if (request.Options?.Keys.FirstOrDefault(key => !key.StartsWith(DockersOwn, StringComparison.Ordinal)) is { } option)
            return Fault.Usage($"--ipam-opt {option}: there is no such option", "leave it out", option);
        if (string.IsNullOrEmpty(request.Pool))
            return Fault.Usage($"the network has no {(request.V6 ? "IPv6" : "IPv4")} subnet",
                "VFs are on a network that is there: name its subnet with --subnet");
        if (!AddressPool.TryParseSubnet(request.Pool, out IPNetwork subnet) || !new AddressPool(subnet, subnet).IsOfMachines)
            return NoSubnet("--subnet", request.Pool);
        if (subnet.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6 != request.V6)
            return Fault.Usage($"subnet {request.Pool} is not {(request.V6 ? "IPv6" : "IPv4")}", "name one of that family", request.Pool);
        if (string.IsNullOrEmpty(request.SubPool))
            return new AddressPool(subnet, subnet);
        if (!AddressPool.TryParseSubnet(request.SubPool, out IPNetwork range))
            return NoSubnet("--ip-range", request.SubPool);
        return subnet.Contains(range.BaseAddress) && range.PrefixLength >= subnet.PrefixLength
            ? new AddressPool(subnet, range)
            : Fault.Usage($"range {range} is not within subnet {subnet}", "name a part of it with --ip-range", request.SubPool);
    }

    private static Fault NoSubnet(string option, string text) =>
        Fault.Usage($"{option} {text} is no subnet", "write it as 192.0.2.0/24 or 2001:db8::/64, without host part", text);

    private static Outcome<AddressPool> Known(string? id) => AddressPool.TryParse(id, out AddressPool? pool)
        ? pool
        : Fault.NotFound($"address pool \"{id}\" is not one of this driver",
            "it is another IPAM driver's: remove its network and create it again", id);

    /// <summary>The address that is named, with or without prefix length; null for none.</summary>
    private static Outcome<IPAddress?> Named(AddressPool pool, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return Outcome<IPAddress?>.Of(null);
        string whole = text.Contains('/', StringComparison.Ordinal) ? text : $"{text}/{pool.Subnet.PrefixLength}";
        if (!IPNetworkAddress.TryParse(whole, out IPNetworkAddress? address))
            return Fault.Usage($"{text} is no address", "write it as 192.0.2.7 or 2001:db8::7", text);
        return pool.IsHost(address.Address)
            ? address.Address
            : Fault.Usage($"address {address.Address} is none of a machine in {pool.Subnet}",
                "name one within, neither its first nor its broadcast address", text);
    }
}
