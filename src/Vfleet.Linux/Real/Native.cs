using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Vfleet.Linux.Real;

/// <summary>
/// System calls by their manual-page names. Each returns -1 and sets errno on failure; <see cref="LastError"/> reads it.
/// Numbers are those of x86-64 and arm64 alike. SAFETY: every pointer is a pinned span or a local of the caller.
/// </summary>
internal static unsafe partial class Native
{
    public const int AfInet = 2, AfInet6 = 10, AfNetlink = 16, AfPacket = 17, SockRaw = 3, SockDgram = 2, SockStream = 1, SockCloexec = 0x80000, SockNonblock = 0x800;
    public const int OpenRead = 0, OpenWrite = 1, OpenReadWrite = 2;
    public const int OpenNonblock = 0x800, OpenCloexec = 0x80000, OpenCreate = 0x40, OpenExclusive = 0x80, OpenAppend = 0x400;
    public const int MessagePeek = 2, MessageTruncate = 0x20, MessageDontWait = 0x40;
    public const int SolNetlink = 270, NetlinkAddMembership = 1, NetlinkCapAck = 10, NetlinkExtAck = 11;
    public const int SolPacket = 263, PacketIgnoreOutgoing = 23;
    public const int SolSocket = 1, NamespaceCookie = 71;
    public const int CloneNewNet = 0x40000000;
    public const uint NamespaceGetType = 0xb703;
    public const ulong MountBind = 0x1000, MountShared = 1 << 20, MountRecursive = 0x4000;
    public const int UnmountDetach = 2;
    public const int StatxSize = 256, StatxEmptyPath = 0x1000, StatxNoFollow = 0x100, CurrentFolder = -100;
    public const int StatxInode = 0x100, StatxBasics = 0xF, StatxLinksOffset = 16, StatxUserOffset = 20, StatxModeOffset = 28, StatxInodeOffset = 32;

    /// <summary>O_NOFOLLOW, the one of these numbers that arm64 has otherwise (arch/arm64/include/uapi/asm/fcntl.h).</summary>
    public static int OpenNoFollow => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    /// <summary>Error number of the last call on this thread.</summary>
    public static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

    /// <summary>socket(2).</summary>
    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int domain, int type, int protocol);

    /// <summary>bind(2).</summary>
    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int descriptor, void* address, uint length);

    /// <summary>setsockopt(2).</summary>
    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetSocketOption(int descriptor, int level, int name, int* value, uint length);

    /// <summary>getsockopt(2); <paramref name="length"/> is the room, then what was written.</summary>
    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetSocketOption(int descriptor, int level, int name, void* value, uint* length);

    /// <summary>send(2).</summary>
    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int descriptor, byte* buffer, nuint length, int flags);

    /// <summary>recv(2).</summary>
    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int descriptor, byte* buffer, nuint length, int flags);

    /// <summary>open(2).</summary>
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);

    /// <summary>memfd_create(2).</summary>
    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int CreateMemoryFile(string name, uint flags);

    /// <summary>close(2).</summary>
    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    /// <summary>read(2).</summary>
    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, byte* buffer, nuint length);

    /// <summary>write(2).</summary>
    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, byte* buffer, nuint length);

    /// <summary>fsync(2).</summary>
    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(int descriptor);

    /// <summary>readlink(2).</summary>
    [LibraryImport("libc", EntryPoint = "readlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint ReadLink(string path, byte* buffer, nuint length);

    /// <summary>access(2).</summary>
    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Access(string path, int mode);

    /// <summary>ioctl(2) without an argument.</summary>
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Ioctl(int descriptor, nuint request, nint argument);

    /// <summary>setns(2).</summary>
    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    public static partial int SetNamespace(int descriptor, int type);

    /// <summary>unshare(2).</summary>
    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    public static partial int Unshare(int flags);

    /// <summary>mount(2).</summary>
    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Mount(string source, string target, string type, ulong flags, nint data);

    /// <summary>statx(2).</summary>
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Statx(int folder, string path, int flags, uint mask, byte* result);

    /// <summary>umount2(2).</summary>
    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unmount(string target, int flags);

    /// <summary>chown(2); all ones leave user or group as it is.</summary>
    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeOwner(string path, uint user, uint group);

    /// <summary>geteuid(2); cannot fail.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    /// <summary>getppid(2); cannot fail.</summary>
    [LibraryImport("libc", EntryPoint = "getppid")]
    public static partial int ParentProcess();

    /// <summary>getpgrp(2); cannot fail.</summary>
    [LibraryImport("libc", EntryPoint = "getpgrp")]
    public static partial int ProcessGroup();

    /// <summary>tcgetpgrp(3).</summary>
    [LibraryImport("libc", EntryPoint = "tcgetpgrp", SetLastError = true)]
    public static partial int TerminalGroup(int descriptor);

    /// <summary>kill(2).</summary>
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int process, int signal);

    /// <summary>signal(2); 0 is the default action.</summary>
    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    public static partial nint SetSignal(int signal, nint action);

    /// <summary>prctl(2).</summary>
    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    public static partial int ControlProcess(int operation, nuint second, nuint third, nuint fourth, nuint fifth);

    /// <summary>execvp(3); the arguments end with a null pointer.</summary>
    [LibraryImport("libc", EntryPoint = "execvp", SetLastError = true)]
    public static partial int Execute(byte* file, byte** arguments);
}
