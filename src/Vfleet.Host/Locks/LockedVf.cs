using Vfleet.Host.Inventory;
using Vfleet.Host.Naming;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Locks;

/// <summary>One VF, locked and then read: what every change of a VF begins with. Disposing it gives the lock back.</summary>
internal sealed class LockedVf : IDisposable
{
    private readonly DeviceLock _held;

    private LockedVf(DeviceLock held, VfAmongSiblings place)
    {
        _held = held;
        Place = place;
    }

    /// <summary>The VF as it was read under the lock, with every VF of its PF.</summary>
    public VfAmongSiblings Place { get; }

    /// <summary>The VF as it was read under the lock.</summary>
    public VirtualFunction Vf => Place.Vf;

    /// <summary>Where work under the lock notes what the kernel goes on with.</summary>
    public UnendedWork Left => _held.Left;

    /// <summary>Finds, locks and reads a VF.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="options">Deadlines and the state directory.</param>
    /// <param name="name">The VF as people call it.</param>
    /// <param name="detail">How much to read of settings.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public static async ValueTask<Outcome<LockedVf>> TakeAsync(
        IKernel kernel, HostOptions options, string name, VfDetail detail, CancellationToken cancel)
    {
        if (!(await VfKey.FindAsync(kernel, options, name, cancel).ConfigureAwait(false)).Try(out VfKey key, out Fault? fault))
            return fault;
        Outcome<DeviceLock> locked = await DeviceLock.ForVfAsync(options, key.Pf, key.Index, cancel).ConfigureAwait(false);
        if (!locked.Try(out DeviceLock? held, out fault))
            return fault;
        LockedVf? taken = null;
        try
        {
            Outcome<VfAmongSiblings> read = await VfSearch.FindAsync(new InventoryReader(kernel, options.ReadTimer), name, detail, cancel).ConfigureAwait(false);
            if (!read.Try(out VfAmongSiblings? place, out fault))
                return fault;
            if (VfKey.Of(place.Vf) != key)
                return Fault.Refused($"{name} stands for another VF than a moment ago", "an interface was renamed meanwhile", "name the VF by its PCI address", name);
            return taken = new LockedVf(held, place);
        }
        finally
        {
            // Also when the caller gave up waiting: a lock that is kept by accident lasts as long as this process.
            if (taken is null)
                held.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _held.Dispose();
}
