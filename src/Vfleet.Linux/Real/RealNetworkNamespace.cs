using Microsoft.Win32.SafeHandles;

namespace Vfleet.Linux.Real;

/// <summary>An open namespace file.</summary>
internal sealed class RealNetworkNamespace : NetworkNamespace
{
    private const string Hint = "name a namespace of `ip netns list`, or a path such as /proc/PID/ns/net";
    private readonly SafeFileHandle _handle;
    private readonly Lazy<ulong?> _cookie;
    private readonly bool _waitsInPlace;

    private RealNetworkNamespace(string path, SafeFileHandle handle, ulong inode, bool waitsInPlace)
    {
        _waitsInPlace = waitsInPlace;
        Path = path;
        _handle = handle;
        Inode = inode;
        _cookie = new Lazy<ulong?>(ReadCookie);
    }

    public override string Path { get; }

    public override int Descriptor => (int)_handle.DangerousGetHandle();

    public override ulong Inode { get; }

    public override ulong? Cookie => _cookie.Value;

    public static Outcome<NetworkNamespace> Open(string path, bool waitsInPlace = false)
    {
        int descriptor = Native.Open(path, Native.OpenRead | Native.OpenNonblock | Native.OpenCloexec, 0);
        if (descriptor < 0)
            return Unopened(path, Native.LastError);
        SafeFileHandle handle = new(descriptor, ownsHandle: true);
        if (Native.Ioctl(descriptor, Native.NamespaceGetType, 0) != Native.CloneNewNet)
        {
            handle.Dispose();
            return Fault.Usage($"{path} is not a network namespace", Hint, path);
        }
        return new RealNetworkNamespace(path, handle, InodeOf(descriptor), waitsInPlace);
    }

    /// <summary>
    /// Runs work on a thread that has entered the namespace and ends afterwards: setns(2) changes the calling thread only, and a
    /// thread of the pool must never stay in another namespace. Who waits in place has the calling thread go there and back.
    /// </summary>
    public static Outcome<T> Run<T>(NetworkNamespace? within, Func<Outcome<T>> work)
    {
        if (within is null)
            return work();
        return within is RealNetworkNamespace { _waitsInPlace: true } ? ThereAndBack(within, work) : OnOwnThread(() => Enter(within) ?? work());
    }

    /// <summary>Has the calling thread enter a namespace. Equivalent to <c>nsenter --net=PATH</c>.</summary>
    /// <returns>Why it could not; null where it is there.</returns>
    internal static Fault? Enter(NetworkNamespace within) => Native.SetNamespace(within.Descriptor, Native.CloneNewNet) != 0
        ? Fault.FromErrno(Native.LastError, $"nsenter --net={within.Path}", within.Path)
        : null;

    private static Outcome<T> ThereAndBack<T>(NetworkNamespace within, Func<Outcome<T>> work)
    {
        const string Own = "/proc/thread-self/ns/net";
        int home = Native.Open(Own, Native.OpenRead | Native.OpenCloexec, 0);
        if (home < 0)
            return Fault.FromErrno(Native.LastError, $"open {Own}", Own);
        using SafeFileHandle kept = new(home, ownsHandle: true);
        if (Enter(within) is { } refused)
            return refused;
        try
        {
            return work();
        }
        finally
        {
            // Anything done from here on would be done in somebody else's namespace.
            if (Native.SetNamespace(home, Native.CloneNewNet) != 0)
                Environment.FailFast($"this thread could not leave the network namespace {within.Path}");
        }
    }

    /// <summary>Runs work on a thread that ends afterwards.</summary>
    public static Outcome<T> OnOwnThread<T>(Func<Outcome<T>> work)
    {
        Outcome<T> result = default;
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception e)
            {
                // Carried to the caller's thread; an exception must not end the process from here.
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result : throw new InvalidOperationException("work on a thread of its own failed", failure);
    }

    public override IDisposable KeepOpen() => new Kept(_handle);

    protected override void Dispose(bool disposing) => _handle.Dispose();

    private ulong? ReadCookie()
    {
        // A descriptor that is closed meanwhile could be another namespace's by the time the thread enters it.
        using IDisposable kept = KeepOpen();
        return Run(this, SocketCookie).Or(null);
    }

    /// <summary>The cookie of the calling thread's namespace, from a socket that is closed at once: nothing keeps the namespace.</summary>
    private static unsafe Outcome<ulong?> SocketCookie()
    {
        const string Operation = "getsockopt SO_NETNS_COOKIE";
        int socket = Native.Socket(Native.AfNetlink, Native.SockRaw | Native.SockCloexec, 0);
        if (socket < 0)
            return Fault.FromErrno(Native.LastError, Operation, "netlink");
        ulong cookie = 0;
        uint length = sizeof(ulong);
        // SAFETY: both are locals of this frame, and the length is the number's size.
        int answer = Native.GetSocketOption(socket, Native.SolSocket, Native.NamespaceCookie, &cookie, &length);
        Errno errno = answer < 0 ? Native.LastError : Errno.None;
        _ = Native.Close(socket);
        return errno == Errno.None ? cookie : Fault.FromErrno(errno, Operation, "netlink");
    }

    /// <summary>
    /// A socket, a circle of links or a path without end names no namespace: the caller's mistake, not the kernel's refusal.
    /// </summary>
    private static Fault Unopened(string path, Errno errno) => errno is Errno.ENXIO or Errno.ELOOP or Errno.ENAMETOOLONG or Errno.ENOTDIR
        ? Fault.Usage($"{path} is not a network namespace: {errno.Describe()}", Hint, path) with { Errno = errno }
        : Fault.FromErrno(errno, $"open {path}", path) with { Remedy = Hint };

    private static unsafe ulong InodeOf(int descriptor)
    {
        // SAFETY: the buffer lives on this frame and has the size of struct statx.
        byte* room = stackalloc byte[Native.StatxSize];
        return Native.Statx(descriptor, "", Native.StatxEmptyPath, Native.StatxInode, room) == 0
            ? *(ulong*)(room + Native.StatxInodeOffset)
            : 0;
    }

    /// <summary>One more user of a handle.</summary>
    private sealed class Kept : IDisposable
    {
        private SafeFileHandle? _handle;

        public Kept(SafeFileHandle handle)
        {
            bool held = false;
            handle.DangerousAddRef(ref held);
            _handle = handle;
        }

        public void Dispose() => Interlocked.Exchange(ref _handle, null)?.DangerousRelease();
    }
}
