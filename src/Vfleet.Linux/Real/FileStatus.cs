namespace Vfleet.Linux.Real;

/// <summary>What a file is, whose, and who may write it. Source: statx(2), inode(7).</summary>
/// <param name="Mode">Type and permissions.</param>
/// <param name="User">Number of the user it belongs to.</param>
/// <param name="Links">How many names it has.</param>
internal readonly record struct FileStatus(ushort Mode, uint User, uint Links)
{
    /// <summary>Permission bits of others, of group and others, and the bit that keeps a folder's users from each other's files.</summary>
    public const int OthersWrite = 0x2, GroupWrites = 0x10, Sticky = 0x200;

    private const int TypeMask = 0xF000, Folder = 0x4000, Regular = 0x8000, Link = 0xA000;

    public bool IsFolder => (Mode & TypeMask) == Folder;

    public bool IsRegular => (Mode & TypeMask) == Regular;

    public bool IsLink => (Mode & TypeMask) == Link;

    /// <summary>Of a path; a symbolic link is not followed. Equivalent to <c>stat PATH</c>.</summary>
    public static Outcome<FileStatus> Of(string path) => Read(Native.CurrentFolder, path, Native.StatxNoFollow, path);

    /// <summary>Of an open file.</summary>
    public static Outcome<FileStatus> Of(int descriptor, string path) => Read(descriptor, "", Native.StatxEmptyPath, path);

    private static unsafe Outcome<FileStatus> Read(int folder, string path, int flags, string shown)
    {
        // SAFETY: the buffer lives on this frame and has the size of struct statx; the offsets are that struct's.
        byte* room = stackalloc byte[Native.StatxSize];
        return Native.Statx(folder, path, flags, Native.StatxBasics, room) == 0
            ? new FileStatus(*(ushort*)(room + Native.StatxModeOffset), *(uint*)(room + Native.StatxUserOffset),
                *(uint*)(room + Native.StatxLinksOffset))
            : Fault.FromErrno(Native.LastError, $"stat {shown}", shown);
    }
}
