using Vfleet.Linux;
using Vfleet.Linux.Pci;

namespace Vfleet.Host.Preflight;

/// <summary>Whether the kernel uses an IOMMU.</summary>
internal static class IommuCheck
{
    private const string Check = "iommu";

    public static PreflightFinding Find(IFileTree files)
    {
        IommuSupport support = IommuSupport.Read(files);
        return support.Explain() is { } fault
            ? PreflightFinding.Blocked(PreflightFinding.Machine, Check,
                $"{fault.Error}: VFs work with native drivers, and cannot be handed to virtual machines or DPDK", fault.Cause, fault.Remedy)
            : PreflightFinding.Ok(PreflightFinding.Machine, Check, $"active, {support.GroupCount} groups");
    }
}
