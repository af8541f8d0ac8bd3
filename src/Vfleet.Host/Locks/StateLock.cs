using Vfleet.Host.State;
using Vfleet.Linux;

namespace Vfleet.Host.Locks;

/// <summary>How long a lock is waited for, and what is said then.</summary>
/// <param name="Deadline">Longest wait.</param>
/// <param name="Late">The fault where another process has it still.</param>
/// <param name="Waiting">Is told once that it is waited for.</param>
public sealed record LockPatience(TimeSpan Deadline, Fault Late, Action? Waiting = null);

/// <summary>A lock between processes, by flock(2) on a file below <c>locks</c> in the state directory. It ends with its process.</summary>
public static class StateLock
{
    /// <summary>EWOULDBLOCK, which the runtime carries in an exception's HResult when flock(2) found the file locked.</summary>
    private const int HeldByAnother = (int)Errno.EAGAIN;

    /// <summary>Takes a lock; disposing the file gives it back.</summary>
    /// <param name="options">Where the state directory is, and the clock.</param>
    /// <param name="name">The lock's name.</param>
    /// <param name="isShared">Others may have it shared too.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public static async ValueTask<Outcome<FileStream>> TakeAsync(
        HostOptions options, string name, bool isShared, LockPatience patience, CancellationToken cancel)
    {
        string path = Path.Combine(options.StateDirectory, "locks", $"{FileName.Of(name)}.lock");
        long started = options.Time.GetTimestamp();
        for (bool isTold = false; ; isTold = true)
        {
            try
            {
                StateFolder.Make(options.StateDirectory, "locks");
                return isShared
                    ? StateFolder.Open(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read)
                    : StateFolder.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (UnauthorizedAccessException e)
            {
                // The runtime's only way to say EACCES.
                return CannotOpen(FaultKind.NotPermitted, path, "cannot be opened", e,
                    "run as root, or give a directory of your own with --state");
            }
            catch (IOException e) when (e.HResult != HeldByAnother)
            {
                // A full or read-only disk, or a file where a directory should be: waiting would not help.
                return CannotOpen(FaultKind.Kernel, path, "cannot be made; nothing was changed", e,
                    "make room or give another directory with --state");
            }
            catch (IOException e) when (options.Time.GetElapsedTime(started) >= patience.Deadline)
            {
                return patience.Late with { Cause = e.Message };
            }
            catch (IOException)
            {
                // Held by another process: waited for below.
            }
            if (!isTold)
                patience.Waiting?.Invoke();
            await Task.Delay(TimeSpan.FromMilliseconds(10), options.Time, cancel).ConfigureAwait(false);
        }
    }

    private static Fault CannotOpen(FaultKind kind, string path, string what, Exception e, string remedy) =>
        new(kind, $"the lock {path} {what}") { Cause = e.Message, Target = path, Remedy = remedy };
}
