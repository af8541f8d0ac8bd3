using Vfleet.Cli.Views;
using Vfleet.Host;
using Vfleet.Host.Create;
using Vfleet.Host.Drivers;
using Vfleet.Host.Inventory;
using Vfleet.Host.Locks;
using Vfleet.Host.Settings;
using Vfleet.Host.State;
using Vfleet.Host.Usage;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Node;
using Vfleet.Node.Allocation;
using Vfleet.Node.Attach;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Node.Release;

namespace Vfleet.Cli.Up;

/// <summary>Sets the scene on one machine and takes it down again: VFs, namespaces, attachments.</summary>
/// <param name="host">The machine.</param>
/// <param name="records">Who has which VF.</param>
/// <param name="node">Opens its node, which hands VFs out.</param>
/// <param name="say">Told what is being done.</param>
internal sealed class UpRunner(SriovHost host, StateRecords records, Func<Outcome<LocalNode>> node, Action<string> say)
{
    private readonly UpStateFile _file = new(host.Options.StateDirectory);

    /// <summary>How long another <c>up</c> or <c>down</c> is waited for: longer than a scene takes to be set and checked.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Where the scene would stand.</summary>
    public Task<Outcome<UpPlace>> ChooseAsync(CancellationToken cancel) => new UpChoice(host, _file).FindAsync(cancel);

    /// <summary>
    /// Sets the scene, or what is missing of it, then checks and measures. No other <c>up</c> or <c>down</c> works on it meanwhile.
    /// </summary>
    /// <param name="agreed">Where it may stand; refused where that is not so any more.</param>
    /// <param name="mode">Hardware, lab or simulated.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public async Task<Outcome<UpReport>> RunAsync(UpPlace agreed, string mode, CancellationToken cancel)
    {
        if (!(await LockAsync(cancel).ConfigureAwait(false)).Try(out FileStream? held, out Fault? fault))
            return fault;
        using (held)
        {
            // Looked at under the lock: another `up` may have set the scene in between, or somebody taken a VF.
            if (!(await ChooseAsync(cancel).ConfigureAwait(false)).Try(out UpPlace? place, out fault))
                return fault;
            if (!place.IsWithin(agreed) || place.Pf is not { } pf)
                return Fault.Refused("the PFs are not any more what this was planned for", "somebody changed them meanwhile", "try again");
            Outcome<UpState> set = await SetAsync(pf, cancel).ConfigureAwait(false);
            if (!set.Try(out UpState? state, out fault))
                return fault;
            say("checking who reaches whom");
            Outcome<UpReport> checks = await new UpChecks(host).RunAsync(state, mode, cancel).ConfigureAwait(false);
            return checks.Map(report => report with { Owned = VfOwners.Of(records, report.Vfs) });
        }
    }

    /// <summary>True where there is a scene to take down.</summary>
    public Outcome<bool> IsUp() => _file.Read().Map(state => state is not null);

    /// <summary>Takes the scene down: what <see cref="RunAsync"/> made, and nothing else.</summary>
    /// <returns>False where there was none.</returns>
    public async Task<Outcome<bool>> DownAsync(CancellationToken cancel)
    {
        // Where there is none, no lock is needed, which not everybody may take.
        if (!IsUp().Try(out bool isUp, out Fault? fault))
            return fault;
        if (!isUp)
            return false;
        if (!(await LockAsync(cancel).ConfigureAwait(false)).Try(out FileStream? held, out fault))
            return fault;
        using (held)
            return await EndAsync(cancel).ConfigureAwait(false);
    }

    private async Task<Outcome<bool>> EndAsync(CancellationToken cancel)
    {
        if (!_file.Read().Try(out UpState? state, out Fault? fault))
            return fault;
        if (state is null)
            return false;
        if (state.Pending is not null && await FinishAsync(cancel).ConfigureAwait(false) is { } unfinished)
            return unfinished;
        foreach ((string name, string vf) in state.Attached)
        {
            say($"taking {vf} back");
            if (await TakeBackAsync(name, vf, cancel).ConfigureAwait(false) is { } stuck)
                return stuck;
        }
        // Namespaces and VFs end with the boot; what has their names now is somebody else's.
        if (state.BootId != BootId)
            return _file.Remove().Fault is { } old ? old : true;
        foreach (string name in state.Namespaces)
        {
            Outcome<Unit> removed = host.Kernel.DeleteNamespace(name);
            if (removed.Fault is { Kind: not FaultKind.NotFound } stuck)
                return stuck;
        }
        if (await RemoveVfsAsync(state, cancel).ConfigureAwait(false) is { } failed)
            return failed;
        return _file.Remove().Fault is { } leftover ? leftover : true;
    }

    /// <summary>What stands of the scene; refused where something of somebody else's is in the way. Changes nothing.</summary>
    public Outcome<UpState> Check(PhysicalFunction pf)
    {
        if (!_file.Read().Try(out UpState? state, out Fault? fault))
            return fault;
        if (state is null || state.BootId != BootId)
        {
            state = new UpState
            {
                Pf = pf.DeviceName,
                RaisedPf = pf.IsUp == false,
                BootId = BootId,
                Attached = state?.Attached ?? new Dictionary<string, string>(),
            };
        }
        if (state.Pf != pf.DeviceName)
            return Fault.Refused($"the scene stands on {state.Pf}, which is not fit any more", remedy: "end it with `vfleet down`, then try again", target: state.Pf);
        Fault? taken = UpScene.Workloads.Select(workload => Foreign(state, workload.Namespace)).FirstOrDefault(foreign => foreign is not null);
        return taken is null ? state : taken;
    }

    /// <summary>Makes what is missing of the scene.</summary>
    public async Task<Outcome<UpState>> SetAsync(PhysicalFunction pf, CancellationToken cancel)
    {
        if (!Check(pf).Try(out UpState? state, out Fault? fault))
            return fault;
        bool isShort = pf.NumVfs < UpScene.Workloads.Count;
        Outcome<UpState> made = isShort ? await MakeVfsAsync(state, pf, cancel).ConfigureAwait(false)
            : _file.Write(state).Map(_ => state);
        if (!made.Try(out state, out fault))
            return fault;
        foreach (Workload workload in UpScene.Workloads)
        {
            Outcome<UpState> ready = await StandAsync(state, workload, cancel).ConfigureAwait(false);
            if (!ready.Try(out state, out fault))
                return fault;
        }
        return state;
    }

    /// <summary>Makes the VFs. Written down first, so that a crash loses none; where the kernel made none, there are none to remove later.</summary>
    private async Task<Outcome<UpState>> MakeVfsAsync(UpState before, PhysicalFunction pf, CancellationToken cancel)
    {
        int count = UpScene.VfsOn(pf);
        UpState state = before with { CreatedVfs = true, VfsBefore = before.CreatedVfs ? before.VfsBefore : pf.NumVfs, VfsMade = count };
        if (_file.Write(state).Fault is { } unwritten)
            return unwritten;
        say($"creating {count} VFs on {pf.Label} ({pf.DeviceName}, driver {pf.Driver})");
        if (await CountAsync(pf.DeviceName, pf.NumVfs, count, cancel).ConfigureAwait(false) is not { } notMade)
            return state;
        Outcome<PhysicalFunction> now = await host.FindPfAsync(pf.DeviceName, CancellationToken.None).ConfigureAwait(false);
        return now.Or(null)?.NumVfs == pf.NumVfs && _file.Write(before).Fault is { } kept ? kept : notMade;
    }

    /// <summary>Finishes what an <c>up</c> that was killed left half done in the ledger: a VF reserved and not attached would count as in use.</summary>
    private async Task<Fault?> FinishAsync(CancellationToken cancel) => node().Try(out LocalNode? open, out Fault? fault)
        ? (await open.ReclaimAsync(cancel).ConfigureAwait(false)).Fault
        : fault;

    /// <summary>The refusal of a namespace that somebody else made.</summary>
    private Fault? Foreign(UpState state, string name) => !state.Namespaces.Contains(name) && host.Kernel.Files.Exists(PathOf(name))
        ? Fault.Refused($"namespace {name} exists already", "`vfleet up` did not make it, and does not touch what is in it", $"remove it with `ip netns delete {name}` if nobody needs it", name)
        : null;

    private string? BootId => Boot.Id(host.Kernel.Files);

    private static string PathOf(string name) => $"/run/netns/{name}";

    /// <summary>Sees to it that a workload has its namespace and its VF. Both are written down before they are made, so that a crash loses neither.</summary>
    private async Task<Outcome<UpState>> StandAsync(UpState state, Workload workload, CancellationToken cancel)
    {
        if (state.Attached.GetValueOrDefault(workload.Namespace) is { } given)
        {
            if (state.Pending != workload.Namespace && await IsStandingAsync(workload, given, cancel).ConfigureAwait(false))
                return state;
            // Its namespace or VF is gone, or `up` was cut short: the record is settled before the workload gets another.
            if (await TakeBackAsync(workload.Namespace, given, cancel).ConfigureAwait(false) is { } stuck)
                return stuck;
        }
        Outcome<VirtualFunction> chosen = await FreeVfAsync(state, cancel).ConfigureAwait(false);
        if (!chosen.Try(out VirtualFunction? vf, out Fault? fault))
            return fault;
        if (!MakeNamespace(state, workload.Namespace).Try(out state!, out fault))
            return fault;
        state = state.With(workload.Namespace, vf.Label);
        if (_file.Write(state).Fault is { } unwritten)
            return unwritten;
        say($"giving {vf.Label} to {workload.Namespace} on VLAN {workload.Vlan}");
        if (await HandOutAsync(workload, vf.Label, cancel).ConfigureAwait(false) is { } refused)
            return refused;
        state = state with { Pending = null };
        return _file.Write(state).Fault is { } unsettled ? unsettled : state;
    }

    private async Task<Fault?> HandOutAsync(Workload workload, string vf, CancellationToken cancel)
    {
        string path = PathOf(workload.Namespace);
        if (!node().Try(out LocalNode? open, out Fault? fault)
            || !OwnerIdentity.OfNamespace(host.Kernel, path, workload.Namespace).Try(out Owner? owner, out fault))
            return fault;
        AttachOrder order = new()
        {
            NamespacePath = path,
            InterfaceName = UpScene.InterfaceName,
            Addresses = [workload.Address],
            Settings = new VfSettings { Mac = workload.Mac, Vlan = workload.Vlan, SpoofCheck = true, Trust = false },
        };
        return (await open.AttachAsync(new AllocationRequest { Vf = vf, Owner = owner }, order, cancel).ConfigureAwait(false)).Fault;
    }

    /// <summary>True where the workload's VF is still where an earlier run has put it.</summary>
    private async Task<bool> IsStandingAsync(Workload workload, string vf, CancellationToken cancel)
    {
        Outcome<VfAmongSiblings> found = await host.FindVfAsync(vf, cancel).ConfigureAwait(false);
        return found.Or(null)?.Vf.NamespacePath == PathOf(workload.Namespace);
    }

    /// <summary>Takes a workload's VF back, where it was attached at all and nobody has given it away since.</summary>
    private async Task<Fault?> TakeBackAsync(string name, string vf, CancellationToken cancel)
    {
        if (!host.Options.AttachmentsOrFiles.Find(vf).Try(out AttachmentRecord? record, out Fault? fault))
            return fault;
        if (record?.NamespacePath != PathOf(name))
            return null;
        if (!node().Try(out LocalNode? open, out fault))
            return fault;
        Outcome<ReleaseResult> back = await open.ReleaseAsync(vf, "down", cancel).ConfigureAwait(false);
        // Gone with its PF: there is nothing to take back.
        return back.Fault is { Kind: not FaultKind.NotFound } stuck ? stuck : null;
    }

    private Outcome<UpState> MakeNamespace(UpState state, string name)
    {
        if (Foreign(state, name) is { } taken)
            return taken;
        if (host.Kernel.OpenNamespace(PathOf(name)).Or(null) is { } existing)
        {
            existing.Dispose();
            return state;
        }
        UpState before = state;
        if (!state.Namespaces.Contains(name))
            state = state with { Namespaces = [.. state.Namespaces, name] };
        if (_file.Write(state).Fault is { } unwritten)
            return unwritten;
        if (host.Kernel.CreateNamespace(name).Try(out NetworkNamespace? created, out Fault? fault))
        {
            created.Dispose();
            return state;
        }
        // Somebody else made it at this moment: `down` must leave it to them.
        return fault.Errno == Errno.EEXIST && _file.Write(before).Fault is { } kept ? kept : fault;
    }

    private async Task<Outcome<VirtualFunction>> FreeVfAsync(UpState state, CancellationToken cancel)
    {
        Outcome<IReadOnlyList<VirtualFunction>> read = await host.Inventory.ListVfsAsync(pf => pf.DeviceName == state.Pf, VfDetail.Settings, cancel).ConfigureAwait(false);
        if (!read.Try(out IReadOnlyList<VirtualFunction>? vfs, out Fault? fault))
            return fault;
        Outcome<IReadOnlyList<VfInUse>> usage = await new VfUsage(host.Kernel, host.Options).FindAsync(vfs, cancel: cancel).ConfigureAwait(false);
        if (!usage.Try(out IReadOnlyList<VfInUse>? used, out fault))
            return fault;
        return UpChoice.FreeVfs(vfs, used).FirstOrDefault() is { } free
            ? free
            : Fault.Refused($"{state.Pf} has no free VF with an interface", used.Count > 0 ? string.Join("; ", used) : "no VF has its native driver",
                "free one, or bind one: `vfleet vf bind VF native`", state.Pf);
    }

    private async Task<Fault?> RemoveVfsAsync(UpState state, CancellationToken cancel)
    {
        if (state.CreatedVfs)
        {
            Outcome<PhysicalFunction> found = await host.FindPfAsync(state.Pf, cancel).ConfigureAwait(false);
            if (found.Fault is { Kind: not FaultKind.NotFound } unread)
                return unread;
            int? now = found.Or(null)?.NumVfs;
            // 0 where a version wrote it that did not note the number.
            if (now is { } other && state.VfsMade != 0 && other != state.VfsMade)
                say($"{state.Pf} has {other} VFs, not the {state.VfsMade} that were made: they are left to whoever changed that");
            else if (now is { } made && await GiveUpVfsAsync(state, made, cancel).ConfigureAwait(false) is { Kind: not FaultKind.NotFound } failed)
                return failed;
        }
        return state.RaisedPf ? await LowerAsync(state, cancel).ConfigureAwait(false) : null;
    }

    private Task<Fault?> GiveUpVfsAsync(UpState state, int now, CancellationToken cancel)
    {
        say(state.VfsBefore == 0 ? $"removing the VFs of {state.Pf}" : $"giving {state.Pf} {state.VfsBefore} VFs again");
        return CountAsync(state.Pf, now, state.VfsBefore, cancel);
    }

    /// <summary>Changes the number of VFs; refused while one is in use, and where there are others than were seen.</summary>
    private async Task<Fault?> CountAsync(string pf, int seen, int count, CancellationToken cancel)
    {
        string driver = count == 0 ? NativeDriver.None : NativeDriver.Word;
        Outcome<CreatePlan> plan = await host.Creator.PlanAsync(pf, count, driver, false, cancel).ConfigureAwait(false);
        if (!plan.Try(out CreatePlan? ready, out Fault? fault))
            return fault;
        return ready.From == seen
            ? (await host.Creator.ApplyAsync(ready, false, cancel: cancel).ConfigureAwait(false)).Fault
            : Fault.Refused($"{pf} has {ready.From} VFs now, and had {seen} a moment ago", "somebody changes them", "try again", pf);
    }

    private ValueTask<Outcome<FileStream>> LockAsync(CancellationToken cancel)
    {
        Fault late = Fault.TimedOut("another `vfleet up` or `vfleet down` works on the scene", null, "try again when it is done");
        LockPatience patience = new(Patience, late, () => say("waiting for another `vfleet up` or `vfleet down`"));
        return StateLock.TakeAsync(host.Options, "up", isShared: false, patience, cancel);
    }

    private async Task<Fault?> LowerAsync(UpState state, CancellationToken cancel)
    {
        Outcome<PhysicalFunction> found = await host.FindPfAsync(state.Pf, cancel).ConfigureAwait(false);
        if (found.Fault?.Kind == FaultKind.NotFound)
            return null;
        if (!found.Try(out PhysicalFunction? pf, out Fault? fault) || !RouteClient.Open(host.Kernel).Try(out RouteClient? route, out fault))
            return fault;
        using (route)
        {
            Outcome<List<AddressInfo>> listed = await route.ListAddressesAsync(cancel).ConfigureAwait(false);
            if (!listed.Try(out List<AddressInfo>? addresses, out fault))
                return fault;
            if (pf.DefaultRoute == true || addresses.Any(address => address.InterfaceIndex == pf.InterfaceIndex && !address.IsLinkLocal))
            {
                say($"{pf.Label} was down before, and stays up: somebody uses it by now");
                return null;
            }
            return (await route.ChangeLinkAsync(pf.InterfaceIndex, pf.Label, new LinkChange { Up = false }, cancel).ConfigureAwait(false)).Fault;
        }
    }
}
