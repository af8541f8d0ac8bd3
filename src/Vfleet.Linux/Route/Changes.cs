namespace Vfleet.Linux.Route;

/// <summary>What to change on a link; null leaves it alone. Sent as one request, which the kernel carries out in this order.</summary>
public sealed record LinkChange
{
    /// <summary>Moves the link there. Equivalent to <c>ip link set DEV netns NAME</c>.</summary>
    public NetworkNamespace? Namespace { get; init; }

    /// <summary>Equivalent to <c>ip link set DEV address M</c>.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>Bytes. Equivalent to <c>ip link set DEV mtu N</c>.</summary>
    public int? Mtu { get; init; }

    /// <summary>Equivalent to <c>ip link set DEV name NAME</c>.</summary>
    public string? Name { get; init; }

    /// <summary>Equivalent to <c>ip link set DEV up</c> or <c>down</c>.</summary>
    public bool? Up { get; init; }

    /// <summary>
    /// Index of the bond or bridge it is going to belong to; 0 for none. Equivalent to <c>ip link set DEV master M</c>. Alone in its request:
    /// kernels differ in whether flags come before it.
    /// </summary>
    public int? Master { get; init; }

    /// <summary>Equivalent to <c>ip link set DEV allmulticast on</c> or <c>off</c>.</summary>
    public bool? AllMulticast { get; init; }
}

/// <summary>What to change on a VF through its PF; null leaves it alone.</summary>
public sealed record VfChange
{
    /// <summary>VF index, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Equivalent to <c>ip link set PF vf N mac M</c>.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>Equivalent to <c>ip link set PF vf N vlan V qos Q proto P</c>.</summary>
    public VfVlan? Vlan { get; init; }

    /// <summary>Both rates, because the kernel sets both. Equivalent to <c>ip link set PF vf N min_tx_rate A max_tx_rate B</c>.</summary>
    public VfRate? Rate { get; init; }

    /// <summary>Equivalent to <c>ip link set PF vf N spoofchk on|off</c>.</summary>
    public bool? SpoofCheck { get; init; }

    /// <summary>Equivalent to <c>ip link set PF vf N state auto|enable|disable</c>.</summary>
    public VfLinkState? LinkState { get; init; }

    /// <summary>Equivalent to <c>ip link set PF vf N trust on|off</c>.</summary>
    public bool? Trust { get; init; }

    /// <summary>Equivalent to <c>ip link set PF vf N node_guid G</c>.</summary>
    public ulong? NodeGuid { get; init; }

    /// <summary>Equivalent to <c>ip link set PF vf N port_guid G</c>.</summary>
    public ulong? PortGuid { get; init; }
}

/// <summary>A port VLAN.</summary>
/// <param name="Id">0 to 4094; 0 removes it.</param>
/// <param name="Qos">Priority, 0 to 7.</param>
/// <param name="Protocol">802.1Q or 802.1ad.</param>
public readonly record struct VfVlan(int Id, int Qos = 0, VlanProtocol Protocol = VlanProtocol.Dot1Q);

/// <summary>Rates in Mbit/s; 0 is none and no limit.</summary>
public readonly record struct VfRate(uint MinTxMbps, uint MaxTxMbps);
