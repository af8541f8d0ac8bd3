using Vfleet.Linux.Pci;

namespace Vfleet.Host.Preflight;

/// <summary>Whether the firmware and the kernel found room for the VFs' registers. Source: sriov_init and sriov_enable in drivers/pci/iov.c.</summary>
internal static class AddressSpaceCheck
{
    private const string Check = "address-space";
    private const int FirstVfBar = 7;

    public static IEnumerable<PreflightFinding> Find(PfFacts facts)
    {
        if (facts.Details is not { Resources: { } resources, Config.Sriov: not null })
            yield break;
        PciResource[] windows = [.. resources.Where(one => one.Kind == PciResourceKind.VfBar)];
        string? cause = Unplaced(facts, windows);
        yield return cause is null
            ? PreflightFinding.Ok(facts.Label, Check, $"{Size((ulong)windows.Sum(one => (decimal)one.Size))} for VFs")
            : PreflightFinding.Blocked(facts.Label, Check, $"{facts.Label} has no PCI address space for its VFs: creating them fails with ENOMEM", cause,
                "boot with pci=realloc; in the firmware setup switch on SR-IOV and \"Above 4G decoding\" (64-bit BARs), or raise the MMIO size");
    }

    private static string? Unplaced(PfFacts facts, PciResource[] windows)
    {
        int[] unassigned = [.. windows.Where(one => one.IsUnassigned || one.Start == 0).Select(one => one.Index - FirstVfBar)];
        // Older kernels forget a window they could not place; its register still says that it wants to be memory.
        int[] forgotten = [.. facts.Details!.Config!.Sriov!.VfBaseAddresses.Select(bar => bar.Index).Where(bar => windows.All(one => one.Index != bar + FirstVfBar))];
        int[] missing = [.. unassigned.Concat(forgotten).Distinct().Order()];
        if (missing.Length > 0)
            return $"the kernel could not place VF BAR {string.Join(", ", missing)} (resource of {facts.Pf.DeviceName})";
        return windows.Length == 0 ? $"no VF BAR of {facts.Pf.DeviceName} has an address range" : null;
    }

    private static string Size(ulong bytes) => bytes >= 1 << 20 ? $"{bytes >> 20} MiB" : $"{bytes >> 10} KiB";
}
