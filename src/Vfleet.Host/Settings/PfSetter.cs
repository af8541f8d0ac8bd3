using Vfleet.Host.Inventory;
using Vfleet.Host.Locks;
using Vfleet.Host.Naming;
using Vfleet.Linux;
using Vfleet.Linux.Generic.Devlink;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Settings;

/// <summary>
/// Sets what a PF has beside its VFs, and the MTU of interfaces. Each change holds the lock of its device and is read back.
/// </summary>
/// <param name="kernel">The kernel.</param>
/// <param name="options">Deadlines and the state directory.</param>
public sealed class PfSetter(IKernel kernel, HostOptions options)
{
    private readonly InventoryReader _inventory = new(kernel, options.ReadTimer);

    /// <summary>Sets the MTU of a PF. Equivalent to <c>ip link set PF mtu N</c>.</summary>
    /// <returns>Kernel where the driver takes another value, or none.</returns>
    public Task<Outcome<Unit>> SetMtuAsync(string name, int mtu, CancellationToken cancel = default) =>
        LockedAsync(name, async (pf, left) => pf.Name is null
            ? Fault.Unsupported($"{pf.Label} has no interface and no MTU", null, null, pf.Label)
            : await SetMtuAsync(pf.InterfaceIndex, pf.Name, mtu, left, cancel).ConfigureAwait(false), cancel);

    /// <summary>Sets the mode of the switch in the NIC. Equivalent to <c>devlink dev eswitch set DEV mode M</c>.</summary>
    /// <returns>Kernel where the driver has no such modes, or refuses.</returns>
    public Task<Outcome<Unit>> SetEswitchModeAsync(string name, EswitchMode mode, CancellationToken cancel = default) =>
        LockedAsync(name, async (pf, left) =>
        {
            if (!DevlinkClient.Open(kernel, left: left).Try(out DevlinkClient? devlink, out Fault? fault))
                return fault;
            using (devlink)
            {
                DevlinkHandle device = new(pf.Address is null ? "netdevsim" : "pci", pf.DeviceName);
                Outcome<Unit> set = await devlink.SetEswitchAsync(device, new EswitchChange { Mode = mode }, cancel).ConfigureAwait(false);
                if (set.Fault is not null)
                    return set;
                Outcome<EswitchInfo> read = await devlink.GetEswitchAsync(device, cancel).ConfigureAwait(false);
                if (!read.Try(out EswitchInfo? now, out fault))
                    return fault;
                return now.Mode == mode
                    ? Unit.Done
                    : Fault.Unsupported($"{pf.Label}: its eswitch is not in mode {DevlinkWords.Of(mode)} after it was set",
                        $"the driver reports {(now.Mode is { } other ? DevlinkWords.Of(other) : "no mode")}", null, pf.Label);
            }
        }, cancel);

    /// <summary>Sets the MTU of VFs' interfaces on the host. Equivalent to <c>ip link set DEV mtu N</c> for each.</summary>
    /// <returns>The first refusal; Refused where an interface is not on the host.</returns>
    public async Task<Outcome<Unit>> SetVfMtuAsync(IReadOnlyList<string> names, int mtu, CancellationToken cancel = default)
    {
        Outcome<IReadOnlyList<VfAmongSiblings>> found =
            await VfSearch.FindManyAsync(_inventory, names, VfDetail.None, cancel).ConfigureAwait(false);
        if (!found.Try(out IReadOnlyList<VfAmongSiblings>? places, out Fault? fault))
            return fault;
        Outcome<DeviceLock> locked = await DeviceLock.ForVfsAsync(options, places.Select(place => place.Vf), cancel).ConfigureAwait(false);
        if (!locked.Try(out DeviceLock? held, out fault))
            return fault;
        using (held)
        {
            // Looked at under the lock: another process may have moved one of them in between.
            found = await VfSearch.FindManyAsync(_inventory, names, VfDetail.None, cancel).ConfigureAwait(false);
            if (!found.Try(out places, out fault))
                return fault;
            foreach (VirtualFunction vf in places.Select(place => place.Vf))
            {
                if (vf.Link is not { } link || vf.NamespacePath is not null)
                    return Fault.Refused($"{vf.Label} has no interface on the host", "somebody took it, or its driver", null, vf.Label);
                Outcome<Unit> set = await SetMtuAsync(link.Index, link.Name, mtu, held.Left, cancel).ConfigureAwait(false);
                if (set.Fault is not null)
                    return set;
            }
            return Unit.Done;
        }
    }

    private async Task<Outcome<Unit>> SetMtuAsync(int index, string name, int mtu, UnendedWork left, CancellationToken cancel)
    {
        if (!RouteClient.Open(kernel, left: left).Try(out RouteClient? route, out Fault? fault))
            return fault;
        using (route)
        {
            Outcome<Unit> set = await route.ChangeLinkAsync(index, name, new LinkChange { Mtu = mtu }, cancel).ConfigureAwait(false);
            if (set.Fault is not null)
                return set;
            Outcome<LinkInfo> read = await route.GetLinkAsync(index, cancel: cancel).ConfigureAwait(false);
            if (!read.Try(out LinkInfo? now, out fault))
                return fault;
            return now.Mtu == mtu
                ? Unit.Done
                : Fault.Unsupported($"{name}: its MTU is {now.Mtu} after {mtu} was set", "the driver takes another one", null, name);
        }
    }

    private async Task<Outcome<Unit>> LockedAsync(
        string name, Func<PhysicalFunction, UnendedWork, Task<Outcome<Unit>>> work, CancellationToken cancel)
    {
        Outcome<PhysicalFunction> found = await FindAsync(name, cancel).ConfigureAwait(false);
        if (!found.Try(out PhysicalFunction? pf, out Fault? fault))
            return fault;
        Outcome<DeviceLock> locked = await DeviceLock.ForPfAsync(options, pf.DeviceName, cancel).ConfigureAwait(false);
        if (!locked.Try(out DeviceLock? held, out fault))
            return fault;
        using (held)
        {
            // Read again: an interface may have been made anew since.
            Outcome<PhysicalFunction> again = await FindAsync(pf.DeviceName, cancel).ConfigureAwait(false);
            return again.Try(out pf, out fault) ? await work(pf, held.Left).ConfigureAwait(false) : fault;
        }
    }

    private async Task<Outcome<PhysicalFunction>> FindAsync(string name, CancellationToken cancel)
    {
        Outcome<MachineInventory> read = await _inventory.ReadOfAsync([name], VfDetail.None, cancel).ConfigureAwait(false);
        return read.Try(out MachineInventory? all, out Fault? fault) ? DeviceNames.FindPf(all.Pfs, name) : fault;
    }
}
