namespace Vfleet.Linux.Real;

/// <summary>
/// Standard streams that whoever started this process closed. Their numbers would go to the next files that are opened, such as the ledger, and what
/// is printed into those. Equivalent to what glibc does for set-user-ID programs (csu/check_fds.c).
/// </summary>
public static class ClosedStreams
{
    private const int Output = 1, Last = 2;

    /// <summary>
    /// Gives each closed one a device: reading ends at once, a result that is printed counts as lost, a message goes nowhere. Before any other file
    /// is opened. The devices are opened past the runtime, which would lock them: anybody may hold a lock on /dev/null.
    /// </summary>
    public static void Fill()
    {
        // A machine without these devices has no streams to give; what is printed is lost as it was.
        while (Native.Open("/dev/null", Native.OpenReadWrite, 0) is >= 0 and var lowest)
        {
            if (lowest > Last)
            {
                _ = Native.Close(lowest);
                return;
            }
            if (lowest != Output)
                continue;
            _ = Native.Close(lowest);
            if (Native.Open("/dev/full", Native.OpenReadWrite, 0) < 0)
                return;
        }
    }
}
