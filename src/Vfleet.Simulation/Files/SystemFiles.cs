using System.Globalization;

namespace Vfleet.Simulation.Files;

/// <summary>/sys/devices/system: two sockets of four CPUs, each with its NUMA node.</summary>
internal static class SystemFiles
{
    private const int Cpus = 8, CpusOfSocket = 4;

    /// <summary>The CPUs that are online.</summary>
    public static CpuList Online { get; } = new(Enumerable.Range(0, Cpus));

    public static DirectoryNode Build() => DirectoryNode.Of(
        ("node", DirectoryNode.Of(
            ("online", new FileNode(() => Content.Line("0-1"))),
            ("node0", NumaNode(0)),
            ("node1", NumaNode(1)))),
        ("cpu", DirectoryNode.Of([("online", new FileNode(() => Content.Line(Online.ToString()))), .. Enumerable.Range(0, Cpus).Select(Cpu)])));

    private static DirectoryNode NumaNode(int socket) => DirectoryNode.Of(("cpulist", new FileNode(() => Content.Line(CpusOf(socket)))));

    /// <summary>Source: Documentation/ABI/stable/sysfs-devices-system-cpu.</summary>
    private static (string Name, Node Entry) Cpu(int cpu) => (
        string.Create(CultureInfo.InvariantCulture, $"cpu{cpu}"),
        DirectoryNode.Of(("topology", DirectoryNode.Of(
            ("physical_package_id", new FileNode(() => Content.Line(cpu / CpusOfSocket))),
            ("package_cpus_list", new FileNode(() => Content.Line(CpusOf(cpu / CpusOfSocket))))))));

    private static string CpusOf(int socket) =>
        string.Create(CultureInfo.InvariantCulture, $"{socket * CpusOfSocket}-{(socket * CpusOfSocket) + CpusOfSocket - 1}");
}
