namespace Vfleet.Linux;

/// <summary>What a caller must do about a <see cref="Fault"/>; the value is the exit code of <c>vfleet</c>.</summary>
public enum FaultKind
{
    /// <summary>Our own defect.</summary>
    Internal = 1,

    /// <summary>Wrong usage, or a value out of range, the device's limits included.</summary>
    Usage = 2,

    /// <summary>No such PF, VF, namespace or file.</summary>
    NotFound = 3,

    /// <summary>Refused by Vfleet: in use, would destroy something, unsafe.</summary>
    Refused = 4,

    /// <summary>The driver or the kernel cannot do it, or said no.</summary>
    Kernel = 5,

    /// <summary>The caller lacks a privilege.</summary>
    NotPermitted = 6,

    /// <summary>A deadline passed; trying again may succeed.</summary>
    TimedOut = 7,
}

/// <summary>An expected failure, as a value: what failed, why, and what to do about it.</summary>
/// <param name="Kind">The class of the failure, and so the exit code.</param>
/// <param name="Error">One sentence without a full stop: what was wrong, and where.</param>
public sealed record Fault(FaultKind Kind, string Error)
{
    /// <summary>Why it happened, as far as it is known; never a guess.</summary>
    public string? Cause { get; init; }

    /// <summary>What the reader can do now.</summary>
    public string? Remedy { get; init; }

    /// <summary>The kernel operation that failed, as the command it equals, or the name of ours.</summary>
    public string? Operation { get; init; }

    /// <summary>The PF, VF, namespace or path it was about.</summary>
    public string? Target { get; init; }

    /// <summary>The kernel's error number, where the kernel answered.</summary>
    public Errno? Errno { get; init; }

    /// <summary>
    /// True where the same call may succeed later without any change: EAGAIN, EINTR, EBUSY, ENOBUFS, or a passed deadline.
    /// </summary>
    public bool IsTransient => Kind == FaultKind.TimedOut
        || Errno is Linux.Errno.EAGAIN or Linux.Errno.EINTR or Linux.Errno.EBUSY or Linux.Errno.ENOBUFS;

    /// <summary>A fault for an error number of the kernel.</summary>
    /// <param name="errno">The kernel's answer.</param>
    /// <param name="operation">The operation, as the command it equals.</param>
    /// <param name="target">What it was about.</param>
    /// <param name="detail">The kernel's extended acknowledgement, where it sent one.</param>
    public static Fault FromErrno(Errno errno, string operation, string target, string? detail = null) =>
        new(KindOf(errno), detail is null ? $"{operation}: {errno.Describe()}" : $"{operation}: {detail} ({errno.Describe()})")
        {
            Operation = operation,
            Target = target,
            Errno = errno,
            Cause = detail,
        };

    /// <summary>Wrong usage or a value out of range.</summary>
    public static Fault Usage(string error, string? remedy = null, string? target = null) =>
        new(FaultKind.Usage, error) { Remedy = remedy, Target = target };

    /// <summary>Something that was named does not exist.</summary>
    public static Fault NotFound(string error, string? remedy = null, string? target = null) =>
        new(FaultKind.NotFound, error) { Remedy = remedy, Target = target };

    /// <summary>Refused because it is unsafe now.</summary>
    public static Fault Refused(string error, string? cause = null, string? remedy = null, string? target = null) =>
        new(FaultKind.Refused, error) { Cause = cause, Remedy = remedy, Target = target };

    /// <summary>A deadline passed.</summary>
    public static Fault TimedOut(string error, string? cause = null, string? remedy = null, string? target = null) =>
        new(FaultKind.TimedOut, error) { Cause = cause, Remedy = remedy, Target = target };

    /// <summary>The driver cannot do this; foreseen or answered by the kernel.</summary>
    public static Fault Unsupported(string error, string? cause = null, string? remedy = null, string? target = null) =>
        new(FaultKind.Kernel, error) { Cause = cause, Remedy = remedy, Target = target };

    private static FaultKind KindOf(Errno errno) => errno switch
    {
        Linux.Errno.EPERM or Linux.Errno.EACCES => FaultKind.NotPermitted,
        Linux.Errno.ENOENT or Linux.Errno.ENODEV or Linux.Errno.ESRCH => FaultKind.NotFound,
        Linux.Errno.ETIMEDOUT => FaultKind.TimedOut,
        _ => FaultKind.Kernel,
    };
}
