using System.Globalization;

namespace Vfleet.Linux.Real;

/// <summary>
/// Programs that have the other end of a pipe. A child's children that outlive it are nobody's children any more: what they still hold of it
/// is the way to find them.
/// </summary>
public static class PipeHolders
{
    /// <summary>Ends each process, but this one, that has a pipe open. Equivalent to <c>fuser -k</c> on it (proc_pid_fd(5)).</summary>
    /// <param name="descriptor">An end of the pipe in this process.</param>
    public static void End(int descriptor)
    {
        IFileTree files = new LinuxKernel().Files;
        // Only a pipe is one program's: whatever else stands there may be anybody's.
        if (files.ReadLink($"/proc/self/fd/{descriptor}").Or(null) is not { } pipe || !pipe.StartsWith("pipe:[", StringComparison.Ordinal))
            return;
        foreach (string entry in files.List("/proc").Or(null) ?? [])
        {
            if (!int.TryParse(entry, NumberStyles.None, CultureInfo.InvariantCulture, out int process) || process == Environment.ProcessId)
                continue;
            // One that ended meanwhile, or may not be looked at, has nothing of ours that could be seen.
            IReadOnlyList<string> open = files.List($"/proc/{entry}/fd").Or(null) ?? [];
            if (open.Any(each => files.ReadLink($"/proc/{entry}/fd/{each}").Or(null) == pipe))
                ProcessSignal.Kill(process);
        }
    }
}
