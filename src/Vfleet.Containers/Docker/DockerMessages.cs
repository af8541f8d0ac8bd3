using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vfleet.Containers.Docker;

/// <summary>A network is made. Source of all of these: libnetwork's remote driver, daemon/libnetwork/drivers/remote/api/api.go.</summary>
public sealed record CreateNetworkRequest
{
    /// <summary>Its id.</summary>
    public string? NetworkID { get; init; }

    /// <summary>Docker's own options; those of <c>-o</c> are in <c>com.docker.network.generic</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Options { get; init; }

    /// <summary>IPv4 subnets.</summary>
    public IReadOnlyList<SubnetData?>? IPv4Data { get; init; }

    /// <summary>IPv6 subnets.</summary>
    public IReadOnlyList<SubnetData?>? IPv6Data { get; init; }
}

/// <summary>A subnet as the IPAM driver gave it.</summary>
public sealed record SubnetData
{
    /// <summary>The subnet, such as 192.0.2.0/24.</summary>
    public string? Pool { get; init; }

    /// <summary>The IPAM driver's space that it is of.</summary>
    public string? AddressSpace { get; init; }

    /// <summary>Its gateway with the prefix length, such as 192.0.2.1/24.</summary>
    public string? Gateway { get; init; }

    /// <summary>Addresses of other machines there, each with the prefix length, by the names of <c>--aux-address</c>.</summary>
    public IReadOnlyDictionary<string, string?>? AuxAddresses { get; init; }
}

/// <summary>A network is forgotten.</summary>
public sealed record DeleteNetworkRequest
{
    /// <summary>Its id.</summary>
    public string? NetworkID { get; init; }
}

/// <summary>A container's end of a network is made.</summary>
public sealed record CreateEndpointRequest
{
    /// <summary>The network.</summary>
    public string? NetworkID { get; init; }

    /// <summary>The endpoint; each start of a container has another one.</summary>
    public string? EndpointID { get; init; }

    /// <summary>Addresses that are given; empty ones are the driver's to choose.</summary>
    public EndpointInterface? Interface { get; init; }
}

/// <summary>Addresses of an endpoint; empty or null where none is given.</summary>
public sealed record EndpointInterface
{
    /// <summary>IPv4 with the prefix length.</summary>
    public string? Address { get; init; }

    /// <summary>IPv6 with the prefix length.</summary>
    public string? AddressIPv6 { get; init; }

    /// <summary>MAC.</summary>
    public string? MacAddress { get; init; }
}

/// <summary>What the driver chose: a field that was given has to be empty.</summary>
/// <param name="Interface">The addresses chosen.</param>
public sealed record CreateEndpointReply(EndpointInterface Interface);

/// <summary>A call about one endpoint, without more.</summary>
public sealed record EndpointRequest
{
    /// <summary>The network.</summary>
    public string? NetworkID { get; init; }

    /// <summary>The endpoint.</summary>
    public string? EndpointID { get; init; }
}

/// <summary>An endpoint goes into a container.</summary>
public sealed record JoinRequest
{
    /// <summary>The network.</summary>
    public string? NetworkID { get; init; }

    /// <summary>The endpoint.</summary>
    public string? EndpointID { get; init; }

    /// <summary>Path of the container's network namespace; it need not exist yet.</summary>
    public string? SandboxKey { get; init; }
}

/// <summary>Which interface dockerd moves, and what it does there.</summary>
public sealed record JoinReply
{
    /// <summary>Its name here, and how names there begin.</summary>
    public required JoinName InterfaceName { get; init; }

    /// <summary>Address of the IPv4 gateway; empty for none.</summary>
    public string Gateway { get; init; } = "";

    /// <summary>Address of the IPv6 gateway; empty for none.</summary>
    public string GatewayIPv6 { get; init; } = "";

    /// <summary>Keeps dockerd from adding an interface of its own bridge, which would lead around the VF.</summary>
    public bool DisableGatewayService { get; init; } = true;
}

/// <summary>Names of an interface.</summary>
/// <param name="SrcName">Its name on the host.</param>
/// <param name="DstPrefix">How its name in the container begins; dockerd puts a number behind it.</param>
public sealed record JoinName(string SrcName, string DstPrefix);

/// <summary>What is known of an endpoint.</summary>
/// <param name="Value">Words by key.</param>
public sealed record OperInfoReply(IReadOnlyDictionary<string, string> Value);

/// <summary>A subnet is asked for. Source of the calls about addresses: daemon/libnetwork/ipams/remote/api/api.go.</summary>
public sealed record PoolRequest
{
    /// <summary>The space it has to be of; empty for any.</summary>
    public string? AddressSpace { get; init; }

    /// <summary>The subnet, such as 192.0.2.0/24; empty for one of the driver's choice.</summary>
    public string? Pool { get; init; }

    /// <summary>The part of it addresses are chosen from; empty for all of it.</summary>
    public string? SubPool { get; init; }

    /// <summary>Options of <c>--ipam-opt</c>.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; init; }

    /// <summary>True for IPv6.</summary>
    public bool V6 { get; init; }
}

/// <summary>A subnet.</summary>
/// <param name="PoolID">The id dockerd names it by from now on.</param>
/// <param name="Pool">The subnet.</param>
public sealed record PoolReply(string PoolID, string Pool);

/// <summary>A subnet is forgotten.</summary>
public sealed record PoolIdRequest
{
    /// <summary>Its id.</summary>
    public string? PoolID { get; init; }
}

/// <summary>An address is asked for, or given back.</summary>
public sealed record AddressRequest
{
    /// <summary>The subnet's id.</summary>
    public string? PoolID { get; init; }

    /// <summary>The address; empty for any.</summary>
    public string? Address { get; init; }

    /// <summary>What it is for: <c>RequestAddressType</c> for a gateway, the MAC for a container.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; init; }
}

/// <summary>An address that was given.</summary>
/// <param name="Address">With the prefix length, such as 192.0.2.7/24.</param>
public sealed record AddressReply(string Address);

/// <summary>A call that was refused.</summary>
/// <param name="Err">Why, for people; where calls about networks look for it.</param>
public sealed record ErrorReply(string Err)
{
    /// <summary>The same, where calls about addresses look for it.</summary>
    public string Error => Err;
}

/// <summary>A network as dockerd's own API tells it.</summary>
internal sealed record EngineNetwork
{
    /// <summary>Its endpoints, by container.</summary>
    public IReadOnlyDictionary<string, EngineEndpoint?>? Containers { get; init; }
}

/// <summary>An endpoint as dockerd's own API tells it.</summary>
internal sealed record EngineEndpoint
{
    /// <summary>The container's name.</summary>
    public string? Name { get; init; }

    /// <summary>The endpoint.</summary>
    public string? EndpointID { get; init; }
}

/// <summary>JSON of the protocol, generated so that it works in a native executable.</summary>
[JsonSerializable(typeof(CreateNetworkRequest))]
[JsonSerializable(typeof(DeleteNetworkRequest))]
[JsonSerializable(typeof(CreateEndpointRequest))]
[JsonSerializable(typeof(CreateEndpointReply))]
[JsonSerializable(typeof(EndpointRequest))]
[JsonSerializable(typeof(JoinRequest))]
[JsonSerializable(typeof(JoinReply))]
[JsonSerializable(typeof(OperInfoReply))]
[JsonSerializable(typeof(PoolRequest))]
[JsonSerializable(typeof(PoolReply))]
[JsonSerializable(typeof(PoolIdRequest))]
[JsonSerializable(typeof(AddressRequest))]
[JsonSerializable(typeof(AddressReply))]
[JsonSerializable(typeof(ErrorReply))]
[JsonSerializable(typeof(EngineNetwork))]
[JsonSerializable(typeof(DockerNetwork))]
[JsonSerializable(typeof(Dictionary<string, AddressLease>))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
internal sealed partial class DockerJson : JsonSerializerContext;
