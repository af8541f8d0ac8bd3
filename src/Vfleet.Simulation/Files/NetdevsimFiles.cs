using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Files;

/// <summary>/sys/bus/netdevsim, its devices, and the file max_vfs in debugfs.</summary>
internal static class NetdevsimFiles
{
    public static DirectoryNode Bus(SimulatedMachine machine) => DirectoryNode.Of(
        ("new_device", new FileNode(null, machine.Netdevsim.Add)),
        ("del_device", new FileNode(null, machine.Netdevsim.Remove)),
        ("drivers", DirectoryNode.Of(("netdevsim", DirectoryNode.Of()))),
        ("devices", new DirectoryNode(
            name => machine.Netdevsim.Find(name) is { } device ? Node.Link(device.SysPath) : null,
            () => machine.Netdevsim.Devices.Select(device => device.Name))));

    public static DirectoryNode Device(SimulatedMachine machine, NetdevsimDevice device)
    {
        DirectoryNode files = DirectoryNode.Of(
            ("sriov_numvfs", new FileNode(() => Content.Line(device.Sriov!.Enabled), text => SetCount(machine, device, text))),
            ("driver", Node.Link("/sys/bus/netdevsim/drivers/netdevsim")),
            ("subsystem", Node.Link("/sys/bus/netdevsim")),
            ("uevent", new FileNode(() => Content.Of("DRIVER=netdevsim\n"))),
            ("net", NetFiles.Of(machine, device)));
        return files;
    }

    public static DirectoryNode Debug(SimulatedMachine machine) => new(
        name => machine.Netdevsim.Find(name) is { } device ? DirectoryNode.Of(("max_vfs", Limit(machine, device))) : null,
        () => machine.Netdevsim.Devices.Select(device => device.Name));

    private static FileNode Limit(SimulatedMachine machine, NetdevsimDevice device) => new(
        () => Content.Line(device.MaximumVfs),
        text =>
        {
            if (KernelNumber.Parse(text) is not { } limit || limit is < 0 or > uint.MaxValue)
                return Errno.EINVAL;
            lock (machine.Gate)
            {
                if (device.Sriov!.Enabled > 0)
                    return Errno.EBUSY;
                device.MaximumVfs = (uint)limit;
                return Errno.None;
            }
        });

    private static Errno SetCount(SimulatedMachine machine, NetdevsimDevice device, string text) =>
        KernelNumber.Parse(text) is { } count and >= 0 and <= uint.MaxValue ? machine.Netdevsim.SetCount(device, count) : Errno.EINVAL;
}
