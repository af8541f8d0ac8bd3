using System.Globalization;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Files;

/// <summary>The top of the tree: /sys, /proc, /dev, /run/netns, pci.ids.</summary>
internal static class RootTree
{
    public static DirectoryNode Build(SimulatedMachine machine) => DirectoryNode.Of(
        ("sys", DirectoryNode.Of(
            ("bus", Buses(machine)),
            ("class", DirectoryNode.Of(("net", NetFiles.Class(machine)))),
            ("devices", Devices(machine)),
            ("kernel", DirectoryNode.Of(
                ("debug", DirectoryNode.Of(("netdevsim", NetdevsimFiles.Debug(machine)))),
                ("iommu_groups", IommuGroups(machine)),
                ("security", DirectoryNode.Of(("lockdown", new FileNode(() => Content.Line("[none] integrity confidentiality"))))))),
            ("module", Modules(machine)))),
        ("proc", ProcFiles.Build(machine)),
        ("dev", DirectoryNode.Of(("vfio", VfioNodes(machine)))),
        ("run", DirectoryNode.Of(("netns", NamedNamespaces(machine)))),
        ("usr", DirectoryNode.Of(("share", DirectoryNode.Of(("misc", DirectoryNode.Of(
            ("pci.ids", new FileNode(() => Content.Of(PciIds.Text))))))))));

    /// <summary>The bus netdevsim is there once its module is.</summary>
    private static DirectoryNode Buses(SimulatedMachine machine)
    {
        DirectoryNode pci = PciBusFiles.Build(machine);
        DirectoryNode netdevsim = NetdevsimFiles.Bus(machine);
        bool IsLoaded() => machine.Modules.Loaded.Contains("netdevsim");
        return new DirectoryNode(
            name => name switch
            {
                "pci" => pci,
                "netdevsim" when IsLoaded() => netdevsim,
                _ => null,
            },
            () => IsLoaded() ? ["netdevsim", "pci"] : ["pci"]);
    }

    private static DirectoryNode Devices(SimulatedMachine machine) => new(
        name => name switch
        {
            "virtual" => DirectoryNode.Of(("net", NetFiles.Virtual(machine))),
            "system" => SystemFiles.Build(),
            _ when machine.Netdevsim.Find(name) is { } device => NetdevsimFiles.Device(machine, device),
            _ => Domain(machine, name),
        },
        () => machine.Pci.Devices.Select(device => DomainName(device.Address)).Distinct()
            .Concat(machine.Netdevsim.Devices.Select(device => device.Name)).Append("virtual").Append("system"));

    private static DirectoryNode? Domain(SimulatedMachine machine, string name) =>
        !machine.Pci.Devices.Any(device => DomainName(device.Address) == name) ? null : new DirectoryNode(
            child => machine.Pci.Find(child) is { Bridge: null } device ? PciFiles.Directory(machine, device) : null,
            () => machine.Pci.Below(null).Select(device => device.Name));

    private static string DomainName(PciAddress address) => string.Create(CultureInfo.InvariantCulture, $"pci{address.Domain:x4}:00");

    private static DirectoryNode IommuGroups(SimulatedMachine machine) => new(
        name => int.TryParse(name, CultureInfo.InvariantCulture, out int number) && machine.Pci.Groups.ContainsKey(number)
            ? Group(machine, number)
            : null,
        () => machine.Pci.Groups.Keys.Select(Number));

    private static DirectoryNode Group(SimulatedMachine machine, int number) => DirectoryNode.Of(
        ("devices", new DirectoryNode(
            name => machine.Pci.Find(name) is { } device && device.IommuGroup == number ? Node.Link(device.SysPath) : null,
            () => machine.Pci.Groups[number].Select(device => device.Name))),
        ("type", new FileNode(() => Content.Line("DMA-FQ"))),
        ("reserved_regions", new FileNode(() => Content.Line("0x00000000fee00000 0x00000000feefffff msi"))));

    private static DirectoryNode Modules(SimulatedMachine machine) => new(
        name => machine.Modules.Loaded.Contains(name)
            ? DirectoryNode.Of(("refcnt", new FileNode(() => Content.Line(0))), ("initstate", new FileNode(() => Content.Line("live"))))
            : null,
        () => machine.Modules.Loaded);

    /// <summary>A group has a node while one of its functions is held by vfio-pci.</summary>
    private static DirectoryNode VfioNodes(SimulatedMachine machine)
    {
        bool IsThere(string name) => name == "vfio"
            ? machine.Modules.Loaded.Contains("vfio")
            : int.TryParse(name, CultureInfo.InvariantCulture, out int number)
                && machine.Pci.Groups.TryGetValue(number, out List<PciDevice>? members)
                && members.Any(device => device.Driver?.Name == "vfio-pci");
        return new DirectoryNode(
            name => IsThere(name) ? new FileNode(() => Content.Of(""), _ => Errno.EINVAL) : null,
            () => machine.Pci.Groups.Keys.Select(Number).Append("vfio").Where(IsThere));
    }

    private static DirectoryNode NamedNamespaces(SimulatedMachine machine) => new(
        name => machine.Namespaces.ByName(name) is null ? null : new FileNode(() => Errno.EINVAL),
        () => machine.Namespaces.Names);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
