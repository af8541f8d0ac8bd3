namespace Vfleet.Linux;

/// <summary>Error numbers of Linux on x86-64 and arm64. Source: include/uapi/asm-generic/errno-base.h and errno.h.</summary>
public enum Errno
{
#pragma warning disable CS1591 // the names are the documentation: errno(3)
    None = 0, EPERM = 1, ENOENT = 2, ESRCH = 3, EINTR = 4, EIO = 5, ENXIO = 6, E2BIG = 7, EBADF = 9, EAGAIN = 11, ENOMEM = 12,
    EACCES = 13, EFAULT = 14, EBUSY = 16, EEXIST = 17, EXDEV = 18, ENODEV = 19, ENOTDIR = 20, EISDIR = 21, EINVAL = 22, ENFILE = 23,
    EMFILE = 24, ENOTTY = 25, EFBIG = 27, ENOSPC = 28, EROFS = 30, EPIPE = 32, ERANGE = 34, ENAMETOOLONG = 36, ENOSYS = 38,
    ELOOP = 40, ENODATA = 61, EPROTO = 71, EBADMSG = 74, EOVERFLOW = 75, EMSGSIZE = 90, EPROTONOSUPPORT = 93, EOPNOTSUPP = 95,
    EAFNOSUPPORT = 97, EADDRINUSE = 98, EADDRNOTAVAIL = 99, ENETDOWN = 100, ENETUNREACH = 101, ENOBUFS = 105, ETIMEDOUT = 110, ECONNREFUSED = 111,
    EHOSTUNREACH = 113, EALREADY = 114, EINPROGRESS = 115, ESTALE = 116, ECANCELED = 125,
#pragma warning restore CS1591
}

/// <summary>Words for error numbers.</summary>
public static class ErrnoExtensions
{
    /// <summary>The symbol and what it says, such as <c>EBUSY, device or resource busy</c>.</summary>
    public static string Describe(this Errno errno) =>
        Enum.IsDefined(errno) ? $"{errno}, {Words(errno)}" : $"errno {(int)errno}, {Words(errno)}";

    private static string Words(Errno errno)
    {
        string text = System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage((int)errno);
        return text.Length > 1 && char.IsUpper(text[0]) && char.IsLower(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;
    }
}
