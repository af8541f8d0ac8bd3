using System.Globalization;

namespace Vfleet.Simulation.Files;

/// <summary>/proc as far as the product reads it.</summary>
internal static class ProcFiles
{
    private const int OwnProcess = 1;

    public static DirectoryNode Build(SimulatedMachine machine)
    {
        DirectoryNode fixedFiles = DirectoryNode.Of(
            ("cmdline", new FileNode(() => Content.Line(machine.Iommu ? "quiet intel_iommu=on iommu=pt" : "quiet"))),
            ("modules", new FileNode(() => Content.Of(string.Concat(machine.Modules.Loaded.Select(Module))))),
            ("sys", DirectoryNode.Of(("net", SwitchFiles.Build(machine)), ("kernel", DirectoryNode.Of(
                ("osrelease", new FileNode(() => Content.Line("6.12.95+deb12-amd64"))),
                ("random", DirectoryNode.Of(("boot_id", new FileNode(() => Content.Line(machine.BootId))))))))),
            ("irq", InterruptFiles.Build(machine)),
            ("interrupts", new FileNode(() => Content.Of(InterruptFiles.Table(machine)))),
            ("self", Process(machine, OwnProcess)));
        return new DirectoryNode(
            name => fixedFiles.Find(name) ?? (ProcessOf(machine, name) is { } pid ? Process(machine, pid) : null),
            () => fixedFiles.Names().Concat(machine.Namespaces.Processes
                .Select(pid => pid.ToString(CultureInfo.InvariantCulture))));
    }

    private static int? ProcessOf(SimulatedMachine machine, string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
        && machine.Namespaces.Process(pid) is not null ? pid : null;

    private static DirectoryNode Process(SimulatedMachine machine, int pid) => DirectoryNode.Of(
        ("fd", DirectoryNode.Of([.. machine.OpenFiles.Where(file => file.Pid == pid).Select((file, number) =>
            (number.ToString(CultureInfo.InvariantCulture), (Node)new LinkNode(file.Path, IsMagic: true)))])),
        ("stat", new FileNode(() => machine.Namespaces.Process(pid) is { } process ? Content.Line(process.Stat(pid)) : Errno.ESRCH)),
        ("status", new FileNode(() => Content.Of(Status(machine.Privileged)))),
        ("ns", machine.Namespaces.ByProcess(pid) is null
            ? DirectoryNode.Of()
            : DirectoryNode.Of(("net", new FileNode(() => Errno.EINVAL)))),
        ("net", DirectoryNode.Of(("dev", new FileNode(() => Content.Of(""))))));

    private static string Module(string name) => $"{name} 16384 0 - Live 0x0000000000000000\n";

    private static string Status(bool privileged)
    {
        string capabilities = privileged ? "000001ffffffffff" : "0000000000000000";
        string user = privileged ? "0\t0\t0\t0" : "1000\t1000\t1000\t1000";
        return $"Name:\tvfleet\nUid:\t{user}\nGid:\t{user}\nCapPrm:\t{capabilities}\nCapEff:\t{capabilities}\nCapBnd:\t000001ffffffffff\n";
    }
}
