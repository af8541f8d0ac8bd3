namespace Vfleet.Linux.Real;

/// <summary>
/// Whether a folder is this user's alone, so that what lies in it can be trusted, and what is made there goes where it was meant. For paths
/// that somebody else chose.
/// </summary>
public static class OwnFolder
{
    private const uint Root = 0;

    /// <summary>
    /// Checks a folder and every folder above it: each belongs to this process's effective user or to root, nobody else may write it, and none
    /// is a symbolic link. One above may be everybody's where it is sticky (inode(7)), as /tmp is. What is not there yet can be made safely,
    /// but in such a one.
    /// </summary>
    /// <param name="path">Absolute, without "..".</param>
    /// <param name="groupMayWrite">A folder's group is trusted too, as with /var/log of many distributions.</param>
    /// <returns>Usage with the first folder that is not so.</returns>
    public static Outcome<Unit> Check(string path, bool groupMayWrite = false)
    {
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (!path.StartsWith('/') || parts.Contains("..") || parts.Contains("."))
            return Fault.Usage($"{path} is no absolute path without . and ..", "write the whole path", path);
        int foreign = FileStatus.OthersWrite | (groupMayWrite ? 0 : FileStatus.GroupWrites);
        string at = "";
        bool isShared = false;
        foreach (string part in parts)
        {
            (string above, at) = (at, $"{at}/{part}");
            if (!FileStatus.Of(at).Try(out FileStatus status, out Fault? fault))
            {
                if (fault.Errno != Errno.ENOENT)
                    return fault;
                return isShared
                    ? Fault.Usage($"{at} is not there, and everybody may make it in {above}", $"make it first: `mkdir -m 700 {at}`", path)
                    : Unit.Done;
            }
            if (Wrong(status) is { } wrong)
                return Fault.Usage($"{at} {wrong}", "name a folder that is its user's alone, and not through a link", path);
            isShared = (status.Mode & foreign) != 0;
            if (isShared && (status.Mode & FileStatus.Sticky) == 0)
                return Writable(at, path);
        }
        return isShared ? Writable(at, path) : Unit.Done;
    }

    private static string? Wrong(FileStatus status) => status switch
    {
        { IsLink: true } => "is a symbolic link",
        { IsFolder: false } => "is no folder",
        _ when status.User != Root && status.User != Native.EffectiveUser() => $"belongs to user {status.User}",
        _ => null,
    };

    private static Fault Writable(string at, string path) =>
        Fault.Usage($"{at} may be written by others than its user", $"take that from them: `chmod go-w {at}`", path);
}
