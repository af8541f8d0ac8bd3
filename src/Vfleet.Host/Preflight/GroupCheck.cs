using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Pci;

namespace Vfleet.Host.Preflight;

/// <summary>Whether VFs have IOMMU groups of their own; before there are any, whether the PF has.</summary>
internal static class GroupCheck
{
    private const string Check = "iommu-group";
    private const string Remedy =
        "use a slot below a port with ACS, switch ACS on in the firmware setup, or give everything in the group to one owner";

    public static IEnumerable<PreflightFinding> Find(PfFacts facts)
    {
        if (facts.Pf is not { Address: { } pf, IommuGroup: { } own })
            return [];
        Iommu iommu = new(facts.Files);
        List<PreflightFinding> shared = [];
        if (facts.Vfs.Count == 0)
            AddShared(shared, facts, iommu, facts.Label, pf, own);
        // One finding for a group, however many VFs are in it.
        foreach (VirtualFunction first in facts.Vfs.Where(vf => vf is { IommuGroup: not null, Address: not null }).DistinctBy(vf => vf.IommuGroup))
            AddShared(shared, facts, iommu, first.Label, first.Address!.Value, first.IommuGroup!.Value);
        return shared.Count > 0
            ? shared
            : [PreflightFinding.Ok(facts.Label, Check, facts.Vfs.Count == 0 ? $"{own}, shared with nobody" : "every VF has a group of its own")];
    }

    private static void AddShared(List<PreflightFinding> found, PfFacts facts, Iommu iommu, string label, PciAddress address, int number)
    {
        // A group that vanished meanwhile is shared by nobody.
        if (iommu.Group(number).Or(null) is not { } group)
            return;
        IommuMember[] others = [.. group.SharedWith(address)];
        if (others.Length == 0)
            return;
        string members = string.Join(", ", others.Take(8).Select(Describe)) + (others.Length > 8 ? $" and {others.Length - 8} more" : "");
        string summary = $"{label} shares IOMMU group {number} with {members}";
        IommuMember[] blocking = [.. others.Where(other => other.BlocksUserSpace)];
        string? cause = Cause(facts.Files, address);
        found.Add(facts.Vfs.Count > 0 && blocking.Length > 0
            ? PreflightFinding.Blocked(label, Check, $"{summary}: VFIO refuses it while {blocking[0].Address} is bound to {blocking[0].Driver}", cause, Remedy)
            : PreflightFinding.Warning(label, Check, $"{summary}: they go to one owner together", cause, Remedy));
    }

    private static string Describe(IommuMember member) => member.Driver is null ? member.Address.ToString() : $"{member.Address} ({member.Driver})";

    private static string? Cause(IFileTree files, PciAddress address)
    {
        if (!new AcsPath(files).Gaps(address).Try(out IReadOnlyList<AcsGap>? gaps, out Fault? fault))
            return $"which bridge lacks ACS cannot be told: {fault.Error}";
        return gaps.Count > 0 ? string.Join("; ", gaps) : "every bridge above has ACS on: the kernel or the firmware put them together";
    }
}
