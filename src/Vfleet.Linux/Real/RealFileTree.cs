using System.Buffers;
using System.Text;

namespace Vfleet.Linux.Real;

/// <summary>The real file system below a root. Files are opened non-blocking, so that a FIFO in the way cannot hang a reader.</summary>
/// <param name="root">Prepended to every path; empty for the machine's own tree.</param>
internal sealed unsafe class RealFileTree(string root) : IFileTree
{
    private const int Page = 4096;

    public Outcome<string> ReadText(string path)
    {
        int descriptor = Native.Open(root + path, Native.OpenRead | Native.OpenNonblock | Native.OpenCloexec, 0);
        if (descriptor < 0)
            return Fault.FromErrno(Native.LastError, $"cat {path}", path);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Page);
        Errno errno = ReadAll(descriptor, ref buffer, out int length, isAttribute: path.StartsWith("/sys/", StringComparison.Ordinal));
        _ = Native.Close(descriptor);
        string text = Encoding.UTF8.GetString(buffer, 0, length > 0 && buffer[length - 1] == '\n' ? length - 1 : length);
        ArrayPool<byte>.Shared.Return(buffer);
        return errno == Errno.None ? text : Fault.FromErrno(errno, $"cat {path}", path);
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

    private static Errno ReadAll(int descriptor, ref byte[] buffer, out int length, bool isAttribute)
    {
        length = 0;
        while (length < IFileTree.LongestText)
        {
            if (length == buffer.Length)
                buffer = Grow(buffer);
            nint got;
            // SAFETY: the array is pinned for the call and only its free tail is offered.
            fixed (byte* pointer = buffer)
                got = Native.Read(descriptor, pointer + length, (nuint)(Math.Min(buffer.Length, IFileTree.LongestText) - length));
            if (got < 0)
                return Native.LastError;
            length += (int)got;
            // The first read of an attribute gives all of it. Source: fs/sysfs/file.c, sysfs_kf_seq_show.
            if (got == 0 || (isAttribute && length < Page))
                return Errno.None;
        }
        return Errno.None;
    }

    private static byte[] Grow(byte[] buffer)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(4 * buffer.Length);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
