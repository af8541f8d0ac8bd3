namespace Vfleet.Linux.Pci;

/// <summary>The machine's PCI functions, of any class. Reads a few files per device and never touches the hardware.</summary>
/// <param name="files">The kernel's files.</param>
public sealed class PciBus(IFileTree files)
{
    /// <summary>Every function's address, in order. Equivalent to <c>ls /sys/bus/pci/devices</c>.</summary>
    /// <returns>An empty list on a machine without PCI.</returns>
    public Outcome<IReadOnlyList<PciAddress>> Addresses()
    {
        if (!files.List(PciPath.Devices).Try(out IReadOnlyList<string>? names, out Fault? fault))
            return fault.Errno is Errno.ENOENT ? Outcome<IReadOnlyList<PciAddress>>.Of([]) : fault;
        return Outcome<IReadOnlyList<PciAddress>>.Of(Parse(names));
    }

    /// <summary>Every function in one pass. Equivalent to <c>lspci -D -n -k</c>. A function that goes away meanwhile is left out.</summary>
    public Outcome<IReadOnlyList<PciDevice>> List()
    {
        if (!Addresses().Try(out IReadOnlyList<PciAddress>? addresses, out Fault? fault))
            return fault;
        List<PciDevice> devices = new(addresses.Count);
        foreach (PciAddress address in addresses)
        {
            if (Read(address).Try(out PciDevice? device, out fault))
                devices.Add(device);
            else if (fault.Kind != FaultKind.NotFound)
                return fault;
        }

        return devices;
    }

    /// <summary>One function: its <c>uevent</c>, NUMA node, IOMMU group, PF link or VF counts.</summary>
    /// <returns>NotFound when there is no such function.</returns>
    public Outcome<PciDevice> Read(PciAddress address)
    {
        if (!files.ReadText(PciPath.Attribute(address, "uevent")).Try(out string? uevent, out Fault? fault))
            return fault.Kind == FaultKind.NotFound ? NoSuchDevice(address) : fault;
        PciAddress? physicalFunction = files.LinkAddressOrNull(PciPath.Attribute(address, "physfn"));
        PciDevice device = new(address)
        {
            NumaNode = files.CountOrNull(PciPath.Attribute(address, "numa_node")),
            IommuGroup = SysfsValues.ParseCount(files.LinkNameOrNull(PciPath.Attribute(address, "iommu_group"))),
            PhysicalFunction = physicalFunction,
            TotalVfs = physicalFunction is null ? files.CountOrNull(PciPath.Attribute(address, "sriov_totalvfs")) : null,
        };
        if (device.IsPhysicalFunction)
            device = device with { NumVfs = files.CountOrNull(PciPath.Attribute(address, "sriov_numvfs")) };
        return PciUevent.Apply(device, uevent);
    }

    /// <summary>
    /// Network interfaces of a function in this process's namespace. Equivalent to <c>ls /sys/bus/pci/devices/BDF/net</c>.
    /// </summary>
    /// <returns>Empty when it has none, or has them in another namespace; NotFound when there is no such function.</returns>
    public Outcome<IReadOnlyList<string>> NetworkInterfaces(PciAddress address)
    {
        if (files.List(PciPath.Attribute(address, "net")).Try(out IReadOnlyList<string>? names, out Fault? fault))
            return Outcome<IReadOnlyList<string>>.Of(names);
        if (fault.Errno is not Errno.ENOENT)
            return fault;
        return files.Exists(address.SysfsPath) ? Outcome<IReadOnlyList<string>>.Of([]) : NoSuchDevice(address);
    }

    /// <summary>The fault for an address where no function is.</summary>
    internal static Fault NoSuchDevice(PciAddress address) =>
        Fault.NotFound($"no PCI device {address}", "see lspci -D", address.ToString());

    /// <summary>The addresses among directory entries, in order; other names (bind, module …) are passed over.</summary>
    internal static IReadOnlyList<PciAddress> Parse(IReadOnlyList<string> names)
    {
        List<PciAddress> addresses = new(names.Count);
        foreach (string name in names)
        {
            if (PciAddress.TryParse(name, out PciAddress address))
                addresses.Add(address);
        }

        addresses.Sort();
        return addresses;
    }
}
