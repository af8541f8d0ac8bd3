using System.Globalization;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Files;

/// <summary>The directory of a PCI function: its attributes, its links, the functions below it.</summary>
internal static class PciFiles
{
    public static DirectoryNode Directory(SimulatedMachine machine, PciDevice device) => new(
        name => PciAttributes.Find(machine, device, name) ?? Special(machine, device, name),
        () => PciAttributes.Names(machine, device).Concat(SpecialNames(machine, device)));

    private static Node? Special(SimulatedMachine machine, PciDevice device, string name)
    {
        switch (name)
        {
            case "driver":
                return device.Driver is { } driver ? Node.Link($"/sys/bus/pci/drivers/{driver.Name}") : null;
            case "subsystem":
                return Node.Link("/sys/bus/pci");
            case "iommu_group":
                return device.IommuGroup is { } group ? Node.Link($"/sys/kernel/iommu_groups/{group}") : null;
            case "physfn":
                return device.PhysicalFunction is { } pf ? Node.Link(pf.SysPath) : null;
            case "net":
                return device.Links.Count > 0 ? NetFiles.Of(machine, device) : null;
            case "uio":
                return device.Driver?.Name == "uio_pci_generic" ? DeviceNode(device, "uio") : null;
            case "infiniband_verbs":
                return device.Driver?.Name == "mlx5_core" ? DeviceNode(device, "uverbs") : null;
            case "sriov":
                return TrunkFiles.Directory(machine, device);
            case "msi_irqs":
                return device.Interrupts.Any() ? Interrupts(device) : null;
        }
        if (name.StartsWith("virtfn", StringComparison.Ordinal))
            return Virtual(device, name);
        return machine.Pci.Find(name) is { } below && below.Bridge == device ? Directory(machine, below) : null;
    }

    private static IEnumerable<string> SpecialNames(SimulatedMachine machine, PciDevice device)
    {
        foreach (string name in (string[])["driver", "subsystem", "iommu_group", "physfn", "net", "uio", "infiniband_verbs", "sriov", "msi_irqs"])
        {
            if (Special(machine, device, name) is not null)
                yield return name;
        }
        foreach (PciDevice vf in device.Sriov?.Functions ?? [])
            yield return string.Create(CultureInfo.InvariantCulture, $"virtfn{vf.VfIndex}");
        if (device.Identity.Class >> 8 != 0x0604)
            yield break;
        foreach (PciDevice below in machine.Pci.Below(device))
            yield return below.Name;
    }

    private static LinkNode? Virtual(PciDevice pf, string name)
    {
        if (!int.TryParse(name.AsSpan("virtfn".Length), NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            return null;
        return pf.Sriov is { } sriov && index < sriov.Functions.Count ? Node.Link(sriov.Functions[index].SysPath) : null;
    }

    /// <summary>The class directory of a node in /dev, whose number follows from the address.</summary>
    private static DirectoryNode DeviceNode(PciDevice device, string kind) =>
        DirectoryNode.Of((string.Create(CultureInfo.InvariantCulture, $"{kind}{device.Address.RoutingId}"), DirectoryNode.Of()));

    private static DirectoryNode Interrupts(PciDevice device) => new(
        name => device.Interrupts.Any(number => NameOf(number) == name) ? new FileNode(() => Content.Line("msix")) : null,
        () => device.Interrupts.Select(NameOf));

    private static string NameOf(int number) => number.ToString(CultureInfo.InvariantCulture);
}
