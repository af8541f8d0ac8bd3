using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Host.State;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Scrub;

/// <summary>Compares a VF with the state it has to be in.</summary>
public static class CleanState
{
    /// <summary>What differs, as <c>NAME VALUE instead of WANTED</c>; empty for a VF that is clean.</summary>
    /// <param name="vf">The VF as it was read, its settings included.</param>
    /// <param name="clean">The state it has to be in.</param>
    public static IReadOnlyList<string> Differences(VirtualFunction vf, Baseline clean)
    {
        List<string> found = [];
        Compare("driver", vf.Driver, clean.Driver);
        if (vf.NamespacePath is not null)
            found.Add($"namespace {vf.NamespacePath} instead of the host's");
        if (clean.Name is not null)
        {
            Compare("name", vf.Link?.Name, clean.Name);
            // What was not known when the VF was clean cannot be asked for.
            if (clean.Mac is not null)
                Compare("address", vf.Link?.Mac?.ToString(), clean.Mac);
            if (clean.Mtu is { } mtu && vf.Link?.Mtu != mtu)
                found.Add($"MTU {vf.Link?.Mtu} instead of {mtu}");
        }
        found.AddRange(SettingsDifferences(vf, clean));
        return found;

        void Compare(string name, string? seen, string? wanted)
        {
            if (seen != wanted)
                found.Add($"{name} {seen ?? "none"} instead of {wanted ?? "none"}");
        }
    }

    /// <summary>The same of what is set through the PF alone.</summary>
    internal static IEnumerable<string> SettingsDifferences(VirtualFunction vf, Baseline wanted) => vf.Settings is { } now
        ? Settings(vf, now, wanted)
        : wanted.HasSettings ? ["settings unknown: the PF reports none"] : [];

    /// <summary>Settings that differ from the clean state and that the driver can write: what a tenant would leave behind.</summary>
    private static IEnumerable<string> Settings(VirtualFunction vf, VfInfo now, Baseline clean)
    {
        VfSettings left = DriverLimits.ForRestore(vf.Pf.Driver, clean, now).Except(now);
        // igb lists an address the VF chose itself as the PF's: the one its interface has or had, or none, is as clean.
        if (left.Mac is { } mac && !(mac.IsZero && (now.Mac?.ToString() == clean.Mac || now.Mac == vf.Link?.Mac))
            && !(now.Mac?.IsZero == true && vf.Link?.Mac?.ToString() == clean.Mac))
            yield return $"PF's address {now.Mac} instead of {mac}";
        if (left.Vlan is { } vlan)
            yield return $"VLAN {now.Vlan} instead of {vlan}";
        if (left.SpoofCheck is { } spoof)
            yield return $"spoof check {OnOff(now.SpoofCheck)} instead of {OnOff(spoof)}";
        if (left.Trust is { } trust)
            yield return $"trust {OnOff(now.Trust)} instead of {OnOff(trust)}";
        if (left.LinkState is { } link)
            yield return $"link state {now.LinkState} instead of {link}";
        if (left.MinTxRateMbps is { } least)
            yield return $"min rate {now.MinTxRateMbps} instead of {least}";
        if (left.MaxTxRateMbps is { } most)
            yield return $"max rate {now.MaxTxRateMbps} instead of {most}";
        if (left.NodeGuid is not null || left.PortGuid is not null)
            yield return "GUIDs of another owner";
    }

    private static string OnOff(bool? value) => value switch { true => "on", false => "off", null => "unknown" };
}
