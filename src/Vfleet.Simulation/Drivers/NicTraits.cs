namespace Vfleet.Simulation.Drivers;

/// <summary>What a NIC's PF and VF drivers can and refuse. Sources: the ndo tables of Linux 6.12 and measurements on the lab.</summary>
internal sealed record NicTraits
{
    public required string PfDriver { get; init; }

    /// <summary>The driver that takes the VFs by itself; null where there is none.</summary>
    public string? VfDriver { get; init; }

    public required int SpeedMbps { get; init; }

    public string DriverVersion { get; init; } = "6.12.95+deb12-amd64";

    public string FirmwareVersion { get; init; } = "";

    /// <summary>How devlink names the firmware that <see cref="FirmwareVersion"/> is of.</summary>
    public string FirmwareComponent { get; init; } = "fw.mgmt";

    /// <summary>phys_port_name of the PF's interface; null where the driver has none.</summary>
    public string? PhysicalPortName { get; init; }

    public bool SetsLinkState { get; init; }

    /// <summary>Link state "enable" is accepted and ignored (ixgbe).</summary>
    public bool IgnoresLinkStateEnable { get; init; }

    public MinimumRate MinimumRate { get; init; }

    /// <summary>A rate needs the PF's link to be up, else EINVAL.</summary>
    public bool RateNeedsLink { get; init; }

    /// <summary>Rates above 0 up to this one are refused (ixgbe).</summary>
    public uint RateFloor { get; init; }

    public RateCap RateCap { get; init; }

    /// <summary>VLAN protocol 802.1ad is accepted; elsewhere EPROTONOSUPPORT.</summary>
    public bool Qinq { get; init; }

    public bool RssQuery { get; init; }

    /// <summary>IFLA_VF_STATS is filled; elsewhere it shows zeros.</summary>
    public bool Statistics { get; init; }

    public bool Guids { get; init; }

    /// <summary>sriov_vf_msix_count can be written.</summary>
    public bool MsixCount { get; init; }

    public bool Switchdev { get; init; }

    public bool Devlink { get; init; }

    public bool RefusesTrustInSwitchdev { get; init; }

    public bool RefusesRateInSwitchdev { get; init; }

    /// <summary>eswitch mode can change only without VFs.</summary>
    public bool SwitchdevNeedsNoVfs { get; init; }

    /// <summary>Forged source addresses are really dropped while spoof check is on; the emulated 82576 lets them pass.</summary>
    public bool DropsForgedFrames { get; init; } = true;

    public bool SpoofCheckByDefault { get; init; } = true;

    /// <summary>The PF shows the address a VF's own driver chose; else it shows only what was set on the PF.</summary>
    public bool PfLearnsVfMac { get; init; } = true;

    /// <summary>The VF's driver takes an administrative MAC at once, not only when it probes.</summary>
    public bool MacIsTakenLive { get; init; }

    /// <summary>A VF probed while the PF is down stays without carrier.</summary>
    public bool VfNeedsPfAtProbe { get; init; }

    /// <summary>Creating VFs restarts the port: its carrier goes for a while.</summary>
    public bool RestartsForVfs { get; init; }

    /// <summary>The answer when a VF without trust changes a MAC that was set on the PF; None where it may.</summary>
    public Errno ForeignMacRefusal { get; init; }

    /// <summary>The vendor's trunk file, below the PF's device directory.</summary>
    public TrunkStyle Trunk { get; init; }
}

/// <summary>When a driver refuses a maximum above the link's speed.</summary>
internal enum RateCap
{
    Never,

    /// <summary>Only while the link has a speed (i40e).</summary>
    WhileUp,

    /// <summary>Always; without a link the speed counts as none.</summary>
    Always,
}

/// <summary>What a driver does about a guaranteed rate.</summary>
internal enum MinimumRate
{
    /// <summary>EINVAL.</summary>
    Refused,

    /// <summary>Accepted while the sum stays within the link's speed.</summary>
    Checked,

    /// <summary>Accepted as it is.</summary>
    Accepted,
}

/// <summary>How a vendor's driver takes VLAN trunks through sysfs.</summary>
internal enum TrunkStyle
{
    /// <summary>Not at all: true for every driver of the kernel itself.</summary>
    None,

    /// <summary><c>add 100 200</c>, <c>rem 100 200</c> in <c>device/sriov/N/trunk</c>.</summary>
    Ranges,

    /// <summary><c>add 2,4,10-20</c>, <c>rem 2</c> in <c>device/sriov/N/trunk</c>.</summary>
    List,
}
