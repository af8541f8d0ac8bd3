using Vfleet.Host.Inventory;
using Vfleet.Linux;

namespace Vfleet.Host.Preflight;

/// <summary>Explains why the kernel did not create VFs, from what the machine shows. Reads only, and only after a failure.</summary>
public static class CreateFailure
{
    /// <summary>The fault with the cause and remedy that fit; as it was where nothing fits better.</summary>
    /// <param name="files">The kernel's files.</param>
    /// <param name="time">Clock.</param>
    /// <param name="pf">The PF as it was before.</param>
    /// <param name="count">VFs that were asked for.</param>
    /// <param name="fault">The kernel's answer to writing sriov_numvfs.</param>
    public static Fault Explain(IFileTree files, TimeProvider time, PhysicalFunction pf, int count, Fault fault) => fault.Errno switch
    {
        Errno.ENOMEM => Room(PfFacts.Read(files, time, pf), count, fault),
        Errno.EINVAL or Errno.EIO => Layout(PfFacts.Read(files, time, pf), count, fault),
        Errno.ENOSPC => Vectors(PfFacts.Read(files, time, pf), count, fault),
        Errno.EBUSY => Busy(PfFacts.Read(files, time, pf), fault),
        // Without a driver that can do it the kernel has no such file for the device, and none of any kind without the device.
        Errno.ENOENT when files.Exists(pf.SysfsPath) => NoDriver(pf, fault),
        Errno.ENOENT => Gone(pf, fault),
        Errno.EPERM or Errno.EACCES => Put(fault, PrivilegeCheck.Find(files).FirstOrDefault()),
        Errno.ENODEV or Errno.ENXIO => Gone(pf, fault),
        _ => fault,
    };

    private static Fault Gone(PhysicalFunction pf, Fault fault) =>
        fault with { Cause = $"{pf.Label} went away, or its driver is being removed", Remedy = "look at `vfleet pf list` and dmesg" };

    private static Fault Room(PfFacts facts, int count, Fault fault)
    {
        PreflightFinding? found = BusNumberCheck.Find(facts, count);
        if (found is null or { Level: FindingLevel.Ok })
            found = AddressSpaceCheck.Find(facts).FirstOrDefault();
        return Put(fault, found);
    }

    private static Fault Layout(PfFacts facts, int count, Fault fault)
    {
        if (facts.Details?.Config?.Sriov is { } sriov && sriov.InitialVfs < count)
            return fault with { Cause = $"the device starts with InitialVFs {sriov.InitialVfs}, fewer than the {count} asked for", Remedy = $"ask for at most {sriov.InitialVfs} VFs" };
        PreflightFinding? found = AriCheck.Find(facts).FirstOrDefault();
        if (found is { Level: FindingLevel.Blocked })
            return Put(fault, found);
        return fault with
        {
            Cause = fault.Cause ?? $"driver {facts.Pf.Driver ?? "(none)"} refused {count} VFs in the state the device is in (dmesg says why)",
            Remedy = fault.Remedy ?? "look at dmesg; switchdev mode, XDP, DCB and active features of the driver can exclude VFs or limit them",
        };
    }

    private static Fault Vectors(PfFacts facts, int count, Fault fault) => facts.Sriov?.VfTotalMsix is > 0 and { } total && total < count
        ? fault with { Cause = $"the device has {total} MSI-X vectors for VFs (sriov_vf_total_msix), and {count} VFs need one each at least", Remedy = $"ask for at most {total} VFs" }
        : fault;

    private static Fault Busy(PfFacts facts, Fault fault) => facts.Sriov?.NumVfs == 0
        ? fault with { Cause = $"there are no VFs, and driver {facts.Pf.Driver ?? "(none)"} or another process is at work on {facts.Label}", Remedy = "try again; dmesg says what the driver is doing" }
        : fault;

    private static Fault NoDriver(PhysicalFunction pf, Fault fault) => fault with
    {
        Kind = FaultKind.Kernel,
        Cause = pf.Driver is null ? $"{pf.Label} has no driver, and without one the kernel creates no VFs" : $"driver {pf.Driver} cannot create VFs through sysfs",
        Remedy = pf.Driver is null ? "load or bind the card's own driver (`lspci -k` names it)"
            : KnownDrivers.IsUserSpace(pf.Driver) ? "bind the card's own driver, or load vfio_pci with enable_sriov=1" : "look at the driver's parameters (`modinfo`), such as max_vfs",
    };

    private static Fault Put(Fault fault, PreflightFinding? found) =>
        found is null or { Level: FindingLevel.Ok } ? fault : fault with { Cause = found.Cause ?? found.Summary, Remedy = found.Remedy };
}
