namespace Vfleet.Linux.Generic.Devlink;

/// <summary>How the switch inside the NIC treats its VFs (enum devlink_eswitch_mode).</summary>
public enum EswitchMode : ushort
{
    /// <summary>By MAC and VLAN, set on the PF.</summary>
    Legacy = 0,

    /// <summary>By flow rules; each VF has a representor on the host.</summary>
    Switchdev = 1,
}

/// <summary>Which headers the device wants in a VF's transmit descriptors (enum devlink_eswitch_inline_mode).</summary>
public enum EswitchInlineMode : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Up to layer 2.</summary>
    Link = 1,

    /// <summary>Up to layer 3.</summary>
    Network = 2,

    /// <summary>Up to layer 4.</summary>
    Transport = 3,
}

/// <summary>The eswitch of a device; what its driver does not have is null.</summary>
/// <param name="Handle">The device.</param>
/// <param name="Mode">Legacy or switchdev.</param>
/// <param name="InlineMode">Inline mode.</param>
/// <param name="Encapsulation">True where it can encapsulate (basic), false for none.</param>
public sealed record EswitchInfo(DevlinkHandle Handle, EswitchMode? Mode, EswitchInlineMode? InlineMode, bool? Encapsulation);

/// <summary>What to change in an eswitch; null leaves a property as it is.</summary>
public sealed record EswitchChange
{
    /// <summary>Legacy or switchdev. Many drivers take it only without VFs, or only while no VF has a driver.</summary>
    public EswitchMode? Mode { get; init; }

    /// <summary>Inline mode.</summary>
    public EswitchInlineMode? InlineMode { get; init; }

    /// <summary>Encapsulation: true is basic.</summary>
    public bool? Encapsulation { get; init; }
}
