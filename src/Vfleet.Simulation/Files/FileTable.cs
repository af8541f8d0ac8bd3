namespace Vfleet.Simulation.Files;

/// <summary>One kind of file that every object of a type has, such as <c>vendor</c> of a PCI device.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Read">Its content; null where it can only be written.</param>
/// <param name="Write">Takes what is written; null where it can only be read.</param>
/// <param name="Present">True where this object has it; null is always.</param>
internal sealed record FileKind<T>(
    string Name, Func<T, Content>? Read = null, Func<T, string, Errno>? Write = null, Func<T, bool>? Present = null);

/// <summary>The files of a type, found by name.</summary>
internal sealed class FileTable<T>(IReadOnlyList<FileKind<T>> kinds)
{
    private readonly Dictionary<string, FileKind<T>> _byName = kinds.ToDictionary(kind => kind.Name, StringComparer.Ordinal);

    public Node? Find(T owner, string name)
    {
        if (!_byName.TryGetValue(name, out FileKind<T>? kind) || kind.Present?.Invoke(owner) == false)
            return null;
        return new FileNode(
            kind.Read is { } read ? () => read(owner) : null,
            kind.Write is { } write ? text => write(owner, text) : null);
    }

    public IEnumerable<string> Names(T owner) =>
        _byName.Values.Where(kind => kind.Present?.Invoke(owner) != false).Select(kind => kind.Name);
}
