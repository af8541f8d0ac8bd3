using System.Text;

namespace Vfleet.Linux.Real;

/// <summary>The real file system below a root. Files are opened non-blocking, so that a FIFO in the way cannot hang a reader.</summary>
/// <param name="root">Prepended to every path; empty for the machine's own tree.</param>
internal sealed unsafe class RealFileTree(string root) : IFileTree
{
    private const int LargestText = 1 << 20;

    public Outcome<string> ReadText(string path)
    {
        byte[] buffer = new byte[4096];
        int length = 0;
        Outcome<Unit> read = WithFile(
            path, Native.OpenRead, $"cat {path}", descriptor => ReadAll(descriptor, ref buffer, ref length, LargestText));
        if (read.Fault is not null)
            return read.Fault;
        string text = Encoding.UTF8.GetString(buffer, 0, length);
        return text.EndsWith('\n') ? text[..^1] : text;
    }

    public Outcome<int> ReadBytes(string path, Span<byte> destination)
    {
        int descriptor = Native.Open(root + path, Native.OpenRead | Native.OpenNonblock | Native.OpenCloexec, 0);
        if (descriptor < 0)
            return Fault.FromErrno(Native.LastError, $"cat {path}", path);
        int length = 0;
        nint got = 1;
        // SAFETY: the span is pinned for the calls and only its free tail is offered.
        fixed (byte* pointer = destination)
        {
            while (got > 0 && length < destination.Length)
            {
                got = Native.Read(descriptor, pointer + length, (nuint)(destination.Length - length));
                length += (int)Math.Max(got, 0);
            }
        }
        Errno errno = got < 0 ? Native.LastError : Errno.None;
        _ = Native.Close(descriptor);
        return errno == Errno.None ? length : Fault.FromErrno(errno, $"cat {path}", path);
    }

    public Outcome<Unit> WriteText(string path, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return WithFile(path, Native.OpenWrite, $"echo {text} > {path}", descriptor =>
        {
            // SAFETY: the array is pinned for the call and its length is passed.
            fixed (byte* pointer = bytes)
                return Native.Write(descriptor, pointer, (nuint)bytes.Length) < 0 ? Native.LastError : Errno.None;
        });
    }

    public Outcome<IReadOnlyList<string>> List(string path)
    {
        try
        {
            string[] names = Directory.GetFileSystemEntries(root + path);
            for (int i = 0; i < names.Length; i++)
                names[i] = Path.GetFileName(names[i]);
            Array.Sort(names, StringComparer.Ordinal);
            return names;
        }
        catch (DirectoryNotFoundException)
        {
            // The runtime's only way to say ENOENT.
            return Fault.FromErrno(Errno.ENOENT, $"ls {path}", path);
        }
        catch (UnauthorizedAccessException)
        {
            // The runtime's only way to say EACCES.
            return Fault.FromErrno(Errno.EACCES, $"ls {path}", path);
        }
        catch (IOException)
        {
            // A file where a directory was expected, or a directory that vanished while it was read.
            return Fault.FromErrno(Errno.ENOTDIR, $"ls {path}", path);
        }
    }

    public Outcome<string> ReadLink(string path)
    {
        const int Longest = 4096;
        byte* buffer = stackalloc byte[Longest];
        // SAFETY: the buffer lives on this frame and its length is passed.
        nint length = Native.ReadLink(root + path, buffer, Longest);
        return length < 0
            ? Fault.FromErrno(Native.LastError, $"readlink {path}", path)
            : Encoding.UTF8.GetString(buffer, (int)length);
    }

    public bool Exists(string path) => Native.Access(root + path, 0) == 0;

    private Outcome<Unit> WithFile(string path, int flags, string operation, Func<int, Errno> use)
    {
        int descriptor = Native.Open(root + path, flags | Native.OpenNonblock | Native.OpenCloexec, 0);
        if (descriptor < 0)
            return Fault.FromErrno(Native.LastError, operation, path);
        Errno errno;
        try
        {
            errno = use(descriptor);
        }
        finally
        {
            _ = Native.Close(descriptor);
        }
        return errno == Errno.None ? Unit.Done : Fault.FromErrno(errno, operation, path);
    }

    private static Errno ReadAll(int descriptor, ref byte[] buffer, ref int length, int most)
    {
        while (length < most)
        {
            if (length == buffer.Length)
                Array.Resize(ref buffer, Math.Min(most, buffer.Length * 4));
            nint got;
            // SAFETY: the array is pinned for the call and only its free tail is offered.
            fixed (byte* pointer = buffer)
                got = Native.Read(descriptor, pointer + length, (nuint)(buffer.Length - length));
            if (got < 0)
                return Native.LastError;
            if (got == 0)
                return Errno.None;
            length += (int)got;
        }
        return Errno.None;
    }
}
