using Vfleet.Host.Settings;

namespace Vfleet.Containers.Docker;

/// <summary>A network of Docker: which VFs its containers get, and in which state.</summary>
public sealed record DockerNetwork
{
    /// <summary>The pool, or the PF whose own pool it is.</summary>
    public string Pool { get; init; } = "";

    /// <summary>What each VF is set to. The guaranteed rate counts against what its PF can guarantee.</summary>
    public VfSettings Settings { get; init; } = new();

    /// <summary>MTU in bytes, 68 to 65535.</summary>
    public int? Mtu { get; init; }

    /// <summary>The tenant in the ledger.</summary>
    public string? Tenant { get; init; }

    /// <summary>Its subnets whose addresses come from <see cref="DockerIpam"/>.</summary>
    public IReadOnlyList<string> OurSubnets { get; init; } = [];

    /// <summary>How names of interfaces in containers begin.</summary>
    public string Prefix { get; init; } = "eth";

    /// <summary>Address of the IPv4 gateway; null for none.</summary>
    public string? Gateway { get; init; }

    /// <summary>Address of the IPv6 gateway; null for none.</summary>
    public string? GatewayIPv6 { get; init; }

    /// <summary>Addresses of other machines in its subnets, which no container gets.</summary>
    public IReadOnlyList<string> AuxAddresses { get; init; } = [];
}
