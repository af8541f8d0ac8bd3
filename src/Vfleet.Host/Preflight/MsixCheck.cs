using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Pci.Config;

namespace Vfleet.Host.Preflight;

/// <summary>Whether the device's MSI-X vectors suffice, where its driver tells (sriov_vf_total_msix).</summary>
internal static class MsixCheck
{
    private const string Check = "msix";

    public static IEnumerable<PreflightFinding> Find(PfFacts facts)
    {
        // 0 is what the kernel shows for drivers that do not spread vectors.
        if (facts.Sriov is not { VfTotalMsix: > 0 and { } total, TotalVfs: var most })
            yield break;
        string label = facts.Label;
        int used = facts.Vfs.Sum(vf => VectorsOf(facts.Files, vf) ?? 0);
        if (total < most)
            yield return PreflightFinding.Warning(label, Check, $"{label} has {total} MSI-X vectors for up to {most} VFs: creating more than {total} fails with ENOSPC",
                "every VF needs one at least", $"ask for at most {total} VFs, or raise the number of vectors in the device's firmware");
        else if (facts.Vfs.Count > 0 && used >= total)
            yield return PreflightFinding.Warning(label, Check, $"all {total} MSI-X vectors of {label} are given to its {facts.Vfs.Count} VFs: none can get more",
                "sriov_vf_total_msix is the sum of what the VFs have", "take vectors from other VFs first (sriov_vf_msix_count, while no driver is bound)");
        else
            yield return PreflightFinding.Ok(label, Check, facts.Vfs.Count == 0 ? $"{total} vectors" : $"{used} of {total} vectors given to VFs");
    }

    private static int? VectorsOf(IFileTree files, VirtualFunction vf) =>
        vf.Address is { } address ? new ConfigReader(files).Read(address).Or(null)?.Msix?.Vectors : null;
}
