using System.Globalization;
using Vfleet.Simulation.Drivers;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Files;

/// <summary>/sys/bus/pci: devices, drivers, drivers_probe.</summary>
internal static class PciBusFiles
{
    public static DirectoryNode Build(SimulatedMachine machine) => DirectoryNode.Of(
        ("devices", new DirectoryNode(
            name => machine.Pci.Find(name) is { } device ? Node.Link(device.SysPath) : null,
            () => machine.Pci.Devices.Select(device => device.Name))),
        ("drivers", new DirectoryNode(
            name => machine.Pci.Driver(name) is { } driver ? Driver(machine, driver) : null,
            () => machine.Pci.Drivers.Select(driver => driver.Name))),
        ("drivers_probe", new FileNode(null, text => machine.Driving.ProbeAny(text.TrimEnd('\n')))),
        ("rescan", new FileNode(null, _ => Errno.None)));

    private static DirectoryNode Driver(SimulatedMachine machine, SimulatedDriver driver)
    {
        DirectoryNode files = DirectoryNode.Of(
            ("bind", new FileNode(null, text => machine.Driving.Bind(driver, text.TrimEnd('\n')))),
            ("unbind", new FileNode(null, text => machine.Driving.Unbind(driver, text.TrimEnd('\n')))),
            ("new_id", new FileNode(null, text => ChangeId(machine, driver, text, true))),
            ("remove_id", new FileNode(null, text => ChangeId(machine, driver, text, false))),
            ("module", Node.Link($"/sys/module/{driver.Module}")));
        PciDevice? Holds(string name) => machine.Pci.Find(name) is { } device && device.Driver == driver ? device : null;
        return new DirectoryNode(
            name => files.Find(name) ?? (Holds(name) is { } device ? Node.Link(device.SysPath) : null),
            () => files.Names().Concat(machine.Pci.Devices.Where(device => device.Driver == driver).Select(device => device.Name)));
    }

    private static Errno ChangeId(SimulatedMachine machine, SimulatedDriver driver, string text, bool add)
    {
        string[] words = text.Split((char[])[' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2 || !TryHex(words[0], out ushort vendor) || !TryHex(words[1], out ushort device))
            return Errno.EINVAL;
        lock (machine.Gate)
        {
            if (add && !driver.DynamicIds.Add((vendor, device)))
                return Errno.EEXIST;
            if (!add)
                return driver.DynamicIds.Remove((vendor, device)) ? Errno.None : Errno.ENODEV;
        }
        machine.Driving.Introduce(driver);
        return Errno.None;
    }

    private static bool TryHex(string text, out ushort value) =>
        ushort.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
