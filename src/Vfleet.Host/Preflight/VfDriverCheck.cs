using Vfleet.Host.Inventory;

namespace Vfleet.Host.Preflight;

/// <summary>VFs that nobody can use for want of a driver.</summary>
internal static class VfDriverCheck
{
    private const string Check = "vf-drivers";

    public static IEnumerable<PreflightFinding> Find(PfFacts facts)
    {
        if (facts.Pf.Address is null || facts.Vfs.Count == 0)
            yield break;
        VirtualFunction[] bare = [.. facts.Vfs.Where(vf => vf.Driver is null)];
        if (bare.Length == 0)
        {
            yield return PreflightFinding.Ok(facts.Label, Check, $"all {facts.Vfs.Count} VFs have one");
            yield break;
        }
        string names = string.Join(", ", bare.Take(8).Select(vf => vf.Label)) + (bare.Length > 8 ? $" and {bare.Length - 8} more" : "");
        yield return PreflightFinding.Warning(facts.Label, Check, $"{bare.Length} of {facts.Vfs.Count} VFs of {facts.Label} have no driver: {names}",
            "they were created with autoprobe off, or no driver took them (dmesg says which)",
            $"bind one: `vfleet vf bind {bare[0].Label} native`, or vfio-pci");
    }
}
