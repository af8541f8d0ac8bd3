using System.Globalization;

namespace Vfleet.Node.Allocation;

/// <summary>
/// Which socket each NUMA node is of. Source: Documentation/ABI/stable/sysfs-devices-node and sysfs-devices-system-cpu. A node without CPUs
/// has none, nor one with CPUs of several sockets, as on a machine that does not tell its NUMA nodes apart.
/// </summary>
internal static class Sockets
{
    private const string Nodes = "/sys/devices/system/node";

    /// <summary>Sockets by node, in a few files for each node however many CPUs it has.</summary>
    public static IReadOnlyDictionary<int, int> Read(IFileTree files)
    {
        Dictionary<int, int> sockets = [];
        foreach (string name in files.List(Nodes).Or(null) ?? [])
        {
            bool isNode = name.StartsWith("node", StringComparison.Ordinal);
            if (isNode && Number(name.AsSpan("node".Length)) is { } node && SocketOf(files, name) is { } socket)
                sockets.Add(node, socket);
        }
        return sockets;
    }

    private static int? SocketOf(IFileTree files, string node)
    {
        if (Cpus(files, $"{Nodes}/{node}/cpulist") is not { Count: > 0 } own)
            return null;
        string topology = $"/sys/devices/system/cpu/cpu{own.Min()}/topology";
        // Older kernels know the list by its first name only.
        HashSet<int>? package = Cpus(files, $"{topology}/package_cpus_list") ?? Cpus(files, $"{topology}/core_siblings_list");
        return package is not null && own.IsSubsetOf(package) ? Number(files.ReadText($"{topology}/physical_package_id").Or(null)) : null;
    }

    /// <summary>The numbers of a list such as <c>0-3,8</c>; null where there is no such file or it says something else.</summary>
    private static HashSet<int>? Cpus(IFileTree files, string path)
    {
        if (files.ReadText(path).Or(null) is not { } text)
            return null;
        HashSet<int> cpus = [];
        foreach (string range in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] ends = range.Split('-');
            if (Number(ends[0]) is not { } first || Number(ends[^1]) is not { } last || ends.Length > 2)
                return null;
            for (int cpu = first; cpu <= last; cpu++)
                cpus.Add(cpu);
        }
        return cpus;
    }

    /// <summary>The kernel writes -1 for what it does not know; CPUs are numbered below 2^16.</summary>
    private static int? Number(ReadOnlySpan<char> text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort value) ? value : null;
}
