using System.Globalization;

namespace Vfleet.Node.Owners;

/// <summary>
/// Every network namespace that has a path now: the named ones, those bind-mounted in whichever folder, those of processes. Taken once,
/// when first asked for; nothing is held open. A namespace that only an open file or socket keeps has no path and is not found.
/// </summary>
/// <param name="kernel">The kernel.</param>
internal sealed class NamespaceCensus(IKernel kernel)
{
    private static readonly string[] NamedFolders = ["/run/netns", "/run/docker/netns"];

    private readonly Dictionary<ulong, List<string>> _paths = [];
    private bool _taken;
    private string? _unseen;

    /// <summary>What could not be looked at, in words; null where everything was seen.</summary>
    public string? Unseen
    {
        get
        {
            Take();
            return _unseen;
        }
    }

    /// <summary>Paths of the namespaces with this inode; every namespace's where the inode is not known.</summary>
    public IEnumerable<string> Paths(ulong? inode)
    {
        Take();
        return inode is { } number ? _paths.GetValueOrDefault(number) ?? [] : _paths.Values.SelectMany(paths => paths);
    }

    private void Take()
    {
        if (_taken)
            return;
        _taken = true;
        foreach (string folder in NamedFolders)
        {
            foreach (string name in Names(folder))
                Look($"{folder}/{name}");
        }
        LookAtMounts("/proc/self/mountinfo", "");
        HashSet<string> mountNamespaces = [kernel.Files.ReadLink("/proc/self/ns/mnt").Or(null) ?? ""];
        foreach (string entry in Names("/proc"))
        {
            if (!entry.All(char.IsAsciiDigit))
                continue;
            Look($"/proc/{entry}/ns/net");
            // A tool may mount namespaces where only it sees them; the process's root leads there.
            if (kernel.Files.ReadLink($"/proc/{entry}/ns/mnt").Or(null) is { } mounts && mountNamespaces.Add(mounts))
                LookAtMounts($"/proc/{entry}/mountinfo", $"/proc/{entry}/root");
        }
    }

    private void LookAtMounts(string file, string root)
    {
        // A process that ended meanwhile has none.
        if (kernel.Files.ReadText(file).Or(null) is not { } text)
            return;
        foreach (string line in text.Split('\n'))
        {
            if (MountPoint(line) is { } path)
                Look(root + path);
        }
    }

    private void Look(string path)
    {
        Outcome<NetworkNamespace> opened = kernel.OpenNamespace(path);
        if (!opened.Try(out NetworkNamespace? found, out Fault? fault))
        {
            // What ended meanwhile, or is no network namespace, holds nothing.
            if (fault.Kind is not (FaultKind.NotFound or FaultKind.Usage))
                _unseen ??= fault.Error;
            return;
        }
        using (found)
        {
            if (found.Inode == 0)
                _unseen ??= $"{path} does not tell its inode";
            else if (!_paths.TryGetValue(found.Inode, out List<string>? paths))
                _paths[found.Inode] = [path];
            else if (!path.StartsWith("/proc/", StringComparison.Ordinal))
                paths.Add(path);
        }
    }

    private IEnumerable<string> Names(string folder)
    {
        Outcome<IReadOnlyList<string>> list = kernel.Files.List(folder);
        if (list.Fault is { Kind: not FaultKind.NotFound } fault)
            _unseen ??= fault.Error;
        return list.Or(null) ?? [];
    }

    /// <summary>
    /// Where a line of mountinfo mounts a network namespace, or null. The root of such a mount is <c>net:[INODE]</c>; blanks and
    /// backslashes are written as octal numbers (proc_pid_mountinfo(5)).
    /// </summary>
    internal static string? MountPoint(string line)
    {
        string[] fields = line.Split(' ');
        int separator = Array.IndexOf(fields, "-");
        if (separator < 6 || separator + 1 >= fields.Length || fields[separator + 1] != "nsfs"
            || !fields[3].StartsWith("net:[", StringComparison.Ordinal))
            return null;
        string path = fields[4];
        for (int at = path.IndexOf('\\', StringComparison.Ordinal); at >= 0 && at + 3 < path.Length; at = path.IndexOf('\\', at + 1))
        {
            if (int.TryParse(path.AsSpan(at + 1, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int digits))
                path = path[..at] + (char)((digits / 100 * 64) + (digits / 10 % 10 * 8) + (digits % 10)) + path[(at + 4)..];
        }
        return path;
    }
}
