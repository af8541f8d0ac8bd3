using Microsoft.Win32.SafeHandles;

namespace Vfleet.Cli.Output;

/// <summary>
/// Standard streams that whoever started this process closed. Their numbers would go to the next files that are opened, such as the ledger, and what
/// is printed into those. Equivalent to what glibc does for set-user-ID programs (csu/check_fds.c).
/// </summary>
internal static class ClosedStreams
{
    private const int Output = 1, Last = 2;

    // Never closed: they are this process's streams from now on.
    private static readonly List<SafeFileHandle> Filled = [];

    /// <summary>
    /// Gives each closed one a device: reading ends at once, a result that is printed counts as lost, a message goes nowhere. Before any other file
    /// is opened.
    /// </summary>
    public static void Fill()
    {
        while (true)
        {
            SafeFileHandle lowest = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite);
            int number = (int)lowest.DangerousGetHandle();
            if (number == Output)
            {
                lowest.Dispose();
                lowest = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.ReadWrite);
            }
            if (number > Last)
            {
                lowest.Dispose();
                return;
            }
            Filled.Add(lowest);
        }
    }
}
