using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Vfio;

/// <summary>Which VFIO groups are open. Called without the machine's gate: opening resets the function, which takes time.</summary>
internal sealed class VfioTable(SimulatedMachine machine)
{
    private readonly HashSet<int> _open = [];

    public Outcome<IVfioDevice> Open(PciAddress address, int group)
    {
        string path = PathOf(group);
        string name = address.ToString();
        PciDevice? device;
        lock (machine.Gate)
        {
            if (CheckGroup(group) is var refusal and not Errno.None)
                return Fault.FromErrno(refusal, "open", path);
            if (!machine.Modules.Loaded.Contains("vfio_iommu_type1"))
            {
                return Fault.Unsupported("VFIO has no type 1 IOMMU backend",
                    "the module vfio_iommu_type1 is not loaded", "modprobe vfio_iommu_type1", name);
            }
            if (machine.Pci.Groups[group].Find(IsForeign) is { } foreign)
            {
                return Fault.Unsupported($"IOMMU group {group} of {name} is not viable", $"{foreign.Driver!.Name} holds {foreign.Name}",
                    "bind the group's other devices to vfio-pci too, or leave them without a driver", name);
            }
            device = machine.Pci.Find(address);
            if (device?.IommuGroup != group || device.Driver?.Name != "vfio-pci")
                return Fault.FromErrno(Errno.ENODEV, "ioctl VFIO_GROUP_GET_DEVICE_FD", name);
            _open.Add(group);
        }
        if (PciReset.Carry(machine, device) == Errno.None)
            return new VfioHandle(machine, device, group);
        Release(group);
        return Fault.Unsupported($"VFIO could not reset {name}",
            "the function has no working reset", "see reset_method of the function", name);
    }

    public Outcome<bool> IsOpen(int group)
    {
        lock (machine.Gate)
        {
            Errno refusal = CheckGroup(group);
            return refusal is Errno.None or Errno.EBUSY ? refusal == Errno.EBUSY : Fault.FromErrno(refusal, "open", PathOf(group));
        }
    }

    /// <summary>Opens a group alone, without its device.</summary>
    public Errno Hold(int group)
    {
        lock (machine.Gate)
        {
            Errno refusal = CheckGroup(group);
            if (refusal == Errno.None)
                _open.Add(group);
            return refusal;
        }
    }

    public void Release(int group)
    {
        lock (machine.Gate)
            _open.Remove(group);
    }

    private Errno CheckGroup(int group)
    {
        if (!machine.Pci.Groups.TryGetValue(group, out List<PciDevice>? members)
            || !members.Exists(member => member.Driver?.Name == "vfio-pci"))
            return Errno.ENOENT;
        if (!machine.Privileged)
            return Errno.EACCES;
        return _open.Contains(group) ? Errno.EBUSY : Errno.None;
    }

    private static bool IsForeign(PciDevice member) => member.Driver is { Name: not ("vfio-pci" or "pcieport") };

    private static string PathOf(int group) => $"/dev/vfio/{group}";
}
