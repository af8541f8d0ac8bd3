using System.Net;
using System.Text.Json;
using Vfleet.Node.Ledger;

namespace Vfleet.Containers.Docker;

/// <summary>Whose an address is.</summary>
internal sealed record AddressLease
{
    /// <summary>MAC of the container it was asked for; null for an address of the network itself, such as its gateway.</summary>
    public string? Mac { get; init; }

    /// <summary>It was asked for as a gateway.</summary>
    public bool IsGateway { get; init; }

    /// <summary>The endpoint that has it, once there is one.</summary>
    public string? Endpoint { get; init; }

    /// <summary>When it was given.</summary>
    public DateTimeOffset Since { get; init; }
}

/// <summary>
/// The addresses that were given, kept in the ledger. Each is given once on this machine, whatever subnets overlap. A container's ends when
/// dockerd releases it, with the VF of its endpoint, and where no endpoint follows: dockerd may have died before it could.
/// </summary>
/// <param name="ledger">The ledger.</param>
internal sealed class DockerAddresses(NodeLedger ledger)
{
    private const string Key = "docker.addresses";

    /// <summary>dockerd makes the endpoint in the same breath; this is longer than it repeats a call, and than a call takes.</summary>
    private static readonly TimeSpan WithoutEndpoint = TimeSpan.FromMinutes(5);

    /// <summary>Gives an address; to a MAC that has one already, without an endpoint yet, the same: dockerd repeats its question.</summary>
    /// <param name="pool">The subnet.</param>
    /// <param name="wanted">This one and no other; null for any.</param>
    /// <param name="mac">Who asks; null for the network itself.</param>
    /// <param name="isGateway">It is for the network's gateway.</param>
    /// <returns>Refused where it is somebody else's, or where none is left.</returns>
    public Outcome<IPAddress> Take(AddressPool pool, IPAddress? wanted, string? mac, bool isGateway) =>
        ledger.Change(LedgerStep.Documents, change => Take(change, pool, wanted, mac, isGateway));

    /// <summary>Binds addresses to the endpoint that was made for them, so that they end with it.</summary>
    /// <returns>Refused where one is somebody else's.</returns>
    public Outcome<Unit> Bind(string endpoint, string? mac, IEnumerable<IPAddress> addresses) =>
        ledger.Change(LedgerStep.Documents, change => Bind(change, endpoint, mac, addresses));

    /// <summary>
    /// Takes an address back; done too where nobody has it. One whose endpoint lives is left: dockerd repeats an old call.
    /// </summary>
    public Outcome<Unit> Release(IPAddress address) => ledger.Change(LedgerStep.Documents, change =>
    {
        if (All(change).GetValueOrDefault(address) is { } lease && (lease.Endpoint is null || !IsAlive(change, lease)))
            Keep(change, Living(change), address, null, $"{address} released");
    });

    private static Outcome<IPAddress> Take(LedgerChange change, AddressPool pool, IPAddress? wanted, string? mac, bool isGateway)
    {
        Dictionary<IPAddress, AddressLease> leases = Living(change);
        DockerNetwork[] networks = [.. DockerNetworks.All(change)];
        HashSet<IPAddress> gateways = Addresses(networks.SelectMany(each => (string?[])[each.Gateway, each.GatewayIPv6]));
        foreach ((IPAddress own, AddressLease lease) in leases.Where(each => each.Value.Endpoint is null && each.Value.Mac == mac))
        {
            // A network's own addresses are not all gateways: one that is not named must not come out as somebody's auxiliary address.
            bool isMeant = wanted is not null ? own.Equals(wanted)
                : pool.IsHost(own) && (!isGateway || lease.IsGateway || gateways.Contains(own));
            if (isMeant)
                return own;
        }
        // dockerd makes a network before it asks for its containers. Those of other drivers have no endpoint here that an address could
        // end with.
        if (mac is not null && !networks.Any(each => each.OurSubnets.Any(subnet => IPNetwork.Parse(subnet) == pool.Subnet)))
            return Fault.Refused($"no network of driver vfleet has subnet {pool.Subnet}",
                "--ipam-driver vfleet gives addresses to VFs only",
                "create the network with -d vfleet too, or without --ipam-driver", pool.ToString());
        Dictionary<IPAddress, AddressLease> taken = new(leases);
        // Networks of one subnet share their gateway and auxiliary addresses: they stay taken until the last of them is removed.
        foreach (IPAddress own in gateways.Union(Addresses(networks.SelectMany(each => each.AuxAddresses))))
            taken.TryAdd(own, new AddressLease());
        if (wanted is not null && taken.TryGetValue(wanted, out AddressLease? other) && (mac, other.Mac) is not (null, null))
            return NotFree(wanted, other, "ask for another one");
        if ((wanted ?? pool.Free(taken.Keys.ToHashSet())) is not { } chosen)
            return Fault.Refused($"{pool.Range} has no address left", $"{taken.Keys.Count(pool.Range.Contains)} are taken",
                "remove containers, or create a network with a larger subnet", pool.ToString());
        Keep(change, leases, chosen, new AddressLease { Mac = mac, IsGateway = isGateway, Since = change.Now },
            $"{chosen} for {mac ?? "the network"}");
        return chosen;
    }

    private static HashSet<IPAddress> Addresses(IEnumerable<string?> texts) => [.. texts.OfType<string>().Select(IPAddress.Parse)];

    private static Outcome<Unit> Bind(LedgerChange change, string endpoint, string? mac, IEnumerable<IPAddress> addresses)
    {
        Dictionary<IPAddress, AddressLease> leases = Living(change);
        foreach (IPAddress address in addresses)
        {
            AddressLease? had = leases.GetValueOrDefault(address);
            if (had is not null && had.Endpoint != endpoint && (had.Endpoint is not null || had.Mac != mac))
                return NotFree(address, had, "start the container again");
            if (had?.Endpoint is null)
                Keep(change, leases, address, new AddressLease { Mac = mac, Endpoint = endpoint, Since = change.Now },
                    $"{address} for {endpoint}");
        }
        return Unit.Done;
    }

    private static Fault NotFree(IPAddress address, AddressLease lease, string remedy)
    {
        string who = lease switch
        {
            { Endpoint: { } endpoint } => $"endpoint {endpoint} has it",
            { Mac: { } mac } => $"it was given to {mac}",
            _ => "it is a network's own",
        };
        return Fault.Refused($"address {address} is not free", who, remedy, address.ToString());
    }

    private static Dictionary<IPAddress, AddressLease> All(LedgerView view) => view.Meta(Key) is { } text
        ? JsonSerializer.Deserialize(text, DockerJson.Default.DictionaryStringAddressLease)!
            .ToDictionary(each => IPAddress.Parse(each.Key), each => each.Value)
        : [];

    /// <summary>The leases without those that ended by themselves.</summary>
    private static Dictionary<IPAddress, AddressLease> Living(LedgerChange change) =>
        All(change).Where(each => IsAlive(change, each.Value)).ToDictionary();

    private static bool IsAlive(LedgerChange change, AddressLease lease) => lease.Endpoint is { } endpoint
        ? change.AllocationOfKey(DockerDriver.KeyOf(endpoint)) is not null
        : lease.Mac is null || change.Now - lease.Since < WithoutEndpoint;

    private static void Keep(
        LedgerChange change, Dictionary<IPAddress, AddressLease> leases, IPAddress address, AddressLease? lease, string note)
    {
        leases.Remove(address);
        if (lease is not null)
            leases[address] = lease;
        Dictionary<string, AddressLease> texts =
            leases.ToDictionary(each => each.Key.ToString(), each => each.Value, StringComparer.Ordinal);
        change.SetMeta(Key, texts.Count == 0 ? null : JsonSerializer.Serialize(texts, DockerJson.Default.DictionaryStringAddressLease));
        change.Note("docker address", note);
    }
}
