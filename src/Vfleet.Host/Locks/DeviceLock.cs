using Vfleet.Host.Inventory;
using Vfleet.Linux;

namespace Vfleet.Host.Locks;

/// <summary>
/// Keeps two processes from working on one device at once, by flock(2) on files below the state directory: changes of a PF's
/// number of VFs exclude everything on that PF, changes of a VF exclude others on that VF.
/// </summary>
internal sealed class DeviceLock : IDisposable
{
    private readonly List<FileStream> _files;

    private DeviceLock(List<FileStream> files) => _files = files;

    /// <summary>Where work under the lock notes what the kernel goes on with: the lock is given back after it.</summary>
    public UnendedWork Left { get; } = new();

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

    /// <summary>Gives the lock back: at once, or when the kernel has ended what it still works on.</summary>
    public void Dispose() => Left.WhenEnded(() =>
    {
        foreach (FileStream file in _files)
            file.Dispose();
    });

    private static async ValueTask<Outcome<DeviceLock>> TakeAllAsync(HostOptions options, IReadOnlyList<(string Name, bool IsShared)> names, CancellationToken cancel)
    {
        DeviceLock taken = new([]);
        bool isWhole = false;
        try
        {
            foreach ((string name, bool isShared) in names)
            {
                Fault late = Fault.TimedOut($"{name} is being changed by another process", null, "try again when it is done", name);
                LockPatience patience = new(options.LockDeadline, late);
                Outcome<FileStream> one = await StateLock.TakeAsync(options, name, isShared, patience, cancel).ConfigureAwait(false);
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
}
