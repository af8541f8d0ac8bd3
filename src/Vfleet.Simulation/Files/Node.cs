using System.Text;

namespace Vfleet.Simulation.Files;

/// <summary>Something in the file tree.</summary>
internal abstract record Node
{
    /// <summary>A link; its target is absolute here and made relative when it is read.</summary>
    public static LinkNode Link(string target) => new(target);
}

/// <summary>A file; a null delegate is a missing permission, which the kernel answers with EACCES even to root.</summary>
/// <param name="Read">Its content; under the machine's gate.</param>
/// <param name="Write">Takes what is written; without the gate, for it may take time.</param>
/// <param name="Guard">What a reader waits for first: the kernel's device_lock, where the file takes it.</param>
internal sealed record FileNode(Func<Content>? Read, Func<string, Errno>? Write = null, SemaphoreSlim? Guard = null) : Node;

/// <summary>A symbolic link.</summary>
/// <param name="Target">Absolute path it leads to.</param>
/// <param name="IsMagic">Read as it is, as links to open files are (proc(5)); others are relative, as sysfs makes them.</param>
internal sealed record LinkNode(string Target, bool IsMagic = false) : Node;

/// <summary>A directory; entries are made when they are asked for.</summary>
/// <param name="Find">The entry of a name, or null.</param>
/// <param name="Names">The names of all entries.</param>
internal sealed record DirectoryNode(Func<string, Node?> Find, Func<IEnumerable<string>> Names) : Node
{
    /// <summary>A directory with fixed entries.</summary>
    public static DirectoryNode Of(params (string Name, Node Entry)[] entries)
    {
        Dictionary<string, Node> map = entries.ToDictionary(entry => entry.Name, entry => entry.Entry, StringComparer.Ordinal);
        return new DirectoryNode(map.GetValueOrDefault, () => map.Keys);
    }
}

/// <summary>What reading a file gives: bytes or an errno.</summary>
internal readonly record struct Content(byte[]? Bytes, Errno Errno)
{
    /// <summary>One line, as nearly every sysfs file has.</summary>
    public static Content Line(string text) => new(Encoding.UTF8.GetBytes(text + "\n"), Errno.None);

    /// <summary>One line of a number.</summary>
    public static Content Line(long number) => Line(number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public static Content Of(string text) => new(Encoding.UTF8.GetBytes(text), Errno.None);

    public static implicit operator Content(byte[] bytes) => new(bytes, Errno.None);

    public static implicit operator Content(Errno errno) => new(null, errno);
}
