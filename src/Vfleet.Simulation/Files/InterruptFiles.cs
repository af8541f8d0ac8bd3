using System.Globalization;
using System.Text;
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

    /// <summary>
    /// /proc/interrupts: a packet is an interrupt of the function's first vector, on the first CPU. Source: kernel/irq/proc.c
    /// show_interrupts.
    /// </summary>
    public static string Table(SimulatedMachine machine)
    {
        StringBuilder table = new("    ");
        foreach (int cpu in SystemFiles.Online.Cpus)
            table.Append(CultureInfo.InvariantCulture, $"{$"CPU{cpu}",11}");
        foreach (PciDevice device in machine.Pci.Devices)
        {
            ulong packets = device.Links.Aggregate(0UL, (sum, link) => sum + link.Counters.RxPackets + link.Counters.TxPackets);
            foreach (int number in device.Interrupts)
            {
                table.Append(CultureInfo.InvariantCulture, $"\n{number,3}:{packets,11}");
                foreach (int _ in SystemFiles.Online.Cpus.Skip(1))
                    table.Append(CultureInfo.InvariantCulture, $"{0,11}");
                table.Append(CultureInfo.InvariantCulture,
                    $"  PCI-MSIX-{device.Name}  {number}-edge  {device.Links.FirstOrDefault()?.Name ?? device.Name}");
                packets = 0;
            }
        }
        return table.Append("\nNMI:          0   Non-maskable interrupts\nERR:          0\n").ToString();
    }

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
