
namespace Vfleet.Host.Preflight;

/// <summary>Whether the VFs' routing ids stay below the last bus number of the bridge above. Source: sriov_enable in drivers/pci/iov.c.</summary>
internal static class BusNumberCheck
{
    private const string Check = "bus-numbers";

    public static IEnumerable<PreflightFinding> Find(PfFacts facts)
    {
        if (facts.Pf.TotalVfs is > 0 and { } total && Find(facts, total) is { } finding)
            yield return finding;
    }

    /// <summary>For a number of VFs; null where it cannot be told.</summary>
    public static PreflightFinding? Find(PfFacts facts, int wanted)
    {
        if (facts is not { Pf.Address: { } pf, Sriov: { Offset: > 0, Stride: not null } })
            return null;
        // On a root bus nothing tells how far its numbers go; a bridge that was never numbered reads 0.
        byte? last = facts.Bridge?.Header?.SubordinateBus is { } subordinate && subordinate >= pf.Bus ? subordinate : null;
        if (last is null && facts.Bridges.Count > 0)
            return null;
        int fits = 0;
        while (fits < wanted && facts.AddressOf(fits) is { } vf && vf.Bus <= (last ?? byte.MaxValue))
            fits++;
        if (fits == wanted)
            return last is null ? null : PreflightFinding.Ok(facts.Label, Check, $"all {wanted} VFs fit below bus {last:x2}");
        string place = last is null ? "its domain ends at bus ff" : $"bridge {facts.Bridges[0]} passes on buses up to {last:x2}";
        string needed = facts.AddressOf(wanted - 1) is { } highest ? $"VF {wanted - 1} would be at {highest}" : $"VF {wanted - 1} would be beyond bus ff";
        string summary = $"{facts.Label} has bus numbers for {fits} of {wanted} VFs: creating more fails with ENOMEM";
        const string Remedy = "boot with pci=assign-busses, use a slot whose port has more bus numbers, or ask for fewer VFs";
        return fits == 0
            ? PreflightFinding.Blocked(facts.Label, Check, summary, $"{place}, and {needed}", Remedy)
            : PreflightFinding.Warning(facts.Label, Check, summary, $"{place}, and {needed}", Remedy);
    }
}
