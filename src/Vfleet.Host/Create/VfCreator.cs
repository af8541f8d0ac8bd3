using Vfleet.Host.Drivers;
using Vfleet.Host.Inventory;
using Vfleet.Host.Locks;
using Vfleet.Host.Naming;
using Vfleet.Host.Preflight;
using Vfleet.Host.State;
using Vfleet.Host.Usage;
using Vfleet.Linux;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Create;

/// <summary>Changes the number of VFs of a PF: planned, refused while VFs are in use, drivers bound in parallel, readiness awaited.</summary>
public sealed class VfCreator(IKernel kernel, HostOptions options)
{
    private readonly InventoryReader _inventory = new(kernel, options.ReadTimer);

    /// <summary>Plans a change and refuses what is unsafe.</summary>
    /// <param name="pfName">The PF as people call it.</param>
    /// <param name="count">VFs wanted, 0 to the device's total.</param>
    /// <param name="driverWish">See <see cref="VfDrivers.Resolve"/>.</param>
    /// <param name="force">Overrides refusals.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public Task<Outcome<CreatePlan>> PlanAsync(string pfName, int count, string? driverWish, bool force, CancellationToken cancel = default) =>
        PlanAsync(pfName, count, driverWish, [], force, cancel);

    /// <summary>The same where VFs get different drivers, and go through their creation once.</summary>
    /// <param name="pfName">The PF as people call it.</param>
    /// <param name="count">VFs wanted, 0 to the device's total.</param>
    /// <param name="driverWish">See <see cref="VfDrivers.Resolve"/>; for VFs without another one.</param>
    /// <param name="exceptions">Drivers of VFs by index.</param>
    /// <param name="force">Overrides refusals.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public async Task<Outcome<CreatePlan>> PlanAsync(
        string pfName, int count, string? driverWish, IReadOnlyList<DriverRange> exceptions, bool force, CancellationToken cancel = default)
    {
        Outcome<MachineInventory> read = await _inventory.ReadOfAsync([pfName], VfDetail.Settings, cancel).ConfigureAwait(false);
        if (!read.Try(out MachineInventory? all, out Fault? fault) || !DeviceNames.FindPf(all.Pfs, pfName).Try(out PhysicalFunction? pf, out fault))
            return fault;
        if (count < 0)
            return Fault.Usage($"{count} VFs: the number may not be negative", target: pf.Label);
        if (pf.TotalVfs is { } total && count > total)
            return Fault.Usage($"{count} VFs: {pf.Label} has {total} at most", $"ask for 0 to {total}", pf.Label);
        if (!VfDrivers.Resolve(pf, driverWish).Try(out string? driver, out fault))
            return fault;
        List<string> warnings = [];
        if (pf.Address is { } address)
        {
            if (!new AutoprobeSwitch(kernel, options, address).IsLeftOff().Try(out bool isLeftOff, out fault))
                return fault;
            if (isLeftOff)
            {
                pf = pf with { Autoprobe = true };
                warnings.Add($"an earlier change of {pf.Label} was cut short and left its autoprobe off; it is switched on again");
            }
        }
        CreatePlan plan = new() { Pf = pf, From = pf.NumVfs, To = count, Driver = driver, Exceptions = exceptions, Warnings = warnings };
        IReadOnlyList<VirtualFunction> existing = all.VfsOf(pf);
        if (plan.From == plan.To)
            return Completed(plan, existing);
        Outcome<IReadOnlyList<VfInUse>> usage = await new VfUsage(kernel, options).FindAsync(existing, cancel).ConfigureAwait(false);
        if (!usage.Try(out IReadOnlyList<VfInUse>? used, out fault))
            return fault;
        plan = plan with { Destroys = existing, InUse = used };
        plan = plan with { Steps = Steps(plan), Warnings = [.. warnings, .. Warnings(plan)] };
        return force ? plan : Refusal(plan) is { } refusal ? refusal : plan;
    }

    /// <summary>Carries a plan out.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="force">
    /// Overrides what the plan lists in <see cref="CreatePlan.Overrides"/>; what came up since is refused all the same.
    /// </param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="writeDown">
    /// Writes down what is overridden, under the lock and before the first change; where it cannot, nothing is changed.
    /// </param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>The VFs as they are now.</returns>
    public async Task<Outcome<IReadOnlyList<VirtualFunction>>> ApplyAsync(
        CreatePlan plan,
        bool force,
        Action<CreateProgress>? progress = null,
        Func<IReadOnlyList<string>, Task<Outcome<Unit>>>? writeDown = null,
        CancellationToken cancel = default)
    {
        Outcome<DeviceLock> locked = await DeviceLock.ForPfAsync(options, plan.Pf.DeviceName, cancel).ConfigureAwait(false);
        if (!locked.Try(out DeviceLock? held, out Fault? fault))
            return fault;
        CountWrite count = new(kernel, options, held.Left);
        AutoprobeSwitch? autoprobe = plan.Pf.Address is { } address ? new AutoprobeSwitch(kernel, options, address) : null;
        try
        {
            // Planned again under the lock: what was free may be in use by now.
            Outcome<CreatePlan> again = await PlanAsync(
                plan.Pf.DeviceName, plan.To, plan.Driver ?? NativeDriver.None, plan.Exceptions, force, cancel).ConfigureAwait(false);
            if (!again.Try(out CreatePlan? fresh, out fault))
                return fault;
            if (Overtaken(plan, fresh) is { } overtaken)
                return overtaken;
            if (force && fresh.Overrides.Count > 0 && writeDown is not null
                && (await writeDown(fresh.Overrides).ConfigureAwait(false)).Fault is { } unwritten)
                return unwritten;
            Fault? failed = fresh.IsEmpty ? null : await ChangeAsync(fresh, count, progress, cancel).ConfigureAwait(false);
            if (count.IsEnded && autoprobe?.Restore().Fault is { } stuck)
                failed ??= stuck;
            if (failed is not null)
                return failed;
            Outcome<MachineInventory> now = await _inventory.ReadOfAsync([plan.Pf.DeviceName], VfDetail.Settings, cancel).ConfigureAwait(false);
            return now.Map(all => all.VfsOf(plan.Pf));
        }
        finally
        {
            count.WhenEnded(() =>
            {
                using (held)
                {
                    // After Ctrl-C or a deadline; where it fails again, the record tells the next change.
                    _ = autoprobe?.Restore();
                }
            });
        }
    }

    /// <summary>The refusal where the machine is not any more what the plan was made for, and agreed to.</summary>
    private static Fault? Overtaken(CreatePlan plan, CreatePlan fresh)
    {
        string label = plan.Pf.Label;
        if (fresh.From != plan.From)
        {
            return Fault.Refused(
                $"{label} had {plan.From} VFs when this was planned, and has {fresh.From} now",
                "somebody else changed the number meanwhile", "look with `vfleet vf list`, then try again", label);
        }
        return fresh.UnseenBy(plan) is { Count: > 0 } unseen
            ? Fault.Refused(
                $"{label}: something came into use since this was planned", string.Join("; ", unseen),
                "detach it, or give the command with --force again: it then covers this too", label)
            : null;
    }

    /// <summary>The plan where the number is right already: only VFs without a driver are left to do.</summary>
    private static CreatePlan Completed(CreatePlan plan, IReadOnlyList<VirtualFunction> existing)
    {
        VirtualFunction[] wanting = [.. existing.Where(vf => vf.Address is not null && plan.DriverOf(vf.Index) is not null)];
        VirtualFunction[] unbound = [.. wanting.Where(vf => vf.Driver is null)];
        VirtualFunction[] others = [.. wanting.Where(vf => vf.Driver is { } now && now != plan.DriverOf(vf.Index))];
        string wanted = string.Join(" or ", others.Select(vf => plan.DriverOf(vf.Index)).Distinct());
        return plan with
        {
            Unbound = unbound,
            Steps = [.. unbound.GroupBy(vf => plan.DriverOf(vf.Index)).Select(same => $"bind {same.Count()} VFs to {same.Key}")],
            Warnings = others.Length == 0 ? plan.Warnings : [.. plan.Warnings,
                $"{others.Length} VFs of {plan.Pf.Label} have another driver than {wanted} and keep it; see `vfleet vf bind`"],
        };
    }

    private static Fault? Refusal(CreatePlan plan)
    {
        if (plan.InUse.Count > 0)
        {
            return Fault.Refused(
                $"{plan.Pf.Label}: changing {plan.From} VFs to {plan.To} would destroy {plan.InUse.Count} in use",
                string.Join("; ", plan.InUse.Take(8)) + (plan.InUse.Count > 8 ? $"; and {plan.InUse.Count - 8} more" : ""),
                "detach them first, or give --force", plan.Pf.Label);
        }
        return plan.Pf.DefaultRoute == true
            ? Fault.Refused($"{plan.Pf.Label} carries a default route", "changing its VFs can cut this machine off", "use another PF, or give --force", plan.Pf.Label)
            : null;
    }

    private static List<string> Steps(CreatePlan plan)
    {
        List<string> steps = [];
        string folder = plan.Pf.SysfsPath;
        bool isNative = NeedsLink(plan);
        if (isNative && plan.Pf.IsUp == false)
            steps.Add($"ip link set {plan.Pf.Name} up");
        if (plan is { To: > 0, Pf.Autoprobe: true })
            steps.Add($"echo 0 > {folder}/sriov_drivers_autoprobe");
        if (plan is { From: > 0, To: > 0 })
            steps.Add($"echo 0 > {folder}/sriov_numvfs");
        steps.Add($"echo {plan.To} > {folder}/sriov_numvfs");
        if (plan.Pf.Address is not null)
            steps.AddRange(plan.Drivers.Select(same => $"bind {same.Vfs} VFs to {same.Driver}"));
        if (plan is { To: > 0, Pf.Autoprobe: true })
            steps.Add($"echo 1 > {folder}/sriov_drivers_autoprobe");
        return steps;
    }

    private static List<string> Warnings(CreatePlan plan) => plan.Destroys.Count == 0 || plan.To == 0
        ? []
        : [$"the kernel goes from {plan.From} to {plan.To} VFs through 0: all {plan.From} existing VFs lose their settings"];

    /// <summary>VFs with native drivers take their link from the PF when they are probed, so it has to be there.</summary>
    private static bool NeedsLink(CreatePlan plan) =>
        plan is { Pf: { Name: not null, Address: not null } } && plan.Drivers.Any(same => !KnownDrivers.IsUserSpace(same.Driver));

    private async Task<Fault?> ChangeAsync(CreatePlan plan, CountWrite count, Action<CreateProgress>? progress, CancellationToken cancel)
    {
        if (plan.To > 0 && (await UnmanagedRule.InstallAsync(kernel, options, root: "", cancel).ConfigureAwait(false)).Fault is { } noRule)
            return noRule;
        foreach ((string driver, _) in plan.Pf.Address is null ? [] : plan.Drivers)
        {
            if (await new VfDrivers(kernel, options).PrepareAsync(plan.Pf, driver, cancel).ConfigureAwait(false) is { } noDriver)
                return noDriver;
        }
        CarrierWait carrier = new(kernel, options);
        if (NeedsLink(plan))
        {
            progress?.Invoke(new CreateProgress("link", 0, 1));
            if (await carrier.BringUpAsync(plan.Pf, count.Left, cancel).ConfigureAwait(false) is { } down)
                return down;
        }
        if (plan.Pf.Address is not { } address)
            return await WriteOtherBusAsync(plan, count, cancel).ConfigureAwait(false);
        if (plan.From == plan.To)
        {
            (int, PciAddress)[] unbound = [.. plan.Unbound.Select(vf => (vf.Index, vf.Address!.Value))];
            return await BindUnboundAsync(plan, unbound, count, progress, cancel).ConfigureAwait(false);
        }
        if (plan is { To: > 0, Pf.Autoprobe: true } && new AutoprobeSwitch(kernel, options, address).Off().Fault is { } stuck)
            return stuck;
        HashSet<PciAddress> forgotten = [];
        if (await WriteCountAsync(plan, count, address, forgotten, progress, cancel).ConfigureAwait(false) is { } failed)
            return failed;
        cancel.ThrowIfCancellationRequested();
        if (NeedsLink(plan))
            await carrier.WaitAsync(plan.Pf, cancel).ConfigureAwait(false);
        return plan.To == 0 ? null : await BindNewAsync(plan, address, forgotten, count, progress, cancel).ConfigureAwait(false);
    }

    private async Task<Fault?> WriteCountAsync(
        CreatePlan plan, CountWrite count, PciAddress address, HashSet<PciAddress> forgotten, Action<CreateProgress>? progress, CancellationToken cancel)
    {
        if (plan is { From: > 0, To: > 0 })
        {
            progress?.Invoke(new CreateProgress("remove", 0, plan.From));
            Outcome<Unit> removed = await count.RunAsync(address, 0, cancel).ConfigureAwait(false);
            if ((removed.Fault ?? Forget(plan)) is { } notRemoved)
                return notRemoved;
        }
        if (plan.To > 0 && await ForgetPlacesAsync(plan, address, forgotten, cancel).ConfigureAwait(false) is { } stuck)
            return stuck;
        progress?.Invoke(new CreateProgress(plan.To == 0 ? "remove" : "create", 0, Math.Max(plan.To, plan.From)));
        Outcome<Unit> written = await count.RunAsync(address, plan.To, cancel).ConfigureAwait(false);
        if (written.Fault is not { } refused)
            return plan.To == 0 ? Forget(plan) : null;
        Outcome<Fault> explained = await TimedReading.RunAsync<Fault>(
            () => Outcome<Fault>.Of(CreateFailure.Explain(kernel.Files, options.Time, plan.Pf, plan.To, refused)), "the cause", options.ReadTimer, cancel).ConfigureAwait(false);
        Fault exact = explained.Or(refused)!;
        // Where the kernel said no after the old VFs were removed, there are none: say so.
        return plan.From > 0 && plan.To > 0
            ? exact with { Cause = $"{exact.Cause ?? exact.Error}; the {plan.From} VFs that were there are gone" }
            : exact;
    }

    /// <summary>Removes the attachment records of VFs that are gone: a new VF at the same address is nobody's.</summary>
    private Fault? Forget(CreatePlan plan) => plan.Destroys.Count == 0
        ? null
        : options.AttachmentsOrFiles.RemoveMany(plan.Destroys.Select(vf => vf.Label)).Fault;

    /// <summary>
    /// Forgets what is known of VFs at the places of the new ones: there is no VF now, so it is of those that a boot or another program destroyed.
    /// Before they are there, for from then on somebody may be given one.
    /// </summary>
    private async Task<Fault?> ForgetPlacesAsync(CreatePlan plan, PciAddress address, HashSet<PciAddress> forgotten, CancellationToken cancel)
    {
        Outcome<SriovState> read = await TimedReading.RunAsync(
            () => new Sriov(kernel.Files, options.Time).Read(address), "the places of new VFs", options.ReadTimer, cancel).ConfigureAwait(false);
        if (!read.Try(out SriovState? state, out Fault? fault))
            return fault;
        forgotten.UnionWith(state.Addresses(plan.To) ?? []);
        return options.AttachmentsOrFiles.RemoveMany(forgotten.Select(vf => vf.ToString())).Fault;
    }

    private async Task<Fault?> BindNewAsync(
        CreatePlan plan, PciAddress address, HashSet<PciAddress> forgotten, CountWrite count, Action<CreateProgress>? progress, CancellationToken cancel)
    {
        Outcome<IReadOnlyList<PciAddress>> made = await TimedReading.RunAsync(
            () => new Sriov(kernel.Files, options.Time).VirtualFunctions(address), "the new VFs", options.ReadTimer, cancel).ConfigureAwait(false);
        if (!made.Try(out IReadOnlyList<PciAddress>? vfs, out Fault? fault))
            return fault;
        // Where they are may follow from their number.
        string[] elsewhere = [.. vfs.Where(vf => !forgotten.Contains(vf)).Select(vf => vf.ToString())];
        if (elsewhere.Length > 0 && options.AttachmentsOrFiles.RemoveMany(elsewhere).Fault is { } stuck)
            return stuck;
        return await BindAsync(plan, [.. vfs.Index()], count, progress, cancel).ConfigureAwait(false);
    }

    /// <summary>
    /// VFs that stay: that they had no driver was what had to be. Those that were bound keep theirs, whatever became of the others.
    /// </summary>
    private async Task<Fault?> BindUnboundAsync(
        CreatePlan plan, (int Index, PciAddress Vf)[] unbound, CountWrite count, Action<CreateProgress>? progress, CancellationToken cancel)
    {
        Fault? failed = null;
        Outcome<Unit> noted = await new HandChange(options.AttachmentsOrFiles).RunAsync<Unit>(
            [.. plan.Unbound.Select(vf => (vf.Label, (string?)null))],
            async () =>
            {
                try
                {
                    failed = await BindAsync(plan, unbound, count, progress, cancel).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (cancel.IsCancellationRequested)
                {
                    // Ctrl-C half way: what was bound is written down before the caller hears of it, below.
                }
                return Unit.Done;
            },
            async () => (await _inventory.ReadOfAsync([plan.Pf.DeviceName], VfDetail.Settings, CancellationToken.None)
                .ConfigureAwait(false)).Map<IReadOnlyList<VirtualFunction>>(
                    all => [.. all.VfsOf(plan.Pf).Where(vf => vf.Driver is not null)])).ConfigureAwait(false);
        if (failed is null && noted.Fault is null)
            cancel.ThrowIfCancellationRequested();
        return failed ?? noted.Fault;
    }

    private async Task<Fault?> BindAsync(
        CreatePlan plan,
        (int Index, PciAddress Vf)[] vfs,
        CountWrite count,
        Action<CreateProgress>? progress,
        CancellationToken cancel)
    {
        List<(PciAddress Vf, Fault Reason)> failed = [];
        int before = 0;
        foreach (IGrouping<string?, PciAddress> same in vfs.GroupBy(vf => plan.DriverOf(vf.Index), vf => vf.Vf))
        {
            if (same.Key is not { } driver)
                continue;
            PciAddress[] some = [.. same];
            int earlier = before;
            void Tell(int done) => progress?.Invoke(new CreateProgress("bind", earlier + done, vfs.Length));
            Outcome<IReadOnlyList<(PciAddress Vf, Fault Reason)>> bound = await new VfDrivers(kernel, options, count.Left).BindAsync(
                plan.Pf, some, driver, Tell, cancel).ConfigureAwait(false);
            if (!bound.Try(out IReadOnlyList<(PciAddress Vf, Fault Reason)>? late, out Fault? fault))
                return fault;
            failed.AddRange(late);
            before += some.Length;
        }
        if (failed.Count == 0)
            return null;
        Fault first = failed[0].Reason;
        return failed.Count == 1
            ? first
            : first with { Error = $"{failed.Count} of {vfs.Length} VFs of {plan.Pf.Label} are not ready; the first: {first.Error}" };
    }

    private async Task<Fault?> WriteOtherBusAsync(CreatePlan plan, CountWrite write, CancellationToken cancel)
    {
        int[] counts = plan is { From: > 0, To: > 0 } ? [0, plan.To] : [plan.To];
        foreach (int count in counts)
        {
            Outcome<Unit> written = await write.RunAsync(plan.Pf, count, cancel).ConfigureAwait(false);
            if (written.Fault is null)
            {
                if (Forget(plan) is { } stuck)
                    return stuck;
            }
            else
                return written.Fault with { Error = $"{plan.Pf.Label}: {written.Fault.Error}", Target = plan.Pf.Label };
        }
        return null;
    }
}
