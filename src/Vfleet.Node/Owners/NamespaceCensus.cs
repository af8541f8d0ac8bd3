using System.Globalization;

namespace Vfleet.Node.Owners;

/// <summary>
/// Every network namespace that has a path now: the named ones, those bind-mounted in whichever folder, those of processes. Taken once,
/// when first asked for; nothing is held open. A namespace that only an open file or socket keeps has no path and is not found. A process
/// that may not be inspected still tells its mounts and its namespace's sockets: it stands in nobody's way where one of the sockets is in a
/// namespace that was seen too, for a socket is in one alone.
/// </summary>
/// <param name="kernel">The kernel.</param>
internal sealed class NamespaceCensus(IKernel kernel)
{
    private static readonly string[] NamedFolders = ["/run/netns", "/run/docker/netns"];

    private readonly Dictionary<ulong, List<string>> _paths = [];
    private readonly Dictionary<ulong, string> _processes = [];
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
        List<(string Process, Fault Fault)> closed = [];
        foreach (string entry in Names("/proc"))
        {
            if (!entry.All(char.IsAsciiDigit))
                continue;
            Outcome<ulong?> seen = Open($"/proc/{entry}/ns/net");
            if (seen.Or(null) is { } inode)
                _processes.TryAdd(inode, $"/proc/{entry}");
            else if (seen.Fault is { } fault)
                closed.Add((entry, fault));
            // A tool may mount namespaces where only it sees them; the process's root leads there.
            if (kernel.Files.ReadLink($"/proc/{entry}/ns/mnt").Or(null) is not { } mounts || mountNamespaces.Add(mounts))
                LookAtMounts($"/proc/{entry}/mountinfo", $"/proc/{entry}/root");
        }
        foreach ((string process, Fault fault) in closed)
            LookAtSockets(process, fault);
    }

    /// <summary>Whether a process that may not be inspected is in a namespace that was seen.</summary>
    private void LookAtSockets(string process, Fault fault)
    {
        // What has ended, a zombie too, is in no namespace any more.
        int pid = int.Parse(process, CultureInfo.InvariantCulture);
        if (_unseen is not null || ProcessIdentity.Read(kernel.Files, pid) is { Succeeded: true, Value: null })
            return;
        HashSet<string> sockets = Sockets($"/proc/{process}");
        if (sockets.Count > 0 && _processes.Values.Prepend("/proc/self").Any(known => sockets.Overlaps(Sockets(known))))
            return;
        string name = kernel.Files.ReadText($"/proc/{process}/comm").Or(null)?.Trim() ?? "unknown";
        _unseen = $"process {process} ({name}) may not be inspected: {fault.Error}";
    }

    /// <summary>Inodes of the unix sockets in a process's network namespace. Source: net/unix/af_unix.c, unix_seq_show.</summary>
    private HashSet<string> Sockets(string process)
    {
        const int Inode = 6;
        string text = kernel.Files.ReadText($"{process}/net/unix").Or(null) ?? "";
        return [.. text.Split('\n').Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > Inode && fields[Inode] != "0").Select(fields => fields[Inode])];
    }

    private void LookAtMounts(string file, string root)
    {
        // A process that ended meanwhile has none.
        if (kernel.Files.ReadText(file).Or(null) is not { } text)
            return;
        foreach (string line in text.Split('\n'))
        {
            // Its inode tells whether it was seen elsewhere, where the process that mounted it may not be inspected.
            if (MountPoint(line) is { } path && Open(root + path).Fault is { } fault && !_paths.ContainsKey(MountedInode(line)))
                _unseen ??= fault.Error;
        }
    }

    private void Look(string path)
    {
        if (Open(path).Fault is { } fault)
            _unseen ??= fault.Error;
    }

    /// <returns>The inode of the namespace at a path; null where what was there has ended or is no network namespace.</returns>
    private Outcome<ulong?> Open(string path)
    {
        if (!kernel.OpenNamespace(path).Try(out NetworkNamespace? found, out Fault? fault))
            return fault.Kind is FaultKind.NotFound or FaultKind.Usage ? Outcome<ulong?>.Of(null) : fault;
        using (found)
        {
            if (found.Inode == 0)
                return Fault.FromErrno(Errno.EBADMSG, $"stat {path}", path, "it does not tell its inode");
            if (!_paths.TryGetValue(found.Inode, out List<string>? paths))
                _paths[found.Inode] = [path];
            else if (!path.StartsWith("/proc/", StringComparison.Ordinal))
                paths.Add(path);
            return found.Inode;
        }
    }

    private IEnumerable<string> Names(string folder)
    {
        Outcome<IReadOnlyList<string>> list = kernel.Files.List(folder);
        if (list.Fault is { Kind: not FaultKind.NotFound } fault)
            _unseen ??= fault.Error;
        return list.Or(null) ?? [];
    }

    private static ulong MountedInode(string line)
    {
        string root = line.Split(' ')[3];
        ReadOnlySpan<char> number = root.AsSpan("net:[".Length).TrimEnd(']');
        return ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out ulong inode) ? inode : 0;
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
