using Vfleet.Host.Inventory;
using Vfleet.Host.State;
using Vfleet.Linux;

namespace Vfleet.Host.Locks;

/// <summary>
/// Keeps two processes from working on one device at once, by flock(2) on files below the state directory: changes of a PF's
/// number of VFs exclude everything on that PF, changes of a VF exclude others on that VF.
/// </summary>
internal sealed class DeviceLock : IDisposable
{
    /// <summary>EWOULDBLOCK, which the runtime carries in an exception's HResult when flock(2) found the file locked.</summary>
    private const int HeldByAnother = (int)Errno.EAGAIN;
    private readonly List<FileStream> _files;

    private DeviceLock(List<FileStream> files) => _files = files;

    /// <summary>For a change of the PF's number of VFs.</summary>
    public static ValueTask<Outcome<DeviceLock>> ForPfAsync(HostOptions options, string pf, CancellationToken cancel) =>
        TakeAllAsync(options, [(pf, false)], cancel);

    /// <summary>For a change of one VF.</summary>
    public static ValueTask<Outcome<DeviceLock>> ForVfAsync(HostOptions options, string pf, int index, CancellationToken cancel) =>
        TakeAllAsync(options, [(pf, true), ($"{pf}-vf{index}", false)], cancel);

    /// <summary>For a change of many VFs. Everybody takes them in the same order, so that nobody waits in a circle.</summary>
    public static ValueTask<Outcome<DeviceLock>> ForVfsAsync(HostOptions options, IEnumerable<VirtualFunction> vfs, CancellationToken cancel)
    {
        List<(string Name, bool IsShared)> names = [];
        foreach (IGrouping<string, int> pf in vfs.GroupBy(vf => vf.Pf.DeviceName, vf => vf.Index).OrderBy(pf => pf.Key, StringComparer.Ordinal))
        {
            names.Add((pf.Key, true));
            names.AddRange(pf.Distinct().Order().Select(index => ($"{pf.Key}-vf{index}", false)));
        }
        return TakeAllAsync(options, names, cancel);
    }

    public void Dispose()
    {
        foreach (FileStream file in _files)
            file.Dispose();
    }

    private static async ValueTask<Outcome<DeviceLock>> TakeAllAsync(HostOptions options, IReadOnlyList<(string Name, bool IsShared)> names, CancellationToken cancel)
    {
        DeviceLock taken = new([]);
        bool isWhole = false;
        try
        {
            foreach ((string name, bool isShared) in names)
            {
                Outcome<FileStream> one = await TakeAsync(options, name, isShared, cancel).ConfigureAwait(false);
                if (!one.Try(out FileStream? file, out Fault? fault))
                    return fault;
                taken._files.Add(file);
            }
            isWhole = true;
            return taken;
        }
        finally
        {
            // Also when the caller gave up waiting: a lock that is kept by accident lasts as long as this process.
            if (!isWhole)
                taken.Dispose();
        }
    }

    private static async ValueTask<Outcome<FileStream>> TakeAsync(HostOptions options, string name, bool shared, CancellationToken cancel)
    {
        string path = Path.Combine(options.StateDirectory, "locks", $"{FileName.Of(name)}.lock");
        long started = options.Time.GetTimestamp();
        while (true)
        {
            try
            {
                StateFolder.Make(options.StateDirectory, "locks");
                return shared
                    ? StateFolder.Open(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read)
                    : StateFolder.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (UnauthorizedAccessException e)
            {
                // The runtime's only way to say EACCES.
                return new Fault(FaultKind.NotPermitted, $"the lock {path} cannot be opened") { Cause = e.Message, Target = path, Remedy = "run as root, or give a directory of your own with --state" };
            }
            catch (IOException e) when (e.HResult != HeldByAnother)
            {
                // A full or read-only disk, or a file where a directory should be: waiting would not help.
                return new Fault(FaultKind.Kernel, $"the lock {path} cannot be made; nothing was changed") { Cause = e.Message, Target = path, Remedy = "make room or give another directory with --state" };
            }
            catch (IOException e) when (options.Time.GetElapsedTime(started) >= options.LockDeadline)
            {
                return Fault.TimedOut($"{name} is being changed by another process", e.Message, "try again when it is done", name);
            }
            catch (IOException)
            {
                // Held by another process: waited for below.
            }
            await Task.Delay(TimeSpan.FromMilliseconds(10), options.Time, cancel).ConfigureAwait(false);
        }
    }
}
