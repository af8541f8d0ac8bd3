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
    /// <summary>What the runtime makes of flock(2) answering EWOULDBLOCK.</summary>
    private const int HeldByAnother = (int)Errno.EAGAIN;

    private readonly FileStream[] _files;

    private DeviceLock(FileStream[] files) => _files = files;

    /// <summary>For a change of the PF's number of VFs.</summary>
    public static async ValueTask<Outcome<DeviceLock>> ForPfAsync(HostOptions options, string pf, CancellationToken cancel)
    {
        Outcome<FileStream> taken = await TakeAsync(options, pf, shared: false, cancel).ConfigureAwait(false);
        return taken.Map(file => new DeviceLock([file]));
    }

    /// <summary>For a change of one VF.</summary>
    public static async ValueTask<Outcome<DeviceLock>> ForVfAsync(HostOptions options, string pf, int index, CancellationToken cancel)
    {
        Outcome<FileStream> first = await TakeAsync(options, pf, shared: true, cancel).ConfigureAwait(false);
        if (!first.Try(out FileStream? pfFile, out Fault? fault))
            return fault;
        Outcome<FileStream> second = await TakeAsync(options, $"{pf}-vf{index}", shared: false, cancel).ConfigureAwait(false);
        if (second.Try(out FileStream? vfFile, out fault))
            return new DeviceLock([vfFile, pfFile]);
        await pfFile.DisposeAsync().ConfigureAwait(false);
        return fault;
    }

    /// <summary>For a change of several VFs. Everybody takes locks in the same order, so nobody waits in a circle.</summary>
    public static async ValueTask<Outcome<DeviceLock>> ForVfsAsync(HostOptions options, IEnumerable<VirtualFunction> vfs, CancellationToken cancel)
    {
        List<FileStream> taken = [];
        foreach ((string pf, int index) in vfs.Select(vf => (vf.Pf.DeviceName, vf.Index)).Distinct().Order())
        {
            Outcome<DeviceLock> next = await ForVfAsync(options, pf, index, cancel).ConfigureAwait(false);
            if (!next.Try(out DeviceLock? held, out Fault? fault))
            {
                new DeviceLock([.. taken]).Dispose();
                return fault;
            }
            taken.AddRange(held._files);
        }
        return new DeviceLock([.. taken]);
    }

    public void Dispose()
    {
        foreach (FileStream file in _files)
            file.Dispose();
    }

    private static async ValueTask<Outcome<FileStream>> TakeAsync(HostOptions options, string name, bool shared, CancellationToken cancel)
    {
        string path = Path.Combine(options.StateDirectory, "locks", $"{FileName.Of(name)}.lock");
        long started = options.Time.GetTimestamp();
        while (true)
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                return shared
                    ? new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read)
                    : new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (UnauthorizedAccessException e)
            {
                // The runtime's only way to say EACCES.
                return new Fault(FaultKind.NotPermitted, $"the lock {path} cannot be opened") { Cause = e.Message, Target = path, Remedy = "run as root, or give a directory of your own with --state" };
            }
            catch (IOException e) when (e.HResult != HeldByAnother)
            {
                // The disk is full or read-only, or a file is where a directory should be: waiting changes nothing.
                return new Fault(FaultKind.Kernel, $"the lock {path} cannot be made; nothing was changed") { Cause = e.Message, Target = path, Remedy = "make room or give another directory with --state" };
            }
            catch (IOException e) when (options.Time.GetElapsedTime(started) >= options.LockDeadline)
            {
                // Held by another process all the time.
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
