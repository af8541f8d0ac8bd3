namespace Vfleet.Linux.Real;

/// <summary>Tells a file of bytes from links, devices, pipes and sockets, which the runtime does not tell apart.</summary>
public static class PlainFile
{
    /// <summary>Whether a path is a regular file itself; a symbolic link is none. Equivalent to <c>stat -c %F PATH</c> (inode(7)).</summary>
    /// <returns>Null where nothing is there.</returns>
    public static Outcome<bool?> Is(string path)
    {
        Outcome<FileStatus> read = FileStatus.Of(path);
        return read.Fault is { Errno: Errno.ENOENT } ? Outcome<bool?>.Of(null) : read.Map(status => (bool?)status.IsRegular);
    }
}
