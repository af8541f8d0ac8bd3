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

    /// <summary>Opens it; makes it where there is none. A pipe that nobody reads is refused, and not waited for.</summary>
    /// <param name="path">Its path; its folder must be there.</param>
    public static Outcome<AppendedFile> Open(string path)
    {
        const int Flags = Native.OpenWrite | Native.OpenAppend | Native.OpenCreate | Native.OpenCloexec | Native.OpenNonblock;
        int descriptor = Native.Open(path, Flags, OwnerWritesAllRead);
        return descriptor < 0 ? Fault.FromErrno(Native.LastError, $"open {path}", path) : new AppendedFile(path, descriptor);
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

    /// <inheritdoc/>
    public void Dispose() => _ = Native.Close(_descriptor);
}
