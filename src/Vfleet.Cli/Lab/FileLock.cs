using Vfleet.Linux;

namespace Vfleet.Cli.Lab;

/// <summary>A lock between processes: flock(2) on a file, which is how .NET opens a file that it shares with nobody.</summary>
internal static class FileLock
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>The lock, or null where another process has it.</summary>
    internal static FileStream? TryTake(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException))
        {
            // "Used by another process" has no type of its own; other errors of a file in our own directory are not expected.
            return null;
        }
    }

    /// <summary>Waits for the lock until <paramref name="deadline"/> has passed.</summary>
    internal static async Task<FileStream> TakeAsync(
        string path, TimeSpan deadline, string what, IProgress<string> progress, TimeProvider time, CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        bool told = false;
        while (true)
        {
            if (TryTake(path) is { } taken)
                return taken;
            if (time.GetElapsedTime(start) > deadline)
                throw new LabException(Fault.TimedOut($"another vfleet still works on {what}", target: path));
            if (!told)
                progress.Report($"waiting for another vfleet that works on {what}");
            told = true;
            await Task.Delay(Poll, time, cancellation);
        }
    }
}
