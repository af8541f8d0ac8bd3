namespace Vfleet.Linux.Pci;

/// <summary>What the kernel's answers to SR-IOV writes mean. Source: sriov_numvfs_store and sriov_enable in drivers/pci/iov.c.</summary>
internal static class SriovFaults
{
    /// <summary>An answer to writing sriov_numvfs.</summary>
    public static Fault NumVfs(Fault fault, SriovState state, int count) => fault.Errno switch
    {
        Errno.EBUSY => fault with
        {
            Cause = $"{state.NumVfs} VFs exist, and the kernel changes a count only by way of 0",
            Remedy = "remove the VFs first (count 0)",
        },
        Errno.ENOENT => fault with
        {
            Kind = FaultKind.Kernel,
            Cause = "no driver is bound to the PF, or its driver cannot create VFs through sysfs",
            Remedy = "bind the PF's own driver (vfleet pf show), or use that driver's own way",
        },
        Errno.ENOMEM => fault with
        {
            Cause = "the kernel is out of memory, or the firmware reserved too little address space or too few bus numbers for the VFs "
                + "(dmesg says which)",
            Remedy = "ask for fewer VFs, enable SR-IOV and 64-bit resources in the firmware, or boot with pci=realloc",
        },
        Errno.ENOSPC => fault with
        {
            Cause = "the device has too few MSI-X vectors or queues left for that many VFs",
            Remedy = $"ask for fewer than {count} VFs",
        },
        Errno.ERANGE => fault with { Kind = FaultKind.Usage, Cause = $"the PF has {state.TotalVfs} VFs at most" },
        _ => fault,
    };

    /// <summary>The kernel took the count but made another one.</summary>
    public static Fault FewerThanAsked(PciAddress physicalFunction, int asked, int present) =>
        new(FaultKind.Kernel, $"{physicalFunction} was asked for {asked} VFs and has {present}")
        {
            Cause = "the PF's driver enabled another number and reported no error (dmesg may say why)",
            Target = physicalFunction.ToString(),
        };

    /// <summary>An answer to writing sriov_vf_msix_count.</summary>
    public static Fault MsixCount(Fault fault, PciAddress virtualFunction) => fault.Errno switch
    {
        Errno.ENOENT or Errno.EOPNOTSUPP => fault with
        {
            Kind = FaultKind.Kernel,
            Cause = $"{virtualFunction} is no VF, or its PF's driver cannot change the MSI-X vectors of a VF",
        },
        Errno.EBUSY => fault with { Cause = "a driver is bound to the VF", Remedy = "unbind the VF first" },
        _ => fault,
    };
}
