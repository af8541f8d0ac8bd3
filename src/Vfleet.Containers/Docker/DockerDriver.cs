using System.Net;
using Vfleet.Host;
using Vfleet.Host.Inventory;
using Vfleet.Host.State;
using Vfleet.Linux.Route;
using Vfleet.Node;
using Vfleet.Node.Allocation;
using Vfleet.Node.Attach;
using Vfleet.Node.Census;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;

namespace Vfleet.Containers.Docker;

/// <summary>
/// What dockerd asks a network driver for. An endpoint is an allocation in the ledger, asked for with the endpoint's id as its key, so each
/// call may be repeated, by another process too. dockerd moves the interface itself, at its own time after Join and after Leave: here it
/// is made ready on the host, and taken back, from wherever it is, when the endpoint is deleted. Safe for concurrent use.
/// </summary>
/// <param name="node">This machine's VFs; its actor's front door has to be <see cref="DockerDoor.DoorName"/>.</param>
/// <param name="engine">Asks dockerd for a container's name.</param>
/// <param name="tell">Told what a person should know although the call succeeds.</param>
public sealed class DockerDriver(LocalNode node, DockerEngine engine, Action<string> tell)
{
    private const int LongestId = 128;
    private readonly DockerNetworks _networks = new(node.Ledger);
    private readonly NetworkOptions _options = new(tell);
    private readonly DockerAddresses _addresses = new(node.Ledger);
    private readonly EndpointGate _gate = new();

    /// <summary>Keeps a network, if its options can be meant and its VFs can be set so.</summary>
    public async Task<Outcome<Unit>> CreateNetworkAsync(CreateNetworkRequest request, CancellationToken cancel)
    {
        if (CheckId("NetworkID", request.NetworkID) is { } wrong)
            return wrong;
        if (!_options.Read(request).Try(out DockerNetwork? network, out Fault? fault))
            return fault;
        Outcome<NodeReading> read = await node.Census.RehearseAsync(cancel).ConfigureAwait(false);
        if (!read.Try(out NodeReading? reading, out fault) || !reading.Pools.Find(network.Pool).Try(out PoolDefinition? pool, out fault))
            return fault;
        // One of each PF that nobody has: what a driver refuses is told now, and not when the first container starts.
        IEnumerable<VirtualFunction> samples = network.Settings.IsEmpty ? [] : reading.Pools.VfsOf(pool.Name)
            .Where(vf => reading.Vfs.GetValueOrDefault(vf.Label) is { IsAvailable: true }).DistinctBy(vf => vf.Pf.DeviceName);
        foreach (string vf in samples.Select(vf => vf.Label))
        {
            Outcome<VfInfo> rehearsed =
                await node.Host.SetAsync(vf, network.Settings, force: false, dryRun: true, cancel: cancel).ConfigureAwait(false);
            if (rehearsed.Fault is { } refused)
                return refused;
        }
        return _networks.Keep(request.NetworkID!, network);
    }

    /// <summary>Forgets a network. Endpoints that dockerd forgot before go the way of all whom dockerd does not know.</summary>
    public Task<Outcome<Unit>> DeleteNetworkAsync(DeleteNetworkRequest request, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return Task.FromResult(CheckId("NetworkID", request.NetworkID) is { } wrong ? wrong : _networks.Forget(request.NetworkID!));
    }

    /// <summary>Allocates a VF for an endpoint and makes it ready on the host.</summary>
    public async Task<Outcome<CreateEndpointReply>> CreateEndpointAsync(CreateEndpointRequest request, CancellationToken cancel)
    {
        if ((CheckId("NetworkID", request.NetworkID) ?? CheckId("EndpointID", request.EndpointID)) is { } wrong)
            return wrong;
        (string networkId, string endpoint) = (request.NetworkID!, request.EndpointID!);
        if (!_networks.Find(networkId).Try(out DockerNetwork? network, out Fault? fault))
            return fault;
        MacAddress? mac = null;
        if (request.Interface?.MacAddress is { Length: > 0 } text)
        {
            if (!MacAddress.TryParse(text, out MacAddress given) || given.IsZero || given.IsMulticast)
                return Fault.Usage($"MAC {text} is no address of a station", "write it as 02:00:00:00:00:01", text);
            mac = given;
        }
        using IDisposable turn = await _gate.EnterAsync(endpoint, cancel).ConfigureAwait(false);
        AllocationRequest wanted = new()
        {
            Pool = network.Pool,
            Owner = OwnerOf(networkId, endpoint),
            Tenant = network.Tenant,
            GuaranteedMbps = network.Settings.MinTxRateMbps,
            RequestKey = KeyOf(endpoint),
        };
        AttachOrder order = new() { NamespacePath = null, Mtu = network.Mtu, Settings = network.Settings with { Mac = mac } };
        if (!(await node.AttachAsync(wanted, order, cancel).ConfigureAwait(false)).Try(out NodeAttachment? attached, out fault)
            || !node.Ledger.Read(view => view.Vf(attached.Allocation.Vfs[0].Vf)?.Held?.Mac).Try(out string? held, out fault))
            return fault;
        if (network.OurSubnets.Count > 0 && _addresses.Bind(endpoint, mac?.ToString(), Addresses(request.Interface)).Fault is { } unbound)
        {
            // dockerd deletes no endpoint that was not made.
            fault = (await node.ReleaseAsync(attached.Allocation.Id, unbound.Error, CancellationToken.None).ConfigureAwait(false)).Fault;
            return fault is null ? unbound : unbound with { Cause = $"{unbound.Cause}; taking the VF back failed too: {fault.Error}" };
        }
        foreach (string warning in attached.Vfs.SelectMany(vf => vf.Warnings).Concat(attached.Warnings))
            tell(warning);
        return new CreateEndpointReply(new EndpointInterface { MacAddress = mac is null ? held : null });
    }

    /// <summary>Takes an endpoint's VF back, from wherever it is, and cleans it.</summary>
    public async Task<Outcome<Unit>> DeleteEndpointAsync(EndpointRequest request, CancellationToken cancel)
    {
        if (CheckId("EndpointID", request.EndpointID) is { } wrong)
            return wrong;
        using IDisposable turn = await _gate.EnterAsync(request.EndpointID!, cancel).ConfigureAwait(false);
        if (!Find(request.EndpointID!).Try(out LedgerAllocation? allocation, out Fault? fault))
            return fault;
        if (allocation is null)
            return Unit.Done;
        fault = (await node.ReleaseAsync(allocation.Id, "docker deleted the endpoint", cancel).ConfigureAwait(false)).Fault;
        // Somebody else ended it meanwhile.
        return fault is null or { Kind: FaultKind.NotFound } ? Unit.Done : fault;
    }

    /// <summary>Tells dockerd which interface to move, and writes down whose it is.</summary>
    public async Task<Outcome<JoinReply>> JoinAsync(JoinRequest request, CancellationToken cancel)
    {
        if ((CheckId("NetworkID", request.NetworkID) ?? CheckId("EndpointID", request.EndpointID)) is { } wrong)
            return wrong;
        (string networkId, string endpoint) = (request.NetworkID!, request.EndpointID!);
        using IDisposable turn = await _gate.EnterAsync(endpoint, cancel).ConfigureAwait(false);
        if (!_networks.Find(networkId).Try(out DockerNetwork? network, out Fault? fault)
            || !Find(endpoint).Try(out LedgerAllocation? allocation, out fault))
            return fault;
        if (allocation is null)
            return NoEndpoint(endpoint);
        if (!(await InterfaceOfAsync(allocation.Vfs[0].Vf, cancel).ConfigureAwait(false)).Try(out string? name, out fault))
            return fault;
        Owner owner = OwnerOf(networkId, endpoint) with
        {
            Name = await ContainerAsync(networkId, endpoint, cancel).ConfigureAwait(false) ?? allocation.Owner.Name,
            NamespacePath = request.SandboxKey,
        };
        if (owner != allocation.Owner
            && node.Ledger.Change(LedgerStep.Repair, change => change.SetOwner(allocation, owner)).Fault is { } unwritten)
            return unwritten;
        return new JoinReply
        {
            InterfaceName = new JoinName(name, network.Prefix),
            Gateway = network.Gateway ?? "",
            GatewayIPv6 = network.GatewayIPv6 ?? "",
        };
    }

    /// <summary>
    /// The container lets go. dockerd brings the interface back after this call and then deletes the endpoint: until then nothing is done.
    /// </summary>
    public static Task<Outcome<Unit>> LeaveAsync(EndpointRequest request, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return Task.FromResult<Outcome<Unit>>(CheckId("EndpointID", request.EndpointID) is { } wrong ? wrong : Unit.Done);
    }

    /// <summary>Which VF an endpoint has.</summary>
    public Task<Outcome<OperInfoReply>> EndpointOperInfoAsync(EndpointRequest request, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (CheckId("EndpointID", request.EndpointID) is { } wrong)
            return Task.FromResult<Outcome<OperInfoReply>>(wrong);
        return Task.FromResult(Find(request.EndpointID!).Map(found => new OperInfoReply(found is null ? [] : Info(found))));
    }

    private static Dictionary<string, string> Info(LedgerAllocation allocation) => new()
    {
        ["vf"] = allocation.Vfs[0].Vf,
        ["pf"] = allocation.Vfs[0].Pf,
        ["allocation"] = allocation.Id,
    };

    private static IEnumerable<IPAddress> Addresses(EndpointInterface? given)
    {
        foreach (string? text in (string?[])[given?.Address, given?.AddressIPv6])
        {
            if (IPNetworkAddress.TryParse(text ?? "", out IPNetworkAddress? address))
                yield return address.Address;
        }
    }

    /// <summary>The key an endpoint's allocation was asked for with.</summary>
    internal static string KeyOf(string endpoint) => $"docker/{endpoint}";

    private Owner OwnerOf(string network, string endpoint) => new()
    {
        Name = $"docker/{endpoint[..Math.Min(endpoint.Length, 12)]}",
        Kind = OwnerKind.Workload,
        BootId = Boot.Id(node.Host.Kernel.Files),
        Workload = DockerDoor.Words(network, endpoint),
    };

    private Outcome<LedgerAllocation?> Find(string endpoint) => node.Ledger.Read(view => view.AllocationOfKey(KeyOf(endpoint)));

    /// <summary>The interface's name on the host, also while dockerd has moved it already: then it is the one it goes back to.</summary>
    private async Task<Outcome<string>> InterfaceOfAsync(string vf, CancellationToken cancel)
    {
        if (!(await node.Host.FindVfAsync(vf, cancel).ConfigureAwait(false)).Try(out VfAmongSiblings? place, out Fault? fault)
            || !node.Ledger.Read(view => view.Vf(vf)).Try(out LedgerVf? row, out fault))
            return fault;
        if (row is not { State: VfState.Attached, Record: { } record })
            return Fault.Refused($"{vf} is not ready: it is {row?.State.ToString() ?? "unknown"}",
                "its hand-out was not finished, or it is being taken back", "start the container again", vf);
        return (place.Vf is { NamespacePath: null, Link: { } link } ? link.Name : record.Baseline.Name) is { } name
            ? name
            : Fault.Refused($"{vf} has no interface", $"its driver is {place.Vf.Driver ?? "none"}",
                $"look at it with `vfleet vf show {vf}`", vf);
    }

    /// <summary>The name people know, which drivers are not told. Null where dockerd does not tell it now: the VF works without.</summary>
    private async Task<string?> ContainerAsync(string network, string endpoint, CancellationToken cancel)
    {
        Outcome<IReadOnlyDictionary<string, string>?> asked = await engine.EndpointsAsync(network, cancel).ConfigureAwait(false);
        if (asked.Fault is { } silent)
            tell($"endpoint {endpoint} is without its container's name in the ledger: {silent.Error}");
        return asked.Or(null)?.GetValueOrDefault(endpoint) is { Length: > 0 and <= 253 } name ? name : null;
    }

    private static Fault NoEndpoint(string endpoint) => Fault.NotFound($"endpoint {endpoint} has no VF",
        "it was never created here, or was taken back since: start the container again", endpoint);

    /// <summary>An id becomes part of a key and of a path.</summary>
    private static Fault? CheckId(string key, string? id) => id is { Length: > 0 and <= LongestId } && id.All(char.IsAsciiLetterOrDigit)
        ? null
        : Fault.Usage($"{key} is no id", $"it has 1 to {LongestId} letters and digits");
}
