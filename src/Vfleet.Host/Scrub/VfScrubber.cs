using Vfleet.Host.Attach;
using Vfleet.Host.Drivers;
using Vfleet.Host.Inventory;
using Vfleet.Host.Locks;
using Vfleet.Host.Naming;
using Vfleet.Host.State;
using Vfleet.Host.Usage;
using Vfleet.Host.Warm;
using Vfleet.Linux;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Scrub;

/// <summary>A VF to clean.</summary>
/// <param name="Vf">The VF as it is called.</param>
/// <param name="Clean">The state it has to be in afterwards.</param>
/// <param name="IsWarm">It may have been made ready for an owner: its interface goes down, if it is not up when clean, and speaks again.</param>
public sealed record ScrubOrder(string Vf, Baseline Clean, bool IsWarm = false);

/// <summary>How a scrub ended.</summary>
/// <param name="Vf">The VF.</param>
/// <param name="Fault">Null for a VF that is clean; else what could not be done, or what still differs when it was read back.</param>
public sealed record ScrubResult(string Vf, Fault? Fault);

/// <summary>
/// Makes VFs clean for their next owner: function-level reset, everything to the clean state, read back. A VF with its native driver is taken off
/// it meanwhile, because a reset takes the driver's queues away under its feet; one on vfio-pci is reset through VFIO beside the others.
/// </summary>
/// <param name="kernel">The kernel.</param>
/// <param name="options">Deadlines and the state directory.</param>
public sealed class VfScrubber(IKernel kernel, HostOptions options)
{
    /// <summary>Cleans VFs side by side.</summary>
    /// <param name="orders">The VFs, each once.</param>
    /// <param name="resets">Resets the functions too; false writes and reads settings only.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>One result each, in the order given.</returns>
    public async Task<Outcome<IReadOnlyList<ScrubResult>>> ScrubAsync(
        IReadOnlyList<ScrubOrder> orders, bool resets, CancellationToken cancel = default)
    {
        string[] names = [.. orders.Select(order => order.Vf)];
        Outcome<IReadOnlyList<VfAmongSiblings>> found = await FindAsync(names, cancel, VfDetail.None).ConfigureAwait(false);
        if (!found.Try(out IReadOnlyList<VfAmongSiblings>? places, out Fault? fault))
            return fault;
        Outcome<DeviceLock> locked = await DeviceLock.ForVfsAsync(options, places.Select(place => place.Vf), cancel).ConfigureAwait(false);
        if (!locked.Try(out DeviceLock? held, out fault))
            return fault;
        using (held)
        {
            // Read again under the lock: another process may have given one of them another driver in between.
            found = await FindAsync(names, cancel).ConfigureAwait(false);
            if (!found.Try(out places, out fault))
                return fault;
            // By one name each, however the caller called them.
            orders = [.. orders.Zip(places, (order, place) => order with { Vf = place.Vf.Label })];
            Dictionary<string, Fault> failed = new(StringComparer.Ordinal);
            VirtualFunction[] vfs = [.. places.Select(place => place.Vf)];
            if (resets)
                await ResetAsync(vfs, failed, held.Left, cancel).ConfigureAwait(false);
            if (await CoolAsync(orders, failed, held.Left, cancel).ConfigureAwait(false) is { } notCool)
                return notCool;
            Outcome<IReadOnlyList<ScrubResult>> seen = await CompareAsync(orders, failed, cancel).ConfigureAwait(false);
            if (!seen.Try(out IReadOnlyList<ScrubResult>? results, out fault))
                return fault;
            ScrubOrder[] left = [.. orders.Where((order, i) => !failed.ContainsKey(order.Vf)
                && (results[i].Fault is not null || IsMore(order.Clean)))];
            if (left.Length == 0)
                return seen;
            Detacher detacher = new(kernel, options);
            // Most VFs are clean by now: only what differs is read and written for itself.
            await Task.WhenAll(left.Select(async order =>
            {
                if (await detacher.RestoreToAsync(order.Vf, order.Clean, held.Left, cancel).ConfigureAwait(false) is { } refused)
                {
                    lock (failed)
                        failed[order.Vf] = refused;
                }
            })).ConfigureAwait(false);
            return await CompareAsync(orders, failed, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// True for a clean state with what no comparison asks for, and a reset takes away: an interface that is up, hears every group, or has addresses.
    /// </summary>
    private static bool IsMore(Baseline clean) => clean.IsUp || clean.IsAllMulticast == true || clean.Addresses.Count > 0;

    private ValueTask<Outcome<IReadOnlyList<VfAmongSiblings>>> FindAsync(
        IReadOnlyList<string> names, CancellationToken cancel, VfDetail detail = VfDetail.Settings) =>
        VfSearch.FindManyAsync(new InventoryReader(kernel, options.ReadTimer), names, detail, cancel);

    private async Task ResetAsync(
        IReadOnlyList<VirtualFunction> vfs, Dictionary<string, Fault> failed, UnendedWork left, CancellationToken cancel)
    {
        // From here to the end nothing is given up: a VF must not stay without its driver. Each step has a deadline of its own.
        cancel.ThrowIfCancellationRequested();
        foreach (VirtualFunction vf in vfs)
        {
            if (InUse(vf) is { } used)
                failed[vf.Label] = used;
        }
        Dictionary<PciAddress, VirtualFunction> byAddress = vfs
            .Where(vf => vf.Address is not null && !failed.ContainsKey(vf.Label)).ToDictionary(vf => vf.Address!.Value);
        // A native driver makes another interface afterwards, which has nothing of the one before.
        IReadOnlyList<ResetResult> results = await new VfResetter(kernel, options, left)
            .ResetAsync([.. byAddress.Values], vf => !KnownDrivers.IsUserSpace(vf.Driver), new ResetOptions(), cancel).ConfigureAwait(false);
        foreach (ResetResult result in results.Where(result => !result.Outcome.Succeeded))
            failed[byAddress[result.Address].Label] = result.Outcome.Fault!;
    }

    /// <summary>The refusal of a VF that somebody works through: whoever it is, the reset would take it from under them.</summary>
    private Fault? InUse(VirtualFunction vf) => !new VfUsage(kernel, options).WorkOn(vf).Try(out string? use, out Fault? unknown)
        ? unknown
        : use is null ? null : Fault.Refused($"{vf.Label} is in use and was not reset", use, "end what uses it, then release it again", vf.Label);

    /// <summary>Takes back what made VFs ready. One that was reset has a new interface, and nothing is left to do.</summary>
    private async Task<Fault?> CoolAsync(
        IReadOnlyList<ScrubOrder> orders, Dictionary<string, Fault> failed, UnendedWork left, CancellationToken cancel)
    {
        ScrubOrder[] warm = [.. orders.Where(order => order.IsWarm && !failed.ContainsKey(order.Vf))];
        if (warm.Length == 0)
            return null;
        Outcome<IReadOnlyList<VfAmongSiblings>> found = await FindAsync([.. warm.Select(order => order.Vf)], cancel).ConfigureAwait(false);
        if (!found.Try(out IReadOnlyList<VfAmongSiblings>? places, out Fault? fault)
            || !RouteClient.Open(kernel, left: left).Try(out RouteClient? route, out fault))
            return fault;
        using (route)
        {
            foreach ((ScrubOrder order, VfAmongSiblings place) in warm.Zip(places))
            {
                if (place.Vf is not { Link: { } link, NamespacePath: null })
                    continue;
                // Down first: it must not speak before it is anybody's.
                Outcome<Unit> cooled = link.IsUp && !order.Clean.IsUp
                    ? await route.ChangeLinkAsync(link.Index, link.Name, new LinkChange { Up = false }, cancel).ConfigureAwait(false)
                    : Unit.Done;
                if ((cooled.Fault ?? QuietInterface.Undo(kernel.Files, link.Name).Fault) is { } refused)
                    failed[order.Vf] = refused;
            }
        }
        return null;
    }

    private async Task<Outcome<IReadOnlyList<ScrubResult>>> CompareAsync(
        IReadOnlyList<ScrubOrder> orders, Dictionary<string, Fault> failed, CancellationToken cancel)
    {
        Outcome<IReadOnlyList<VfAmongSiblings>> again = await FindAsync([.. orders.Select(order => order.Vf)], cancel).ConfigureAwait(false);
        if (!again.Try(out IReadOnlyList<VfAmongSiblings>? places, out Fault? fault))
            return fault;
        List<ScrubResult> results = [];
        for (int i = 0; i < orders.Count; i++)
        {
            Fault? wrong = failed.GetValueOrDefault(orders[i].Vf);
            if (wrong is null && CleanState.Differences(places[i].Vf, orders[i].Clean) is { Count: > 0 } left)
                wrong = Fault.Unsupported($"{orders[i].Vf} is not clean after it was scrubbed: {string.Join("; ", left)}",
                    "the driver or its firmware did not take the settings", "look at it with `vfleet vf show`, then `vfleet release --force`", orders[i].Vf);
            results.Add(new ScrubResult(orders[i].Vf, wrong));
        }
        return results;
    }
}
