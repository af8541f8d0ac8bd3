using System.Text;

namespace Vfleet.Linux.Real;

/// <summary>
/// A text file to whose end several processes write at once, each line whole: opened with O_APPEND, one write(2) for each line. Source: open(2),
/// write(2).
/// </summary>
public sealed class AppendedFile : IDisposable
{
    private const int OwnerWritesAllRead = 0x1A4;
    private readonly int _descriptor;

    private AppendedFile(string path, int descriptor)
    {
        Path = path;
        _descriptor = descriptor;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>
    /// Opens it; makes it where there is none. Whoever names the path need not be trusted: nothing is written but a plain file of this
    /// process's user, under the one name it has, in a folder that nobody else may write and that no link leads to.
    /// </summary>
    /// <param name="path">Its path; its folder must be there.</param>
    /// <returns>Usage where it is something else or somebody else's; else why the system refuses.</returns>
    public static Outcome<AppendedFile> Open(string path)
    {
        if (OwnFolder.Check(System.IO.Path.GetDirectoryName(path) ?? "/", groupMayWrite: true).Fault is { } foreign)
            return foreign;
        const int Flags = Native.OpenWrite | Native.OpenAppend | Native.OpenCreate | Native.OpenCloexec | Native.OpenNonblock;
        int descriptor = Native.Open(path, Flags | Native.OpenNoFollow, OwnerWritesAllRead);
        if (descriptor < 0)
            return Fault.FromErrno(Native.LastError, $"open {path}", path);
        AppendedFile file = new(path, descriptor);
        if (file.Refusal() is not { } refused)
            return file;
        file.Dispose();
        return refused;
    }

    /// <summary>Writes one line.</summary>
    /// <param name="line">The line, without its end.</param>
    public unsafe Outcome<Unit> WriteLine(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line + "\n");
        // SAFETY: the bytes are pinned for the call, which reads as many as there are.
        fixed (byte* start = bytes)
        {
            nint written = Native.Write(_descriptor, start, (nuint)bytes.Length);
            if (written == bytes.Length)
                return Unit.Done;
            return Fault.FromErrno(written < 0 ? Native.LastError : Errno.ENOSPC, $"write {Path}", Path);
        }
    }

    private Fault? Refusal()
    {
        if (!FileStatus.Of(_descriptor, Path).Try(out FileStatus status, out Fault? fault))
            return fault;
        string? wrong = status switch
        {
            { IsRegular: false } => "is no plain file",
            { Links: not 1 } => $"has {status.Links} names (hard links)",
            _ when status.User != Native.EffectiveUser() => $"belongs to user {status.User}",
            _ => null,
        };
        return wrong is null ? null : Fault.Usage($"{Path} {wrong}", "name a file of its own", Path);
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Native.Close(_descriptor);
}
