using System.Globalization;

namespace Vfleet.Linux.Pci;

/// <summary>SR-IOV of one PF as the kernel shows it. What this kernel does not tell is null.</summary>
/// <param name="PhysicalFunction">The PF.</param>
/// <param name="TotalVfs">VFs the device allows, lowered by its driver where that has a limit.</param>
/// <param name="NumVfs">VFs that exist now.</param>
public sealed record SriovState(PciAddress PhysicalFunction, int TotalVfs, int NumVfs)
{
    /// <summary>
    /// Routing id of VF 0 less the PF's. May change with the number of VFs (SR-IOV 1.1, 3.3.9). Kernels before 4.12 do not tell.
    /// </summary>
    public int? Offset { get; init; }

    /// <summary>Distance of consecutive VFs' routing ids. May change with the number of VFs (SR-IOV 1.1, 3.3.10).</summary>
    public int? Stride { get; init; }

    /// <summary>Device id of the VFs; their vendor id is the PF's.</summary>
    public ushort? VfDeviceId { get; init; }

    /// <summary>True when new VFs are offered to drivers at once.</summary>
    public bool? Autoprobe { get; init; }

    /// <summary>MSI-X vectors that may be spread over the VFs; null where the driver does not offer that (the file then says 0).</summary>
    public int? VfTotalMsix { get; init; }

    /// <summary>
    /// Where the first VFs are, or will be as long as offset and stride stay as they are: for plans. Nothing is read; for VFs that
    /// exist take
    /// <see cref="Sriov.VirtualFunctions(SriovState)"/>.
    /// </summary>
    /// <param name="count">How many, 0 or more.</param>
    /// <returns>Null where the kernel does not tell offset and stride, or they lead out of the domain's 256 buses.</returns>
    public IReadOnlyList<PciAddress>? Addresses(int count) => SriovAddresses.Computed(this, count);
}

/// <summary>Reads and changes SR-IOV of PFs through sysfs. Source: Documentation/ABI/testing/sysfs-bus-pci; drivers/pci/iov.c.</summary>
/// <param name="files">The kernel's files.</param>
/// <param name="time">Measures deadlines.</param>
public sealed class Sriov(IFileTree files, TimeProvider time)
{
    /// <summary>The state of a PF. Equivalent to <c>grep . /sys/bus/pci/devices/PF/sriov_*</c>.</summary>
    /// <returns>NotFound without such a device; Kernel, with the cause, where it has no usable SR-IOV.</returns>
    public Outcome<SriovState> Read(PciAddress physicalFunction)
    {
        if (!Count(physicalFunction, "sriov_totalvfs").Try(out int total, out Fault? fault))
            return fault.Kind == FaultKind.NotFound ? SriovAbsence.Explain(files, physicalFunction) : fault;
        if (!Count(physicalFunction, "sriov_numvfs").Try(out int present, out fault))
            return fault;
        return new SriovState(physicalFunction, total, present)
        {
            Offset = Optional(physicalFunction, "sriov_offset"),
            Stride = Optional(physicalFunction, "sriov_stride"),
            VfDeviceId = (ushort?)files.HexOrNull(PciPath.Attribute(physicalFunction, "sriov_vf_device")),
            Autoprobe = Optional(physicalFunction, "sriov_drivers_autoprobe") is int probe ? probe != 0 : null,
            VfTotalMsix = Optional(physicalFunction, "sriov_vf_total_msix") is int vectors and > 0 ? vectors : null,
        };
    }

    /// <summary>The PF's VFs by index: computed from offset and stride, and checked against the <c>virtfnN</c> links.</summary>
    /// <returns>Kernel when the two disagree, naming both; NotFound when a VF vanished meanwhile.</returns>
    public Outcome<IReadOnlyList<PciAddress>> VirtualFunctions(PciAddress physicalFunction) =>
        Read(physicalFunction).Try(out SriovState? state, out Fault? fault) ? VirtualFunctions(state) : fault;

    /// <summary>The same for a state that was read already.</summary>
    public Outcome<IReadOnlyList<PciAddress>> VirtualFunctions(SriovState state) => SriovAddresses.Verified(files, state);

    /// <summary>
    /// Creates or removes VFs and reads the count back. Equivalent to <c>echo COUNT &gt; /sys/bus/pci/devices/PF/sriov_numvfs</c>.
    /// Blocks for seconds: see <see cref="SetNumVfsAsync"/>.
    /// </summary>
    /// <param name="physicalFunction">The PF.</param>
    /// <param name="count">0 to the PF's total.</param>
    /// <returns>Usage when out of range; EBUSY when VFs exist and the count is another one above 0.</returns>
    public Outcome<Unit> SetNumVfs(PciAddress physicalFunction, int count)
    {
        if (!Read(physicalFunction).Try(out SriovState? state, out Fault? fault))
            return fault;
        if (count < 0 || count > state.TotalVfs)
            return Fault.Usage($"{count} VFs on {physicalFunction}: it has 0 to {state.TotalVfs}", target: physicalFunction.ToString());
        if (!Write(physicalFunction, "sriov_numvfs", count).Try(out _, out fault))
            return SriovFaults.NumVfs(fault, state, count);
        if (!Count(physicalFunction, "sriov_numvfs").Try(out int present, out fault))
            return fault;
        return present == count ? Unit.Done : SriovFaults.FewerThanAsked(physicalFunction, count, present);
    }

    /// <summary><see cref="SetNumVfs"/> on a thread of its own, awaited up to a deadline.</summary>
    /// <returns>TimedOut when the deadline passed: the kernel still works on it, and nothing can stop it.</returns>
    public Task<Outcome<Unit>> SetNumVfsAsync(
        PciAddress physicalFunction, int count, TimeSpan deadline, CancellationToken cancel = default) =>
        BlockingCall.RunAsync(
            () => SetNumVfs(physicalFunction, count),
            $"echo {count} > {PciPath.Attribute(physicalFunction, "sriov_numvfs")}",
            physicalFunction.ToString(),
            deadline,
            time,
            cancel);

    /// <summary>
    /// Says whether new VFs are offered to drivers. Equivalent to
    /// <c>echo 0 &gt; /sys/bus/pci/devices/PF/sriov_drivers_autoprobe</c>.
    /// </summary>
    public Outcome<Unit> SetAutoprobe(PciAddress physicalFunction, bool enabled) =>
        Write(physicalFunction, "sriov_drivers_autoprobe", enabled ? 1 : 0);

    /// <summary>
    /// Gives a VF its number of MSI-X vectors; 0 asks for the device's default. Only while the VF has no driver.
    /// Equivalent to <c>echo COUNT &gt; /sys/bus/pci/devices/VF/sriov_vf_msix_count</c>.
    /// </summary>
    /// <returns>EBUSY while a driver is bound; Kernel where the PF's driver does not offer it.</returns>
    public Outcome<Unit> SetVfMsixCount(PciAddress virtualFunction, int count)
    {
        if (count is < 0 or > 2048)
            return Fault.Usage($"{count} MSI-X vectors: a function has 0 to 2048", target: virtualFunction.ToString());
        return Write(virtualFunction, "sriov_vf_msix_count", count).Try(out _, out Fault? fault)
            ? Unit.Done
            : SriovFaults.MsixCount(fault, virtualFunction);
    }

    private Outcome<Unit> Write(PciAddress address, string attribute, int value) =>
        files.WriteText(PciPath.Attribute(address, attribute), value.ToString(CultureInfo.InvariantCulture));

    private int? Optional(PciAddress address, string attribute) => files.CountOrNull(PciPath.Attribute(address, attribute));

    private Outcome<int> Count(PciAddress address, string attribute)
    {
        string path = PciPath.Attribute(address, attribute);
        if (!files.ReadText(path).Try(out string? text, out Fault? fault))
            return fault;
        return SysfsValues.ParseCount(text) is int value
            ? value
            : new Fault(FaultKind.Kernel, $"{path} says '{text}', which is no count") { Target = address.ToString() };
    }
}
