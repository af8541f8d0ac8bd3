using Vfleet.Host.Settings;
using Vfleet.Linux.Route;

namespace Vfleet.Containers.Docker;

/// <summary>A network of Docker: which VFs its containers get, and in which state.</summary>
public sealed record DockerNetwork
{
    /// <summary>The pool, or the PF whose own pool it is.</summary>
    public string Pool { get; init; } = "";

    /// <summary>Port VLAN, 0 to 4094; null leaves it.</summary>
    public int? Vlan { get; init; }

    /// <summary>Its priority, 0 to 7.</summary>
    public int? VlanQos { get; init; }

    /// <summary>Its protocol.</summary>
    public VlanProtocol? VlanProtocol { get; init; }

    /// <summary>Spoof check.</summary>
    public bool? SpoofCheck { get; init; }

    /// <summary>Trust.</summary>
    public bool? Trust { get; init; }

    /// <summary>Link state policy.</summary>
    public VfLinkState? LinkState { get; init; }

    /// <summary>Guaranteed rate, Mbit/s; counts against what its PF can guarantee.</summary>
    public uint? MinTxRateMbps { get; init; }

    /// <summary>Largest rate, Mbit/s; 0 is no limit.</summary>
    public uint? MaxTxRateMbps { get; init; }

    /// <summary>MTU in bytes, 68 to 65535.</summary>
    public int? Mtu { get; init; }

    /// <summary>The tenant in the ledger.</summary>
    public string? Tenant { get; init; }

    /// <summary>How names of interfaces in containers begin.</summary>
    public string Prefix { get; init; } = "eth";

    /// <summary>Address of the IPv4 gateway; null for none.</summary>
    public string? Gateway { get; init; }

    /// <summary>Address of the IPv6 gateway; null for none.</summary>
    public string? GatewayIPv6 { get; init; }

    /// <summary>The settings of each VF, the guaranteed rate apart: that one is allocated.</summary>
    public VfSettings Settings() => new()
    {
        Vlan = Vlan,
        VlanQos = VlanQos,
        VlanProtocol = VlanProtocol,
        SpoofCheck = SpoofCheck,
        Trust = Trust,
        LinkState = LinkState,
        MaxTxRateMbps = MaxTxRateMbps,
    };
}
