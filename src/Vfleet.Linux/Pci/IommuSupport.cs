namespace Vfleet.Linux.Pci;

/// <summary>Whether this machine has an IOMMU, and whether the kernel uses it.</summary>
/// <param name="Units">IOMMUs the kernel drives, such as <c>dmar0</c>. Source: /sys/class/iommu.</param>
/// <param name="GroupCount">IOMMU groups; above 0 exactly when devices are behind an IOMMU.</param>
/// <param name="Options">What the kernel's command line says about it: <c>intel_iommu=on</c>, <c>iommu=pt</c> …; null where it
/// cannot be read.</param>
/// <param name="FirmwareTables">ACPI tables that describe one: DMAR (Intel), IVRS (AMD), IORT (Arm); null where the directory
/// cannot be read.</param>
public sealed record IommuSupport(
    IReadOnlyList<string> Units, int GroupCount, IReadOnlyList<string>? Options, IReadOnlyList<string>? FirmwareTables)
{
    /// <summary>True where the kernel uses an IOMMU for devices.</summary>
    public bool IsActive => GroupCount > 0;

    /// <summary>Null where it is active; else why not, and what to do.</summary>
    public Fault? Explain()
    {
        if (IsActive)
            return null;
        (string cause, string remedy) = FirmwareTables switch
        {
            null => ("the firmware's tables cannot be read here", "look again as root on the host"),
            { Count: 0 } => (
                "the firmware offers no IOMMU: there is no DMAR, IVRS or IORT table",
                "enable VT-d, AMD-Vi or SMMU in the firmware setup"),
            _ when Options is null || !Options.Any(IsOn) => (
                $"the firmware offers one ({string.Join(", ", FirmwareTables)}) and the kernel was not told to use it",
                "boot with intel_iommu=on (Intel), and iommu=pt to spare the host its cost"),
            _ => (
                $"the kernel was told to use it ({string.Join(' ', Options)}) and has no groups (dmesg says why)",
                "see dmesg for DMAR, AMD-Vi or smmu"),
        };
        return Fault.Unsupported("this machine has no active IOMMU", cause, remedy);
    }

    /// <summary>
    /// Reads the four places. Equivalent to
    /// <c>ls /sys/class/iommu /sys/kernel/iommu_groups /sys/firmware/acpi/tables; cat /proc/cmdline</c>.
    /// </summary>
    public static IommuSupport Read(IFileTree files) => new(
        files.List("/sys/class/iommu").Or(null) ?? [],
        files.List(PciPath.IommuGroups).Or(null)?.Count ?? 0,
        files.TextOrNull("/proc/cmdline")?.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Where(IsAboutIommu).ToArray(),
        files.List("/sys/firmware/acpi/tables").Or(null)?.Where(name => name is "DMAR" or "IVRS" or "IORT").ToArray());

    private static bool IsAboutIommu(string option) =>
        option.Contains("iommu", StringComparison.Ordinal) || option.StartsWith("pcie_acs_override", StringComparison.Ordinal);

    private static bool IsOn(string option) => option is "intel_iommu=on" or "amd_iommu=on"
        || option.StartsWith("intel_iommu=on,", StringComparison.Ordinal);
}
