namespace Vfleet.Node.Documents;

/// <summary>A software bridge for the PFs of a policy. It is read and kept; nothing acts on it yet.</summary>
public sealed record PolicyBridge
{
    /// <summary>An Open vSwitch bridge.</summary>
    public OvsSettings? Ovs { get; init; }
}

/// <summary>An Open vSwitch bridge and its uplink.</summary>
public sealed record OvsSettings
{
    /// <summary>The bridge.</summary>
    public OvsBridge? Bridge { get; init; }

    /// <summary>The PF in it.</summary>
    public OvsUplink? Uplink { get; init; }
}

/// <summary>Columns of the table Bridge (ovs-vswitchd.conf.db(5)).</summary>
public sealed record OvsBridge
{
    /// <summary>datapath_type.</summary>
    public string? DatapathType { get; init; }

    /// <summary>external_ids.</summary>
    public IReadOnlyDictionary<string, string> ExternalIds { get; init; } = MapKind.Empty;

    /// <summary>other_config.</summary>
    public IReadOnlyDictionary<string, string> OtherConfig { get; init; } = MapKind.Empty;

    /// <summary>fail_mode: secure or standalone.</summary>
    public string? FailMode { get; init; }
}

/// <summary>The PF in an Open vSwitch bridge.</summary>
public sealed record OvsUplink
{
    /// <summary>Its interface there.</summary>
    public OvsInterface? Interface { get; init; }
}

/// <summary>Columns of the table Interface (ovs-vswitchd.conf.db(5)).</summary>
public sealed record OvsInterface
{
    /// <summary>type.</summary>
    public string? Type { get; init; }

    /// <summary>options.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = MapKind.Empty;

    /// <summary>external_ids.</summary>
    public IReadOnlyDictionary<string, string> ExternalIds { get; init; } = MapKind.Empty;

    /// <summary>other_config.</summary>
    public IReadOnlyDictionary<string, string> OtherConfig { get; init; } = MapKind.Empty;

    /// <summary>mtu_request.</summary>
    public int? MtuRequest { get; init; }
}
