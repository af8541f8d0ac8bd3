using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Settings;

/// <summary>Refuses wishes that cannot be meant or cannot be done, before anything is touched.</summary>
internal static class SettingsCheck
{
    /// <param name="vf">The VF with its settings as read.</param>
    /// <param name="siblings">Every VF of its PF.</param>
    /// <param name="wanted">The wish.</param>
    /// <param name="force">Lets a duplicate MAC pass, and a rate above what the link has now: what is restored may be older than the link's speed.</param>
    public static Fault? Check(VirtualFunction vf, IReadOnlyList<VirtualFunction> siblings, VfSettings wanted, bool force)
    {
        string label = vf.Label;
        return CheckMac(vf, siblings, wanted, force)
            ?? CheckVlan(vf, wanted)
            ?? CheckRates(vf, wanted, force)
            ?? (vf.Settings is null ? NotReported(vf) : null)
            ?? DriverLimits.Check(vf.Pf.Driver, wanted, label);
    }

    private static Fault? CheckMac(VirtualFunction vf, IReadOnlyList<VirtualFunction> siblings, VfSettings wanted, bool force)
    {
        if (wanted.Mac is not { } mac || mac.IsZero)
            return null;
        if (mac.IsMulticast)
            return Fault.Usage($"{vf.Label}: {mac} is a multicast address; a VF needs a unicast one", "clear the lowest bit of the first byte", vf.Label);
        if (force)
            return null;
        if (vf.Pf.Mac == mac)
            return Duplicate(vf, mac, $"the PF {vf.Pf.Label}");
        VirtualFunction? holder = siblings.FirstOrDefault(other => other.Index != vf.Index && (other.Settings?.Mac == mac || other.Link?.Mac == mac));
        return holder is null ? null : Duplicate(vf, mac, $"VF {holder.Index} ({holder.Label})");
    }

    /// <summary>The refusal of a MAC that another function of the NIC has.</summary>
    public static Fault Duplicate(VirtualFunction vf, MacAddress mac, string holder) =>
        Fault.Refused($"{vf.Label}: {mac} is in use on this NIC already", $"{holder} has it", "choose another address, or give --force", vf.Label);

    private static Fault? CheckVlan(VirtualFunction vf, VfSettings wanted)
    {
        if (wanted.Vlan is < 0 or > 4094)
            return Fault.Usage($"{vf.Label}: VLAN {wanted.Vlan} is out of range 0 to 4094", "0 removes the VLAN", vf.Label);
        if (wanted.VlanQos is < 0 or > 7)
            return Fault.Usage($"{vf.Label}: QoS {wanted.VlanQos} is out of range 0 to 7", target: vf.Label);
        int vlan = wanted.Vlan ?? vf.Settings?.Vlan ?? 0;
        if (vlan == 0 && (wanted.VlanQos > 0 || wanted.VlanProtocol == VlanProtocol.Dot1Ad))
            return Fault.Usage($"{vf.Label}: QoS and protocol belong to a VLAN, and none is set", "give --vlan 1 to 4094 too", vf.Label);
        if (wanted.Trunk is not null && wanted.Vlan > 0)
            return Fault.Usage($"{vf.Label}: a port VLAN and a trunk exclude each other", "give one of --vlan and --trunk", vf.Label);
        return null;
    }

    private static Fault? CheckRates(VirtualFunction vf, VfSettings wanted, bool force)
    {
        uint min = wanted.MinTxRateMbps ?? vf.Settings?.MinTxRateMbps ?? 0;
        uint max = wanted.MaxTxRateMbps ?? vf.Settings?.MaxTxRateMbps ?? 0;
        if ((wanted.MinTxRateMbps ?? wanted.MaxTxRateMbps) is not null && max > 0 && min > max)
            return Fault.Usage($"{vf.Label}: min rate {min} Mbit/s is above max rate {max} Mbit/s", "raise the max rate, or set it to 0 for no limit", vf.Label);
        uint highest = Math.Max(wanted.MinTxRateMbps ?? 0, wanted.MaxTxRateMbps ?? 0);
        if (!force && vf.Pf.LinkSpeedMbps is { } speed && highest > speed)
            return Fault.Usage($"{vf.Label}: rate {highest} Mbit/s is above the {speed} Mbit/s of {vf.Pf.Label}", "give a lower rate, or --force where the link will be faster", vf.Label);
        return null;
    }

    /// <summary>The fault of a VF whose settings nobody tells.</summary>
    public static Fault NotReported(VirtualFunction vf) => vf.Pf.Name is null
        ? Fault.Unsupported($"{vf.Label}: its PF {vf.Pf.Label} has no network interface, so it has no VF settings",
            vf.Pf.Driver is null ? "no driver is bound to the PF" : $"driver {vf.Pf.Driver} makes none", null, vf.Label)
        : Fault.Unsupported($"{vf.Label}: driver {vf.Pf.Driver} does not report this VF", null, null, vf.Label);
}
