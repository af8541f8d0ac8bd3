using System.Globalization;

namespace Vfleet.Linux.Pci;

/// <summary>
/// A function's MSI and MSI-X interrupts and the CPUs that serve them. Interrupt numbers are given again to other devices, so a number is
/// used only while the function lists it. Sources: drivers/pci/msi, kernel/irq/proc.c.
/// </summary>
/// <param name="files">The kernel's files.</param>
public sealed class PciInterrupts(IFileTree files)
{
    /// <summary>Numbers of the vectors a driver allocated, ascending. Equivalent to <c>ls /sys/bus/pci/devices/BDF/msi_irqs</c>.</summary>
    /// <returns>None without a driver, or where the driver uses another kind of interrupt.</returns>
    public Outcome<IReadOnlyList<int>> Vectors(PciAddress address)
    {
        Outcome<IReadOnlyList<string>> list = files.List(PciPath.Attribute(address, "msi_irqs"));
        if (list.Fault?.Kind == FaultKind.NotFound)
            return Outcome<IReadOnlyList<int>>.Of([]);
        return list.Map<IReadOnlyList<int>>(names => [.. names.Select(SysfsValues.ParseCount).OfType<int>().Order()]);
    }

    /// <summary>The CPUs an interrupt may go to. Equivalent to <c>cat /proc/irq/N/smp_affinity_list</c>.</summary>
    /// <returns>NotFound where no driver has requested it yet, as while an interface is down.</returns>
    public Outcome<CpuList> Affinity(int number) => Read(number, "smp_affinity_list");

    /// <summary>The CPUs it really goes to. Equivalent to <c>cat /proc/irq/N/effective_affinity_list</c>.</summary>
    public Outcome<CpuList> EffectiveAffinity(int number) => Read(number, "effective_affinity_list");

    /// <summary>Sends an interrupt to CPUs. Equivalent to <c>echo LIST &gt; /proc/irq/N/smp_affinity_list</c>.</summary>
    /// <returns>Errno EIO where the kernel manages the interrupt's CPUs by itself, EINVAL where none of the CPUs is online.</returns>
    public Outcome<Unit> SetAffinity(int number, CpuList cpus) => files.WriteText(PathOf(number, "smp_affinity_list"), cpus.ToString());

    private Outcome<CpuList> Read(int number, string name)
    {
        string path = PathOf(number, name);
        if (!files.ReadText(path).Try(out string? text, out Fault? fault))
            return fault;
        return CpuList.TryParse(text, out CpuList? cpus)
            ? cpus
            : Fault.FromErrno(Errno.EBADMSG, $"cat {path}", path, "it is no list of CPUs");
    }

    private static string PathOf(int number, string name) => string.Create(CultureInfo.InvariantCulture, $"/proc/irq/{number}/{name}");
}
