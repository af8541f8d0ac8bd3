using System.Text;

namespace Vfleet.Linux.Tests.Pci;

/// <summary>
/// A file tree in memory, made from one readable archive. Lines of the archive:
/// <c>/path = text</c> a file (\n stands for a line's end); <c>/path -> target</c> a link; <c>/path hex 86 80 …</c> a binary file;
/// <c>/path !EIO</c> a file that answers with an error; <c># …</c> a remark. Directories are there because something is in them.
/// </summary>
internal sealed class MemoryTree : IFileTree
{
    private readonly SortedDictionary<string, object> _nodes = new(StringComparer.Ordinal);
    private readonly List<(string Path, string Text)> _writes = [];
    private readonly Lock _lock = new();

    public MemoryTree(string archive = "")
    {
        Add(archive);
    }

    /// <summary>Called for each write, the path resolved; the tree may be changed in it. Null: every write replaces the file's text.</summary>
    public Func<string, string, Outcome<Unit>>? OnWrite { get; set; }

    public IReadOnlyList<string> Writes
    {
        get
        {
            lock (_lock)
                return [.. _writes.Select(write => $"{write.Text.Replace("\n", "\\n", StringComparison.Ordinal)} > {write.Path}")];
        }
    }

    public void Add(string archive)
    {
        foreach (string line in archive.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line[0] == '#')
                continue;
            string path = line.Split(' ')[0];
            string rest = line[path.Length..].TrimStart();
            lock (_lock)
                _nodes[path] = rest switch
                {
                    _ when rest.StartsWith("-> ", StringComparison.Ordinal) => new Link(rest[3..]),
                    _ when rest.StartsWith("hex ", StringComparison.Ordinal) => Convert.FromHexString(rest[4..].Replace(" ", "", StringComparison.Ordinal)),
                    _ when rest.StartsWith('!') => Enum.Parse<Errno>(rest[1..]),
                    _ => Encoding.UTF8.GetBytes(rest.TrimStart('=').TrimStart(' ').Replace("\\n", "\n", StringComparison.Ordinal)),
                };
        }
    }

    public void AddBytes(string path, byte[] bytes)
    {
        lock (_lock)
            _nodes[path] = bytes;
    }

    public void Remove(string path)
    {
        lock (_lock)
            _ = _nodes.Remove(path);
    }

    public Outcome<string> ReadText(string path) =>
        Bytes(path).Map(bytes => Encoding.UTF8.GetString(bytes) is var text && text.EndsWith('\n') ? text[..^1] : text);

    public Outcome<int> ReadBytes(string path, Span<byte> destination)
    {
        if (!Bytes(path).Try(out byte[]? bytes, out Fault? fault))
            return fault;
        int length = Math.Min(bytes.Length, destination.Length);
        bytes.AsSpan(0, length).CopyTo(destination);
        return length;
    }

    public Outcome<Unit> WriteText(string path, string text)
    {
        if (!Bytes(path).Try(out _, out Fault? fault))
            return fault with { Operation = $"echo {text} > {path}" };
        string real = Resolve(path)!;
        lock (_lock)
            _writes.Add((real, text));
        if (OnWrite is not null)
            return OnWrite(real, text);
        AddBytes(real, Encoding.UTF8.GetBytes(text));
        return Unit.Done;
    }

    public Outcome<IReadOnlyList<string>> List(string path)
    {
        string? prefix = Resolve(path) + "/";
        lock (_lock)
        {
            string[] names = [.. _nodes.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).Select(key => key[prefix.Length..].Split('/')[0]).Distinct()];
            return prefix.Length > 1 && names.Length > 0 ? names : Fault.FromErrno(Errno.ENOENT, $"ls {path}", path);
        }
    }

    public Outcome<string> ReadLink(string path)
    {
        int slash = path.LastIndexOf('/');
        string? folder = Resolve(path[..slash]);
        lock (_lock)
        {
            if (folder is null || !_nodes.TryGetValue(folder + path[slash..], out object? node))
                return Fault.FromErrno(Errno.ENOENT, $"readlink {path}", path);
            return node switch
            {
                Link link => link.Target,
                Errno errno => Fault.FromErrno(errno, $"readlink {path}", path),
                _ => Fault.FromErrno(Errno.EINVAL, $"readlink {path}", path),
            };
        }
    }

    public bool Exists(string path) => Resolve(path) is string real && IsThere(real);

    private Outcome<byte[]> Bytes(string path)
    {
        string? real = Resolve(path);
        lock (_lock)
        {
            if (real is null || !_nodes.TryGetValue(real, out object? node))
                return Fault.FromErrno(Errno.ENOENT, $"cat {path}", path);
            return node is byte[] bytes ? bytes : Fault.FromErrno((Errno)node, $"cat {path}", path);
        }
    }

    private bool IsThere(string path)
    {
        lock (_lock)
            return _nodes.ContainsKey(path) || _nodes.Keys.Any(key => key.StartsWith(path + "/", StringComparison.Ordinal));
    }

    private string? Resolve(string path)
    {
        string real = "";
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            real = part == ".." ? real[..Math.Max(0, real.LastIndexOf('/'))] : $"{real}/{part}";
            object? node;
            lock (_lock)
                _ = _nodes.TryGetValue(real, out node);
            if (node is Link link)
                real = Resolve(link.Target.StartsWith('/') ? link.Target : $"{real[..real.LastIndexOf('/')]}/{link.Target}") ?? "";
        }

        return real.Length == 0 ? null : real;
    }

    private sealed record Link(string Target);
}
