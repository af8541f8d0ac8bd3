using System.Globalization;
using Vfleet.Host.Inventory;
using Vfleet.Linux;

namespace Vfleet.Host.Naming;

/// <summary>Finds PFs and VFs by what people call them.</summary>
public static class DeviceNames
{
    /// <summary>A PF by interface name, alternative name, PCI address (short too) or device name.</summary>
    public static Outcome<PhysicalFunction> FindPf(IReadOnlyList<PhysicalFunction> pfs, string name)
    {
        if (CheckAddress(name) is { } wrong)
            return wrong;
        bool isAddress = PciAddress.TryParse(name, out PciAddress address);
        foreach (PhysicalFunction pf in pfs)
        {
            if (isAddress ? pf.Address == address : pf.Name == name || pf.DeviceName == name || pf.AltNames.Contains(name))
                return pf;
        }
        string known = pfs.Count == 0 ? "this machine has no PF with SR-IOV" : $"known: {string.Join(", ", pfs.Select(pf => pf.Label))}";
        return Fault.NotFound($"no PF {name}", $"see `vfleet pf list`; {known}", name);
    }

    /// <summary>Splits <c>PF/index</c>; null when the text has no slash.</summary>
    public static Outcome<(string Pf, int Index)?> SplitVf(string name)
    {
        int slash = name.LastIndexOf('/');
        if (slash < 0)
            return CheckAddress(name) is { } wrong ? wrong : Outcome<(string, int)?>.Of(null);
        return slash > 0 && int.TryParse(name.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? (name[..slash], index)
            : Fault.Usage($"\"{name}\" names no VF", "write a PCI address such as 0000:01:10.0, or PF/index such as eth0/3", name);
    }

    /// <summary>A VF by PCI address (short too) or <c>PF/index</c>.</summary>
    public static Outcome<VirtualFunction> FindVf(IReadOnlyList<PhysicalFunction> pfs, IReadOnlyList<VirtualFunction> vfs, string name)
    {
        if (!SplitVf(name).Try(out (string Pf, int Index)? parts, out Fault? fault))
            return fault;
        if (parts is { } place)
        {
            if (!FindPf(pfs, place.Pf).Try(out PhysicalFunction? pf, out fault))
                return fault;
            VirtualFunction? numbered = vfs.FirstOrDefault(vf => vf.Pf.DeviceName == pf.DeviceName && vf.Index == place.Index);
            return numbered is not null ? numbered : NoSuchVf(name, $"{pf.Label} has {pf.NumVfs} VFs" + (pf.NumVfs > 0 ? $", 0 to {pf.NumVfs - 1}" : ""));
        }
        if (!PciAddress.TryParse(name, out PciAddress address))
            return NoSuchVf(name, "a VF is named by its PCI address, or as PF/index");
        if (pfs.Any(pf => pf.Address == address))
            return Fault.Usage($"{name} is a PF, not a VF", "see `vfleet vf list`", name);
        VirtualFunction? found = vfs.FirstOrDefault(vf => vf.Address == address);
        return found is not null ? found : NoSuchVf(name, "see `vfleet vf list`");
    }

    /// <summary>A usage fault where a text can only be meant as a PCI address and is none.</summary>
    private static Fault? CheckAddress(string name)
    {
        if (name.Length == 0)
            return Fault.Usage("a PF or VF name may not be empty");
        return name.Contains(':', StringComparison.Ordinal) && !PciAddress.TryParse(name, out _)
            ? Fault.Usage($"\"{name}\" is no PCI address", "write domain:bus:device.function, such as 0000:01:10.0, or 01:10.0", name)
            : null;
    }

    private static Fault NoSuchVf(string name, string hint) => Fault.NotFound($"no VF {name}", hint, name);
}
