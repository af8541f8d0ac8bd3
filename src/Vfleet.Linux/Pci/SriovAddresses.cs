namespace Vfleet.Linux.Pci;

/// <summary>Where a PF's VFs are. Source: SR-IOV specification 1.1, 2.1.2; drivers/pci/iov.c pci_iov_virtfn_bus.</summary>
internal static class SriovAddresses
{
    /// <summary>Addresses by index from the links, each compared with the computed one where the kernel tells offset and stride.</summary>
    public static Outcome<IReadOnlyList<PciAddress>> Verified(IFileTree files, SriovState state)
    {
        List<PciAddress> addresses = new(state.NumVfs);
        for (int index = 0; index < state.NumVfs; index++)
        {
            if (!Linked(files, state.PhysicalFunction, index).Try(out PciAddress linked, out Fault? fault))
                return fault;
            if (Disagreement(state, index, linked) is Fault disagreement)
                return disagreement;
            addresses.Add(linked);
        }

        return addresses;
    }

    /// <summary>The addresses that offset and stride give; nothing is read.</summary>
    /// <returns>Null where the kernel does not tell offset and stride, or they lead out of the domain's 256 buses.</returns>
    public static IReadOnlyList<PciAddress>? Computed(SriovState state, int count)
    {
        if (state is not { Offset: > 0 and int offset, Stride: int stride } || (count > 1 && stride == 0))
            return null;
        PciAddress[] addresses = new PciAddress[count];
        for (int index = 0; index < count; index++)
        {
            if (state.PhysicalFunction.VirtualFunction(index, offset, stride) is not PciAddress address)
                return null;
            addresses[index] = address;
        }

        return addresses;
    }

    private static Outcome<PciAddress> Linked(IFileTree files, PciAddress physicalFunction, int index)
    {
        string path = PciPath.VirtualFunction(physicalFunction, index);
        if (!files.ReadLink(path).Try(out string? target, out Fault? fault))
            return fault.Kind == FaultKind.NotFound
                ? Fault.NotFound($"VF {index} of {physicalFunction} went away", "read the PF again", physicalFunction.ToString())
                : fault;
        return PciAddress.TryParse(SysfsValues.LastPart(target), out PciAddress address)
            ? address
            : new Fault(FaultKind.Kernel, $"{path} points to '{target}', which is no PCI device") { Target = physicalFunction.ToString() };
    }

    private static Fault? Disagreement(SriovState state, int index, PciAddress linked)
    {
        if (state is not { Offset: int offset, Stride: int stride })
            return null;
        PciAddress? computed = state.PhysicalFunction.VirtualFunction(index, offset, stride);
        if (computed == linked)
            return null;
        string place = computed?.ToString() ?? "an address outside the domain's 256 buses";
        return new Fault(
            FaultKind.Kernel, $"VF {index} of {state.PhysicalFunction}: virtfn{index} says {linked}, offset and stride say {place}")
        {
            Cause = $"sriov_offset is {offset}, sriov_stride is {stride}",
            Remedy = "read the PF again; if it stays, the PF's driver or firmware changes its VF layout: report it with lspci -vvv",
            Target = state.PhysicalFunction.ToString(),
        };
    }
}
