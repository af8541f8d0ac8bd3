using Vfleet.Host.Inventory;
using Vfleet.Host.Naming;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Preflight;

/// <summary>Looks for everything that would keep VFs from being created or used. Reads only.</summary>
/// <param name="kernel">The kernel.</param>
/// <param name="options">Clock and places.</param>
public sealed class PreflightReader(IKernel kernel, HostOptions options)
{
    private readonly InventoryReader _inventory = new(kernel, options.ReadTimer);

    /// <summary>Checks the machine and its PFs. Equivalent to <c>vfleet preflight [PF]</c>.</summary>
    /// <param name="pfName">One PF as people call it, or any PCI device or interface that is wanted as one; null for all PFs.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>The findings, those about the machine first; NotFound when there is no such device.</returns>
    public async Task<Outcome<IReadOnlyList<PreflightFinding>>> CheckAsync(string? pfName = null, CancellationToken cancel = default)
    {
        Outcome<IReadOnlyList<PhysicalFunction>> read = await _inventory.ListPfsAsync(VfDetail.Settings, cancel).ConfigureAwait(false);
        if (!read.Try(out IReadOnlyList<PhysicalFunction>? pfs, out Fault? fault))
            return fault;
        ModuleIndex modules = ModuleIndex.Read(kernel.Files);
        List<PreflightFinding> findings = [.. MachineChecks(modules)];
        if (pfName is not null)
        {
            if (DeviceNames.FindPf(pfs, pfName).Try(out PhysicalFunction? pf, out fault))
                pfs = [pf];
            else if (fault.Kind == FaultKind.NotFound
                && await new AbsentPf(kernel, options.Time).ExplainAsync(pfName, cancel).ConfigureAwait(false) is { } absent)
                return Outcome<IReadOnlyList<PreflightFinding>>.Of([.. findings, absent]);
            else
                return fault;
        }
        else if (pfs.Count == 0)
        {
            findings.AddRange(AbsentPf.ExplainNone(kernel.Files, options.Time));
        }
        Outcome<IReadOnlyList<VirtualFunction>> listed = await _inventory.ListVfsAsync(null, VfDetail.None, cancel).ConfigureAwait(false);
        if (!listed.Try(out IReadOnlyList<VirtualFunction>? vfs, out fault))
            return fault;
        foreach (PhysicalFunction pf in pfs)
        {
            PfFacts facts = PfFacts.Read(kernel.Files, options.Time, pf);
            findings.AddRange(PfChecks(facts with { Vfs = [.. vfs.Where(vf => vf.Pf.DeviceName == pf.DeviceName)] }, modules));
        }
        return findings;
    }

    private IEnumerable<PreflightFinding> MachineChecks(ModuleIndex modules) =>
    [
        .. PrivilegeCheck.Find(kernel.Files),
        .. LockdownCheck.Find(kernel.Files),
        IommuCheck.Find(kernel.Files),
        ModuleCheck.Find(modules, PreflightFinding.Machine, "module-vfio-pci", "vfio-pci", "VFs cannot be handed to virtual machines or DPDK"),
        ModuleCheck.Find(modules, PreflightFinding.Machine, "module-vfio-iommu-type1", "vfio_iommu_type1", "VFIO has no IOMMU backend and refuses every device"),
    ];

    private static IEnumerable<PreflightFinding> PfChecks(PfFacts facts, ModuleIndex modules) =>
    [
        CapacityCheck.Find(facts),
        .. PfDriverCheck.Find(facts, modules),
        .. LinkCheck.Find(facts),
        .. AutoprobeCheck.Find(facts),
        .. AddressSpaceCheck.Find(facts),
        .. BusNumberCheck.Find(facts),
        .. AriCheck.Find(facts),
        .. MsixCheck.Find(facts),
        .. GroupCheck.Find(facts),
        .. VfDriverCheck.Find(facts),
    ];
}
