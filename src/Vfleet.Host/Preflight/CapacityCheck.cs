namespace Vfleet.Host.Preflight;

/// <summary>How many VFs there can be.</summary>
internal static class CapacityCheck
{
    private const string Check = "sriov-capability";

    public static PreflightFinding Find(PfFacts facts)
    {
        if (facts.Pf.TotalVfs is not 0)
            return PreflightFinding.Ok(facts.Label, Check, $"{facts.Pf.NumVfs} of {facts.Pf.TotalVfs?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "unknown"} VFs exist");
        int? device = facts.Details?.Config?.Sriov?.TotalVfs;
        return PreflightFinding.Blocked(facts.Label, Check, $"{facts.Label} can have no VFs now",
            device > 0 ? $"the device has room for {device}, and its driver {facts.Pf.Driver ?? "(none)"} allows 0" : "TotalVFs is 0: SR-IOV is off in the device's firmware",
            device > 0 ? "look at the driver's parameters (`modinfo`) and at dmesg" : "switch it on with the vendor's tool and restart");
    }
}
