using Vfleet.Host.Attach;
using Vfleet.Host.Create;
using Vfleet.Host.Drivers;
using Vfleet.Host.Inventory;
using Vfleet.Host.Locks;
using Vfleet.Host.Naming;
using Vfleet.Host.Repair;
using Vfleet.Host.Scrub;
using Vfleet.Host.Settings;
using Vfleet.Host.State;
using Vfleet.Host.Usage;
using Vfleet.Host.Warm;
using Vfleet.Linux;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Route;

namespace Vfleet.Host;

/// <summary>One machine's SR-IOV: what the rooms above call. Every change locks its device, refuses what is in use and reads back.</summary>
public sealed class SriovHost(IKernel kernel, HostOptions options)
{
    /// <summary>Reads PFs and VFs.</summary>
    public InventoryReader Inventory { get; } = new(kernel, options.ReadTimer);

    /// <summary>Changes the number of VFs.</summary>
    public VfCreator Creator { get; } = new(kernel, options);

    /// <summary>Hands VFs out.</summary>
    public Attacher Attacher { get; } = new(kernel, options);

    /// <summary>Takes VFs back.</summary>
    public Detacher Detacher { get; } = new(kernel, options);

    /// <summary>Cleans VFs for their next owner.</summary>
    public VfScrubber Scrubber { get; } = new(kernel, options);

    /// <summary>Makes free VFs ready for their next owner.</summary>
    public VfWarmer Warmer { get; } = new(kernel, options);

    /// <summary>Puts VFs back into the state their owners got them in.</summary>
    public VfRepairer Repairer { get; } = new(kernel, options);

    /// <summary>The kernel underneath.</summary>
    public IKernel Kernel => kernel;

    /// <summary>The options given.</summary>
    public HostOptions Options => options;

    private HandChange Hand => new(options.AttachmentsOrFiles);

    /// <summary>A PF by name.</summary>
    public async Task<Outcome<PhysicalFunction>> FindPfAsync(string name, CancellationToken cancel = default)
    {
        Outcome<MachineInventory> read = await Inventory.ReadOfAsync([name], VfDetail.Settings, cancel).ConfigureAwait(false);
        return read.Try(out MachineInventory? all, out Fault? fault) ? DeviceNames.FindPf(all.Pfs, name) : fault;
    }

    /// <summary>The VFs of a PF by name.</summary>
    public async Task<Outcome<IReadOnlyList<VirtualFunction>>> ListVfsAsync(string pfName, CancellationToken cancel = default)
    {
        Outcome<MachineInventory> read = await Inventory.ReadOfAsync([pfName], VfDetail.SettingsAndCounters, cancel).ConfigureAwait(false);
        return read.Try(out MachineInventory? all, out Fault? fault) && DeviceNames.FindPf(all.Pfs, pfName).Try(out PhysicalFunction? pf, out fault)
            ? Outcome<IReadOnlyList<VirtualFunction>>.Of(all.VfsOf(pf))
            : fault;
    }

    /// <summary>A VF by name, with every VF of its PF.</summary>
    public async Task<Outcome<VfAmongSiblings>> FindVfAsync(string name, CancellationToken cancel = default) =>
        await VfSearch.FindAsync(Inventory, name, VfDetail.SettingsAndCounters, cancel).ConfigureAwait(false);

    /// <summary>VFs by name, each with every VF of its PF, from one reading.</summary>
    public async Task<Outcome<IReadOnlyList<VfAmongSiblings>>> FindVfsAsync(
        IReadOnlyList<string> names, VfDetail detail = VfDetail.Settings, CancellationToken cancel = default) =>
        await VfSearch.FindManyAsync(Inventory, names, detail, cancel).ConfigureAwait(false);

    /// <summary>Works on a VF under its lock, as it is then. For changes that this class does not know, such as tuning.</summary>
    /// <param name="name">The VF.</param>
    /// <param name="work">The work, with the place where it notes what the kernel goes on with: the lock is given back after that.</param>
    /// <param name="cancel">Ends the waiting for the lock.</param>
    public async Task<Outcome<T>> LockedAsync<T>(
        string name, Func<VirtualFunction, UnendedWork, Task<Outcome<T>>> work, CancellationToken cancel = default)
    {
        Outcome<LockedVf> locked = await LockedVf.TakeAsync(kernel, options, name, VfDetail.SettingsAndCounters, cancel).ConfigureAwait(false);
        if (!locked.Try(out LockedVf? held, out Fault? fault))
            return fault;
        using (held)
            return await work(held.Vf, held.Left).ConfigureAwait(false);
    }

    /// <summary>
    /// Sets what is wanted on a VF, whole or not at all. Equivalent to <c>ip link set PF vf N …</c>. Where its driver takes a MAC only when it is bound,
    /// the driver is bound anew, which is refused while the VF is in use; with <paramref name="force"/> the MAC is then set through the PF alone.
    /// </summary>
    /// <param name="name">The VF.</param>
    /// <param name="wanted">What is wanted.</param>
    /// <param name="force">Overrides refusals.</param>
    /// <param name="dryRun">Checks only.</param>
    /// <param name="writeDown">Writes down what is overridden, under the lock and before the first change; else nothing is changed.</param>
    /// <param name="cancel">Ends the waiting; what was set is put back.</param>
    public async Task<Outcome<VfInfo>> SetAsync(
        string name, VfSettings wanted, bool force, bool dryRun, Func<IReadOnlyList<string>, Task<Outcome<Unit>>>? writeDown = null,
        CancellationToken cancel = default)
    {
        if (dryRun)
            return await RehearseSetAsync(name, wanted, force, cancel).ConfigureAwait(false);
        Outcome<LockedVf> locked = await LockedVf.TakeAsync(kernel, options, name, VfDetail.SettingsAndCounters, cancel).ConfigureAwait(false);
        if (!locked.Try(out LockedVf? held, out Fault? fault))
            return fault;
        using (held)
            return await SetAsync(held.Place, wanted, force, writeDown, held.Left, cancel).ConfigureAwait(false);
    }

    private async Task<Outcome<VfInfo>> RehearseSetAsync(string name, VfSettings wanted, bool force, CancellationToken cancel)
    {
        Outcome<VfAmongSiblings> found = await FindVfAsync(name, cancel).ConfigureAwait(false);
        if (!found.Try(out VfAmongSiblings? place, out Fault? fault))
            return fault;
        return await new VfSetter(kernel, options, new UnendedWork()).CheckAsync(place, wanted, force, cancel).ConfigureAwait(false) is { } refusal
            ? refusal
            : place.Vf.Settings!;
    }

    private async Task<Outcome<VfInfo>> SetAsync(
        VfAmongSiblings place, VfSettings wanted, bool force, Func<IReadOnlyList<string>, Task<Outcome<Unit>>>? writeDown, UnendedWork left,
        CancellationToken cancel)
    {
        VfSetter setter = new(kernel, options, left);
        if (await setter.CheckAsync(place, wanted, force, cancel).ConfigureAwait(false) is { } refusal)
            return refusal;
        string? usedBy = place.Vf is { Link: null, Address: { } address } && NamespaceSearch.IsReallyElsewhere(kernel.Files, address)
            ? "its interface is elsewhere" : null;
        if (force && !(await UseOfAsync(place.Vf, cancel).ConfigureAwait(false)).Try(out usedBy, out Fault? unseen))
            return unseen;
        if (await Override.WriteAsync(writeDown, force, () => setter.CheckAsync(place, wanted, force: false, cancel))
            .ConfigureAwait(false) is { } unwritten)
            return unwritten;
        return await Hand.RunAsync([(place.Vf.Label, usedBy)],
            () => setter.SetAsync(place, wanted, force, cancel), () => AgainAsync(place.Vf), wanted).ConfigureAwait(false);
    }

    /// <summary>Gives a VF another driver, or none. Refused while the VF is in use.</summary>
    /// <param name="name">The VF.</param>
    /// <param name="driverWish">See <see cref="VfDrivers.Resolve"/>; <c>none</c> unbinds.</param>
    /// <param name="force">Binds although the VF is in use.</param>
    /// <param name="dryRun">Checks only.</param>
    /// <param name="writeDown">Writes down what is overridden, under the lock and before the first change; else nothing is changed.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public async Task<Outcome<VirtualFunction>> BindAsync(
        string name, string driverWish, bool force, bool dryRun, Func<IReadOnlyList<string>, Task<Outcome<Unit>>>? writeDown = null,
        CancellationToken cancel = default)
    {
        if (dryRun)
            return await RehearseBindAsync(name, driverWish, force, cancel).ConfigureAwait(false);
        Outcome<LockedVf> locked = await LockedVf.TakeAsync(kernel, options, name, VfDetail.SettingsAndCounters, cancel).ConfigureAwait(false);
        if (!locked.Try(out LockedVf? held, out Fault? fault))
            return fault;
        using (held)
        {
            if (await CheckBindAsync(held.Vf, force, cancel).ConfigureAwait(false) is { } refusal)
                return refusal;
            if (!VfDrivers.Resolve(held.Vf.Pf, driverWish).Try(out string? driver, out fault))
                return fault;
            if (await Override.WriteAsync(writeDown, force, () => CheckBindAsync(held.Vf, force: false, cancel))
                .ConfigureAwait(false) is { } unwritten)
                return unwritten;
            // By force too nobody uses it through what it had before: its state follows.
            Outcome<Unit> bound = await Hand.RunAsync<Unit>([(held.Vf.Label, null)], async () =>
                await ChangeDriverOrPutBackAsync(held.Vf, held.Vf.Address!.Value, driver, held.Left, cancel).ConfigureAwait(false) is { } failed
                    ? failed
                    : Unit.Done,
                () => AgainAsync(held.Vf)).ConfigureAwait(false);
            return bound.Fault is { } refused ? refused : (await FindVfAsync(name, cancel).ConfigureAwait(false)).Map(now => now.Vf);
        }
    }

    private async Task<Outcome<VirtualFunction>> RehearseBindAsync(string name, string driverWish, bool force, CancellationToken cancel)
    {
        Outcome<VfAmongSiblings> found = await FindVfAsync(name, cancel).ConfigureAwait(false);
        if (!found.Try(out VfAmongSiblings? place, out Fault? fault) || !VfDrivers.Resolve(place.Vf.Pf, driverWish).Try(out _, out fault))
            return fault;
        return await CheckBindAsync(place.Vf, force, cancel).ConfigureAwait(false) is { } refusal ? refusal : place.Vf;
    }

    private async Task<Fault?> CheckBindAsync(VirtualFunction vf, bool force, CancellationToken cancel) =>
        vf.Address is null ? Fault.Unsupported($"{vf.Label} is no PCI device and has no driver", null, null, vf.Label)
        : force ? null : await InUseAsync([vf], "bind", cancel).ConfigureAwait(false);

    /// <summary>Resets VFs in parallel by the fastest safe way. Refused while one of them is in use.</summary>
    /// <param name="names">The VFs.</param>
    /// <param name="force">Resets VFs that are in use.</param>
    /// <param name="dryRun">Checks only.</param>
    /// <param name="progress">Is told how many are done.</param>
    /// <param name="writeDown">Writes down what is overridden, under the lock and before the first change; else nothing is changed.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>One result for each, in the order given.</returns>
    public async Task<Outcome<IReadOnlyList<ResetResult>>> ResetAsync(
        IReadOnlyList<string> names, bool force, bool dryRun, Action<int>? progress = null,
        Func<IReadOnlyList<string>, Task<Outcome<Unit>>>? writeDown = null, CancellationToken cancel = default)
    {
        Outcome<IReadOnlyList<VirtualFunction>> found = await FindResettableAsync(names, force, cancel).ConfigureAwait(false);
        if (!found.Try(out IReadOnlyList<VirtualFunction>? vfs, out Fault? fault))
            return fault;
        if (dryRun)
            return Outcome<IReadOnlyList<ResetResult>>.Of([.. vfs.Select(vf => new ResetResult(vf.Address!.Value, ResetWay.None, Unit.Done))]);
        return await LockedAsync(vfs, async left =>
        {
            // Looked at under the lock: another process may have taken one of them in between.
            Outcome<IReadOnlyList<VirtualFunction>> again = await FindResettableAsync(names, force, cancel).ConfigureAwait(false);
            if (!again.Try(out IReadOnlyList<VirtualFunction>? fresh, out Fault? taken))
                return taken;
            if (await Override.WriteAsync(writeDown, force, () => InUseAsync(fresh, "reset", cancel))
                .ConfigureAwait(false) is { } unwritten)
                return unwritten;
            int done = 0;
            ResetOptions how = new() { Deadline = options.ResetDeadline, EvenInUse = force, Progress = _ => progress?.Invoke(Interlocked.Increment(ref done)) };
            return await ResetAsync(fresh, how, left, cancel).ConfigureAwait(false);
        }, cancel).ConfigureAwait(false);
    }

    private async Task<Outcome<IReadOnlyList<ResetResult>>> ResetAsync(
        IReadOnlyList<VirtualFunction> vfs, ResetOptions how, UnendedWork left, CancellationToken cancel)
    {
        Outcome<IReadOnlyList<VfInUse>> usage = how.EvenInUse
            ? await new VfUsage(kernel, options).FindAsync(vfs, cancel).ConfigureAwait(false) : Outcome<IReadOnlyList<VfInUse>>.Of([]);
        if (!usage.Try(out IReadOnlyList<VfInUse>? used, out Fault? fault))
            return fault;
        IReadOnlyList<ResetResult> results = [];
        return await Hand.RunAsync([.. vfs.Select(vf => (vf.Label, used.FirstOrDefault(use => use.Vf.Label == vf.Label)?.Reason))], async () =>
        {
            results = await new VfResetter(kernel, options, left).ResetAsync(vfs, HasIdleInterface, how, cancel).ConfigureAwait(false);
            results = await WithInterfacesAsync(vfs, results, left).ConfigureAwait(false);
            return Outcome<IReadOnlyList<ResetResult>>.Of(results);
        }, () => WhereDoneAsync(vfs, results)).ConfigureAwait(false);
    }

    /// <summary>The VFs whose reset was done, as they are now: what became of another is not what it has to be.</summary>
    private Task<Outcome<IReadOnlyList<VirtualFunction>>> WhereDoneAsync(IReadOnlyList<VirtualFunction> vfs, IReadOnlyList<ResetResult> results) =>
        AgainAsync([.. vfs.Zip(results).Where(each => each.Second.Outcome.Succeeded).Select(each => each.First.Label)]);

    /// <summary>
    /// True for a VF whose native driver is not started: it is reset off its driver. One that is up is reset under it, and keeps its interface.
    /// </summary>
    private static bool HasIdleInterface(VirtualFunction vf) => !KnownDrivers.IsUserSpace(vf.Driver) && vf.Link is { IsUp: false };

    /// <summary>Gives VFs that were off their driver the names and the MTU of the interface they had.</summary>
    private async Task<IReadOnlyList<ResetResult>> WithInterfacesAsync(
        IReadOnlyList<VirtualFunction> before, IReadOnlyList<ResetResult> results, UnendedWork left)
    {
        VirtualFunction[] made = [.. before.Zip(results, (vf, result) => result.Outcome.Succeeded && vf is { Driver: not null, Link: not null } && HasIdleInterface(vf) ? vf : null)
            .OfType<VirtualFunction>()];
        if (made.Length == 0)
            return results;
        Outcome<IReadOnlyList<VfAmongSiblings>> found = await FindVfsAsync([.. made.Select(vf => vf.Label)], VfDetail.None, CancellationToken.None).ConfigureAwait(false);
        if (!found.Try(out IReadOnlyList<VfAmongSiblings>? now, out Fault? fault))
            return [.. results.Select(result => result.Outcome.Succeeded ? result with { Outcome = fault } : result)];
        Dictionary<PciAddress, Fault> failed = [];
        foreach ((VirtualFunction old, VirtualFunction vf) in made.Zip(now.Select(place => place.Vf)))
        {
            if (vf.Link is not { } link)
                continue;
            DetachResult asBefore = new() { Vf = vf.Label, InterfaceName = old.Link!.Name };
            if ((await Detacher.RestoreLinkAsync(link, Baseline.Of(old), asBefore, left, CancellationToken.None).ConfigureAwait(false)).Fault is { } refused)
                failed[vf.Address!.Value] = refused;
        }
        return [.. results.Select(result => failed.TryGetValue(result.Address, out Fault? reason) ? result with { Outcome = reason } : result)];
    }

    /// <summary>VFs by name, each once, in the order given; refused where one cannot be reset or is in use.</summary>
    private async Task<Outcome<IReadOnlyList<VirtualFunction>>> FindResettableAsync(IReadOnlyList<string> names, bool force, CancellationToken cancel)
    {
        Outcome<IReadOnlyList<VfAmongSiblings>> places = await VfSearch.FindManyAsync(Inventory, names, VfDetail.None, cancel).ConfigureAwait(false);
        if (!places.Try(out IReadOnlyList<VfAmongSiblings>? all, out Fault? fault))
            return fault;
        VirtualFunction[] found = [.. all.Select(place => place.Vf).DistinctBy(vf => vf.Label)];
        if (found.FirstOrDefault(vf => vf.Address is null) is { } other)
            return Fault.Unsupported($"{other.Label} is no PCI device and cannot be reset", null, null, other.Label);
        if (!force && await InUseAsync(found, "reset", cancel).ConfigureAwait(false) is { } used)
            return used;
        return found.FirstOrDefault(vf => HasIdleInterface(vf) ? vf.NamespacePath is not null
            : vf is { Link: null, Driver: not null } && NamespaceSearch.IsReallyElsewhere(kernel.Files, vf.Address!.Value)) is { } away
            ? Fault.Refused($"{away.Label} cannot be reset where it is", "its interface is in another namespace and not up, and its driver may hang in a reset then",
                $"take the interface up there, or free the VF with `vfleet detach {away.Label}`", away.Label)
            : found;
    }

    private async Task<Fault?> ChangeDriverOrPutBackAsync(VirtualFunction vf, PciAddress address, string? driver, UnendedWork left, CancellationToken cancel)
    {
        try
        {
            return await ChangeDriverAsync(vf, address, driver, left, cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C half way: the VF gets back what it had before the caller hears of it, and a failure of that weighs more.
            if (await ChangeDriverAsync(vf, address, vf.Driver, left, CancellationToken.None).ConfigureAwait(false) is { } stuck)
                return stuck with { Error = $"{vf.Label} was not put back: {stuck.Error}" };
            throw;
        }
    }

    private async Task<Fault?> ChangeDriverAsync(VirtualFunction vf, PciAddress address, string? driver, UnendedWork left, CancellationToken cancel)
    {
        VfDrivers drivers = new(kernel, options, left);
        if (driver is null)
            return (await drivers.UnbindAsync(address, cancel).ConfigureAwait(false)).Fault;
        Outcome<IReadOnlyList<(PciAddress Vf, Fault Reason)>> bound = await drivers.BindAsync(vf.Pf, [address], driver, null, cancel).ConfigureAwait(false);
        return bound.Try(out IReadOnlyList<(PciAddress Vf, Fault Reason)>? failed, out Fault? fault) ? failed.Count == 0 ? null : failed[0].Reason : fault;
    }

    private Task<Outcome<IReadOnlyList<VirtualFunction>>> AgainAsync(VirtualFunction vf) => AgainAsync([vf.Label]);

    /// <summary>
    /// What is written down has to be what is there, so it is read whoever lost patience, and once more where the kernel did not answer: the change
    /// is made, and a fault now would say that it is not.
    /// </summary>
    private async Task<Outcome<IReadOnlyList<VirtualFunction>>> AgainAsync(IReadOnlyList<string> vfs)
    {
        Outcome<IReadOnlyList<VfAmongSiblings>> read = await FindVfsAsync(vfs, VfDetail.Settings, CancellationToken.None).ConfigureAwait(false);
        if (read.Fault is not null)
            read = await FindVfsAsync(vfs, VfDetail.Settings, CancellationToken.None).ConfigureAwait(false);
        return read.Map<IReadOnlyList<VirtualFunction>>(places => [.. places.Select(place => place.Vf)]);
    }

    private async Task<Outcome<string?>> UseOfAsync(VirtualFunction vf, CancellationToken cancel)
    {
        Outcome<IReadOnlyList<VfInUse>> usage = await new VfUsage(kernel, options).FindAsync([vf], cancel).ConfigureAwait(false);
        return usage.Map(used => used.Count == 0 ? null : used[0].Reason);
    }

    private async Task<Fault?> InUseAsync(IReadOnlyList<VirtualFunction> vfs, string verb, CancellationToken cancel)
    {
        Outcome<IReadOnlyList<VfInUse>> usage = await new VfUsage(kernel, options).FindAsync(vfs, cancel).ConfigureAwait(false);
        if (!usage.Try(out IReadOnlyList<VfInUse>? used, out Fault? fault))
            return fault;
        return used.Count == 0
            ? null
            : Fault.Refused($"cannot {verb} {used[0].Vf.Label}: it is in use", string.Join("; ", used), "detach it first, or give --force", used[0].Vf.Label);
    }

    private async Task<Outcome<T>> LockedAsync<T>(IReadOnlyList<VirtualFunction> vfs, Func<UnendedWork, Task<Outcome<T>>> work, CancellationToken cancel)
    {
        Outcome<DeviceLock> locked = await DeviceLock.ForVfsAsync(options, vfs, cancel).ConfigureAwait(false);
        if (!locked.Try(out DeviceLock? held, out Fault? fault))
            return fault;
        using (held)
            return await work(held.Left).ConfigureAwait(false);
    }
}
