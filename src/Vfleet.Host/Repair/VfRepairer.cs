using Vfleet.Host.Attach;
using Vfleet.Host.Drivers;
using Vfleet.Host.Inventory;
using Vfleet.Host.Locks;
using Vfleet.Host.Settings;
using Vfleet.Host.Usage;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Repair;

/// <summary>Puts a VF back into the state its owner got it in, after somebody changed it by hand: settings, driver, namespace, name, MTU.</summary>
/// <param name="kernel">The kernel.</param>
/// <param name="options">Deadlines and the state directory.</param>
public sealed class VfRepairer(IKernel kernel, HostOptions options)
{
    private readonly InventoryReader _inventory = new(kernel, options.ReadTimer);

    /// <summary>Looks at the VF under its lock and puts back what differs.</summary>
    /// <param name="held">The state it has to be in.</param>
    /// <param name="isStillHeld">Asked under the lock: false where the VF has gone to somebody else since, and then nothing is done.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>What differed, in words; empty where nothing did.</returns>
    public async Task<Outcome<IReadOnlyList<string>>> RepairAsync(HeldState held, Func<bool> isStillHeld, CancellationToken cancel = default)
    {
        Outcome<LockedVf> locked = await LockedVf.TakeAsync(kernel, options, held.Vf, VfDetail.Settings, cancel).ConfigureAwait(false);
        if (!locked.Try(out LockedVf? mine, out Fault? fault))
            return fault;
        using (mine)
        {
            IReadOnlyList<string> differences = isStillHeld() ? held.Differences(kernel, mine.Vf) : [];
            if (differences.Count == 0)
                return Outcome<IReadOnlyList<string>>.Of(differences);
            return await RepairAsync(held, mine.Vf, mine.Left, cancel).ConfigureAwait(false) is { } failed
                ? failed with { Cause = $"{string.Join("; ", differences)}{(failed.Cause is null ? "" : $"; {failed.Cause}")}" }
                : Outcome<IReadOnlyList<string>>.Of(differences);
        }
    }

    private ValueTask<Outcome<VfAmongSiblings>> FindAsync(string name, CancellationToken cancel) =>
        Naming.VfSearch.FindAsync(_inventory, name, VfDetail.Settings, cancel);

    private async Task<Fault?> RepairAsync(HeldState held, VirtualFunction vf, UnendedWork left, CancellationToken cancel)
    {
        // Settings first: an interface must not come into its namespace with another VLAN than its owner's.
        if (vf.Settings is { } now)
        {
            VfSettings wanted = DriverLimits.ForRestore(vf.Pf.Driver, held.State, now).Except(now);
            if ((await new SettingsWriter(kernel, options, left).WriteAsync(vf, [], wanted, force: true, cancel).ConfigureAwait(false)).Fault is { } refused)
                return refused;
        }
        if (held.State.Driver is { } driver && vf.Driver != driver)
        {
            Outcome<VirtualFunction> bound = await BindAsync(vf, driver, left, cancel).ConfigureAwait(false);
            if (!bound.Try(out VirtualFunction? again, out Fault? fault))
                return fault;
            vf = again;
            // A driver that chooses an address chooses another one each time, and its owner's peers know the one it had.
            if (vf is { Link: not null, NamespacePath: null } && MacAddress.TryParse(held.State.Mac, out MacAddress mac))
            {
                bool isSetThroughPf = vf.Settings?.Mac is { IsZero: false } admin && admin != vf.Link!.Mac;
                Outcome<LinkInfo> named = await new MacApplier(kernel, options, left).ApplyAsync(vf, mac, isSetThroughPf, cancel).ConfigureAwait(false);
                if (!named.Try(out LinkInfo? link, out fault))
                    return fault;
                vf = vf with { Link = link };
            }
        }
        if (held.State.Name is null)
            return null;
        return vf.Link is not null
            ? await PlaceAsync(held, vf, left, cancel).ConfigureAwait(false)
            : Fault.Refused($"{vf.Label}: its interface cannot be found", "it is in a namespace without a path, or its driver made none",
                "look at it with `vfleet vf show`", vf.Label);
    }

    private async Task<Outcome<VirtualFunction>> BindAsync(VirtualFunction vf, string driver, UnendedWork left, CancellationToken cancel)
    {
        if (vf.Address is not { } address)
            return Fault.Unsupported($"{vf.Label} is no PCI device and has no driver", null, null, vf.Label);
        if (!new VfUsage(kernel, options).WorkOn(vf).Try(out string? use, out Fault? unknown))
            return unknown;
        if (use is not null)
            return Fault.Refused($"{vf.Label} has driver {vf.Driver ?? "none"} instead of {driver}, and is in use", use, "end what uses it", vf.Label);
        Outcome<IReadOnlyList<(PciAddress Vf, Fault Reason)>> bound =
            await new VfDrivers(kernel, options, left).BindAsync(vf.Pf, [address], driver, null, cancel).ConfigureAwait(false);
        if (!bound.Try(out IReadOnlyList<(PciAddress Vf, Fault Reason)>? failed, out Fault? fault))
            return fault;
        if (failed.Count > 0)
            return failed[0].Reason;
        return (await FindAsync(vf.Label, cancel).ConfigureAwait(false)).Map(place => place.Vf);
    }

    /// <summary>Into the right namespace, by way of this process's own, under its name.</summary>
    private async Task<Fault?> PlaceAsync(HeldState held, VirtualFunction vf, UnendedWork left, CancellationToken cancel)
    {
        if (held.NamespacePath is not { } path)
            return await ChangeAsync(null, vf.Link!, held, left, cancel).ConfigureAwait(false);
        if (!kernel.OpenNamespace(path).Try(out NetworkNamespace? target, out Fault? fault))
            return fault;
        using (target)
        {
            if (HeldState.IsSame(kernel, vf.NamespacePath, path))
                return await ChangeAsync(target, vf.Link!, held, left, cancel).ConfigureAwait(false);
            LinkInfo link = vf.Link!;
            if (vf.NamespacePath is not null)
            {
                Outcome<LinkInfo> here = await BringHereAsync(vf, left, cancel).ConfigureAwait(false);
                if (!here.Try(out LinkInfo? brought, out fault))
                    return fault;
                link = brought;
            }
            AttachRequest request = new()
            {
                Vf = held.Vf,
                NamespacePath = path,
                InterfaceName = held.State.Name!,
                Addresses = held.Addresses,
                Mtu = held.State.Mtu,
            };
            return (await LinkMover.MoveInAsync(kernel, link, request, target, left, cancel).ConfigureAwait(false)).Fault;
        }
    }

    private async Task<Outcome<LinkInfo>> BringHereAsync(VirtualFunction vf, UnendedWork left, CancellationToken cancel)
    {
        if (!kernel.OpenNamespace(vf.NamespacePath!).Try(out NetworkNamespace? from, out Fault? fault))
            return fault;
        using (from)
        {
            if (!kernel.OpenNamespace(options.OwnNamespacePath).Try(out NetworkNamespace? own, out fault))
                return fault;
            using (own)
            {
                Outcome<string> moved = await LinkMover.MoveOutAsync(kernel, from, vf.Link!, own, $"vf{vf.Index}", left, cancel).ConfigureAwait(false);
                if (!moved.Try(out string? name, out fault) || !RouteClient.Open(kernel).Try(out RouteClient? route, out fault))
                    return fault;
                using (route)
                    return await route.GetLinkAsync(name, cancel: cancel).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Name and MTU where it is. The kernel renames an interface that is up since 6.2; an older one is taken down for it.</summary>
    private async Task<Fault?> ChangeAsync(
        NetworkNamespace? within, LinkInfo link, HeldState held, UnendedWork left, CancellationToken cancel)
    {
        LinkChange change = new()
        {
            Name = link.Name == held.State.Name ? null : held.State.Name,
            Mtu = held.State.Mtu == link.Mtu ? null : held.State.Mtu,
        };
        if (change is { Name: null, Mtu: null })
            return null;
        if (!RouteClient.Open(kernel, within, left).Try(out RouteClient? route, out Fault? fault))
            return fault;
        using (route)
        {
            Outcome<Unit> changed = await route.ChangeLinkAsync(link.Index, link.Name, change, cancel).ConfigureAwait(false);
            if (changed.Fault?.Errno != Errno.EBUSY)
                return changed.Fault;
            // In a request of its own: the kernel takes name and MTU before the flag (do_setlink, net/core/rtnetlink.c).
            Outcome<Unit> down = await route.ChangeLinkAsync(link.Index, link.Name, new LinkChange { Up = false }, cancel).ConfigureAwait(false);
            if (down.Fault is not null)
                return down.Fault;
            changed = await route.ChangeLinkAsync(link.Index, link.Name, change, CancellationToken.None).ConfigureAwait(false);
            Outcome<Unit> up = await route.ChangeLinkAsync(link.Index, link.Name, new LinkChange { Up = true }, CancellationToken.None).ConfigureAwait(false);
            return changed.Fault ?? up.Fault;
        }
    }
}
