namespace Vfleet.Simulation.Files;

/// <summary>/sys/devices/system: the two NUMA nodes.</summary>
internal static class SystemFiles
{
    public static DirectoryNode Build() => DirectoryNode.Of(
        ("node", DirectoryNode.Of(
            ("online", new FileNode(() => Content.Line("0-1"))),
            ("node0", NumaNode("0-3")),
            ("node1", NumaNode("4-7")))),
        ("cpu", DirectoryNode.Of(("online", new FileNode(() => Content.Line("0-7"))))));

    private static DirectoryNode NumaNode(string cpus) => DirectoryNode.Of(("cpulist", new FileNode(() => Content.Line(cpus))));
}
