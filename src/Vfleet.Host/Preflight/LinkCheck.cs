namespace Vfleet.Host.Preflight;

/// <summary>The PF's link, and whether the machine is reached through it.</summary>
internal static class LinkCheck
{
    public static IEnumerable<PreflightFinding> Find(PfFacts facts)
    {
        const string Link = "link", Route = "default-route";
        string label = facts.Label;
        if (facts.Pf.IsUp is null)
            yield break;
        yield return facts.Pf.LinkState switch
        {
            "down" => PreflightFinding.Warning(label, Link, $"{label} is down: its VFs have no carrier", "it is administratively down",
                $"`ip link set {label} up`; `vfleet vf create` does it where VFs get native drivers"),
            "no-carrier" => PreflightFinding.Warning(label, Link, $"{label} is up and has no carrier: its VFs have none either",
                "no cable, no light, or the other side is down", "check cable, transceiver and switch port (`ethtool -m`, `ethtool`)"),
            _ => PreflightFinding.Ok(label, Link, facts.Pf.LinkSpeedMbps is { } speed ? $"up, {speed} Mbit/s" : "up"),
        };
        yield return facts.Pf.DefaultRoute == true
            ? PreflightFinding.Warning(label, Route, $"{label} carries a default route: changing its VFs can cut this machine off",
                "a default route leaves through it, or through its bridge, bond or VLAN", "use another PF, or give --force")
            : PreflightFinding.Ok(label, Route, "none");
    }
}
