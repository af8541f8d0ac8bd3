using System.Globalization;

namespace Vfleet.Simulation.Namespaces;

/// <summary>Network namespaces by path: /run/netns/NAME and /proc/PID/ns/net.</summary>
internal static class NamespacePaths
{
    public const string Named = "/run/netns/";

    public static Outcome<NetworkNamespace> Open(SimulatedMachine machine, string path)
    {
        lock (machine.Gate)
        {
            // proc(5): whoever may not trace a process may not open its namespaces, nor go by its root.
            if (!machine.Privileged && IsOthers(path))
                return Fault.FromErrno(Errno.EACCES, $"open {path}", path);
            if (Find(machine, path) is { } space)
                return new NamespaceHandle(machine, space, path);
        }
        return IsPlace(path)
            ? Fault.FromErrno(Errno.ENOENT, $"open {path}", path)
            : OtherFile(machine, path);
    }

    private static Fault OtherFile(SimulatedMachine machine, string path) => new Files.SimulatedFiles(machine).Exists(path)
        ? Fault.Usage($"{path} is not a network namespace", "name one below /run/netns, or /proc/PID/ns/net", path)
        : Fault.FromErrno(Errno.ENOENT, $"open {path}", path);

    private static bool IsOthers(string path) =>
        path.Split('/') is ["", "proc", not ("self" or "thread-self" or "1"), "ns" or "root", ..];

    private static bool IsPlace(string path) => path.StartsWith(Named, StringComparison.Ordinal);

    private static SimulatedNamespace? Find(SimulatedMachine machine, string path)
    {
        foreach (string place in (string[])[Named, "/var/run/netns/"])
        {
            if (path.StartsWith(place, StringComparison.Ordinal))
                return machine.Namespaces.ByName(path[place.Length..]);
        }
        string[] parts = path.Split('/');
        if (parts is not ["", "proc", var process, "ns", "net"])
            return null;
        if (process is "self" or "thread-self" or "1")
            return machine.Namespaces.Initial;
        bool isNumber = int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out int pid);
        return isNumber ? machine.Namespaces.ByProcess(pid) : null;
    }
}
