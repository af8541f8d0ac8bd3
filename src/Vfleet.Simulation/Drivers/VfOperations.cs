using Vfleet.Linux.Route;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Pci;
using Vfleet.Simulation.Wire;

namespace Vfleet.Simulation.Drivers;

/// <summary>What a PF's driver does with a VF's settings (ndo_set_vf_*), refusals included. Runs under the machine's gate.</summary>
/// <param name="machine">The machine.</param>
/// <param name="pf">The PF's interface.</param>
internal readonly struct VfOperations(SimulatedMachine machine, SimulatedLink pf)
{
    /// <summary>Every driver takes the reserved 4095 too, and refuses what has more bits.</summary>
    private const int HighestVlan = 4095;

    private readonly SriovState _sriov = pf.Device!.Sriov!;
    private readonly NicTraits _traits = pf.Device.Traits!;

    public Refusal SetMac(int index, MacAddress mac)
    {
        if (Find(index) is not { } vf || mac.IsMulticast)
            return Errno.EINVAL;
        vf.Mac = mac;
        vf.MacIsAdministrative = !mac.IsZero;
        if (_traits.MacIsTakenLive && mac.IsStation() && index < _sriov.Functions.Count)
        {
            foreach (SimulatedLink link in _sriov.Functions[index].Links)
            {
                link.Mac = mac;
                machine.Events.LinkChanged(link);
            }
        }
        return Refusal.None;
    }

    public Refusal SetVlan(int index, uint vlan, uint qos, ushort protocol)
    {
        // The kernel hands on 16 and 8 bits of what it was given.
        ushort id = (ushort)vlan;
        byte priority = (byte)qos;
        if (Find(index) is not { } vf || id > HighestVlan || priority > 7)
            return Errno.EINVAL;
        if (protocol != VfSettings.Vlan8021Q && !(_traits.Qinq && protocol == VfSettings.Vlan8021Ad))
            return Errno.EPROTONOSUPPORT;
        vf.Vlan = id;
        vf.Qos = priority;
        vf.VlanProtocol = protocol;
        return Refusal.None;
    }

    /// <summary>IFLA_VF_TX_RATE: the maximum alone, the minimum stays.</summary>
    public Refusal SetMaximumRate(int index, uint maximum) =>
        Find(index) is { } vf ? SetRate(index, vf.MinimumRate, maximum) : Errno.EINVAL;

    public Refusal SetRate(int index, uint minimum, uint maximum)
    {
        // rtnl_set_vf_rate: a maximum below the minimum never reaches the driver.
        if (maximum > 0 && minimum > maximum)
            return Errno.EINVAL;
        if (_traits.RefusesRateInSwitchdev && _sriov.Switchdev)
            return Errno.EOPNOTSUPP;
        if (Find(index) is not { } vf)
            return Errno.EINVAL;
        bool linkIsUp = pf.IsRunning;
        if (_traits.RateNeedsLink && !linkIsUp)
            return Errno.EINVAL;
        uint speed = linkIsUp ? (uint)pf.SpeedMbps : 0;
        if (minimum > 0 && !AcceptsMinimum(vf, minimum, speed))
            return Errno.EINVAL;
        bool isCapped = _traits.RateCap == RateCap.Always || (_traits.RateCap == RateCap.WhileUp && linkIsUp);
        if (maximum > 0 && (maximum <= _traits.RateFloor || (isCapped && maximum > speed)))
            return Errno.EINVAL;
        vf.MinimumRate = minimum;
        vf.MaximumRate = maximum;
        return Refusal.None;
    }

    public Refusal SetSpoofCheck(int index, bool on)
    {
        if (Find(index) is not { } vf)
            return Errno.EINVAL;
        vf.SpoofCheck = on;
        return Refusal.None;
    }

    public Refusal SetLinkState(int index, uint state)
    {
        if (!_traits.SetsLinkState)
            return Errno.EOPNOTSUPP;
        if (Find(index) is not { } vf || state > (uint)VfLinkState.Disable)
            return Errno.EINVAL;
        if (_traits.IgnoresLinkStateEnable && state == (uint)VfLinkState.Enable)
            return Refusal.None;
        vf.LinkState = (VfLinkState)state;
        CarrierRules.RefreshAll(machine);
        return Refusal.None;
    }

    public Refusal SetRssQuery(int index, bool on)
    {
        if (!_traits.RssQuery)
            return Errno.EOPNOTSUPP;
        if (Find(index) is not { } vf)
            return Errno.EINVAL;
        vf.RssQuery = on;
        return Refusal.None;
    }

    public Refusal SetTrust(int index, bool on)
    {
        if (Find(index) is not { } vf)
            return Errno.EINVAL;
        if (_traits.RefusesTrustInSwitchdev && _sriov.Switchdev)
            return Errno.EOPNOTSUPP;
        vf.Trust = on;
        return Refusal.None;
    }

    public Refusal SetGuid(int index, ulong guid, bool isPort)
    {
        if (!_traits.Guids)
            return Errno.EOPNOTSUPP;
        if (Find(index) is not { } vf)
            return Errno.EINVAL;
        if (isPort)
            vf.PortGuid = guid;
        else
            vf.NodeGuid = guid;
        return Refusal.None;
    }

    private bool AcceptsMinimum(VfSettings vf, uint minimum, uint speed) => _traits.MinimumRate switch
    {
        MinimumRate.Accepted => true,
        MinimumRate.Checked => _sriov.Settings.Sum(other => (long)other.MinimumRate) - vf.MinimumRate + minimum <= speed,
        _ => false,
    };

    private VfSettings? Find(int index) => index < _sriov.Settings.Length ? _sriov.Settings[index] : null;
}
