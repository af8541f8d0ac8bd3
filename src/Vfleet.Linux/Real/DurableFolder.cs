namespace Vfleet.Linux.Real;

/// <summary>Makes a rename or removal in a directory survive a power cut; the runtime opens no directories.</summary>
public static class DurableFolder
{
    /// <summary>fsync(2) of the directory.</summary>
    public static Outcome<Unit> Sync(string folder)
    {
        int descriptor = Native.Open(folder, Native.OpenRead | Native.OpenCloexec, 0);
        if (descriptor < 0)
            return Fault.FromErrno(Native.LastError, $"sync {folder}", folder);
        Errno errno = Native.Sync(descriptor) == 0 ? Errno.None : Native.LastError;
        _ = Native.Close(descriptor);
        return errno == Errno.None ? Unit.Done : Fault.FromErrno(errno, $"sync {folder}", folder);
    }
}
