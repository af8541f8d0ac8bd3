using System.Globalization;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Files;

/// <summary>/proc/irq as far as PCI functions have interrupts. Source: kernel/irq/proc.c.</summary>
internal static class InterruptFiles
{
    public static DirectoryNode Build(SimulatedMachine machine) => new(
        name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && machine.Pci.Devices.FirstOrDefault(device => device.Interrupts.Contains(number)) is { } device
            ? Interrupt(machine, device, number)
            : null,
        () => machine.Pci.Devices.SelectMany(device => device.Interrupts).Select(number => number.ToString(CultureInfo.InvariantCulture)));

    private static DirectoryNode Interrupt(SimulatedMachine machine, PciDevice device, int number) => DirectoryNode.Of(
        ("smp_affinity_list", new FileNode(
            () => Content.Line(AffinityOf(device, number).ToString()), text => Set(machine, device, number, text))),
        ("effective_affinity_list", new FileNode(() => Content.Line(AffinityOf(device, number).Intersect(SystemFiles.Online).Cpus[0]))),
        ("node", new FileNode(() => Content.Line(device.NumaNode))));

    private static CpuList AffinityOf(PciDevice device, int number) => device.Affinities.GetValueOrDefault(number, SystemFiles.Online);

    /// <summary>Any CPU that is not online is left out, as long as one of them is.</summary>
    private static Errno Set(SimulatedMachine machine, PciDevice device, int number, string text)
    {
        if (!CpuList.TryParse(text.TrimEnd('\n'), out CpuList? cpus) || cpus.Intersect(SystemFiles.Online).IsEmpty)
            return Errno.EINVAL;
        lock (machine.Gate)
        {
            if (!device.Interrupts.Contains(number))
                return Errno.EIO;
            device.Affinities[number] = cpus;
            return Errno.None;
        }
    }
}
