using Vfleet.Host;
using Vfleet.Host.Attach;
using Vfleet.Host.Create;
using Vfleet.Host.Drivers;
using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Host.Usage;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Cli.Up;

/// <summary>Sets the scene on one machine and takes it down again: VFs, namespaces, attachments.</summary>
internal sealed class UpRunner(SriovHost host, Action<string> say)
{
    private readonly UpStateFile _file = new(host.Options.StateDirectory);

    /// <summary>The PF the scene would use: the one in use by an earlier run, else the first fit one.</summary>
    /// <returns>Null where no PF is fit.</returns>
    public async Task<Outcome<PhysicalFunction?>> ChooseAsync(CancellationToken cancel)
    {
        Outcome<IReadOnlyList<PhysicalFunction>> read = await host.Inventory.ListPfsAsync(VfDetail.None, cancel).ConfigureAwait(false);
        if (!read.Try(out IReadOnlyList<PhysicalFunction>? pfs, out Fault? fault) || !_file.Read().Try(out UpState? earlier, out fault))
            return fault;
        PhysicalFunction[] fit = [.. pfs.Where(IsFit)];
        return fit.FirstOrDefault(pf => pf.DeviceName == earlier?.Pf)
            ?? fit.FirstOrDefault(pf => pf.NumVfs == 0)
            ?? fit.FirstOrDefault(pf => pf.NumVfs >= UpScene.Workloads.Count);
    }

    /// <summary>Sets the scene, or what is missing of it, then checks and measures.</summary>
    public async Task<Outcome<UpReport>> RunAsync(PhysicalFunction pf, string mode, CancellationToken cancel)
    {
        Outcome<UpState> set = await SetAsync(pf, cancel).ConfigureAwait(false);
        if (!set.Try(out UpState? state, out Fault? fault))
            return fault;
        say("checking who reaches whom");
        Outcome<UpReport> checkedScene = await new UpChecks(host).RunAsync(state, mode, cancel).ConfigureAwait(false);
        return checkedScene;
    }

    /// <summary>Takes the scene down: what <see cref="RunAsync"/> made, and nothing else.</summary>
    /// <returns>False where there was none.</returns>
    public async Task<Outcome<bool>> DownAsync(CancellationToken cancel)
    {
        if (!_file.Read().Try(out UpState? state, out Fault? fault))
            return fault;
        if (state is null)
            return false;
        foreach ((string _, string vf) in state.Attached)
        {
            say($"taking {vf} back");
            Outcome<DetachResult> back = await host.Detacher.DetachAsync(vf, cancel: cancel).ConfigureAwait(false);
            // Not attached, or gone with its PF: there is nothing to take back.
            if (back.Fault is { Kind: not FaultKind.NotFound } stuck)
                return stuck;
        }
        foreach (Workload workload in UpScene.Workloads)
        {
            Outcome<Unit> removed = host.Kernel.DeleteNamespace(workload.Namespace);
            if (removed.Fault is { Kind: not FaultKind.NotFound } stuck)
                return stuck;
        }
        if (await RemoveVfsAsync(state, cancel).ConfigureAwait(false) is { } failed)
            return failed;
        return _file.Remove().Fault is { } leftover ? leftover : true;
    }

    private static bool IsFit(PhysicalFunction pf) =>
        pf is { Name: not null, Address: not null, TotalVfs: >= 3, DefaultRoute: not true } && NativeDriver.Of(pf.Driver) is not null;

    private async Task<Outcome<UpState>> SetAsync(PhysicalFunction pf, CancellationToken cancel)
    {
        if (!_file.Read().Try(out UpState? state, out Fault? fault))
            return fault;
        state ??= new UpState { Pf = pf.DeviceName, CreatedVfs = pf.NumVfs == 0, RaisedPf = pf.IsUp == false };
        if (_file.Write(state).Fault is { } unwritten)
            return unwritten;
        if (pf.NumVfs == 0)
        {
            int count = Math.Min(UpScene.Vfs, pf.TotalVfs ?? UpScene.Workloads.Count);
            say($"creating {count} VFs on {pf.Label} ({pf.DeviceName}, driver {pf.Driver})");
            Outcome<CreatePlan> plan = await host.Creator.PlanAsync(pf.DeviceName, count, NativeDriver.Word, false, cancel).ConfigureAwait(false);
            if (!plan.Try(out CreatePlan? ready, out fault))
                return fault;
            Outcome<IReadOnlyList<VirtualFunction>> made = await host.Creator.ApplyAsync(ready, false, null, cancel).ConfigureAwait(false);
            if (made.Fault is not null)
                return made.Fault;
        }
        return await AttachAllAsync(state, cancel).ConfigureAwait(false);
    }

    private async Task<Outcome<UpState>> AttachAllAsync(UpState state, CancellationToken cancel)
    {
        foreach (Workload workload in UpScene.Workloads)
        {
            Outcome<VirtualFunction?> standing = await StandingAsync(state, workload, cancel).ConfigureAwait(false);
            if (!standing.Try(out VirtualFunction? already, out Fault? fault))
                return fault;
            if (already is not null)
                continue;
            Outcome<string> attached = await AttachAsync(state, workload, cancel).ConfigureAwait(false);
            if (!attached.Try(out string? vf, out fault))
                return fault;
            state = state with { Attached = new Dictionary<string, string>(state.Attached) { [workload.Namespace] = vf } };
            if (_file.Write(state).Fault is { } unwritten)
                return unwritten;
        }
        return state;
    }

    /// <summary>The workload's VF where an earlier run has attached it and it is still there.</summary>
    private async Task<Outcome<VirtualFunction?>> StandingAsync(UpState state, Workload workload, CancellationToken cancel)
    {
        if (state.Attached.GetValueOrDefault(workload.Namespace) is not { } vf)
            return Outcome<VirtualFunction?>.Of(null);
        Outcome<VfAmongSiblings> found = await host.FindVfAsync(vf, cancel).ConfigureAwait(false);
        if (found.Or(null)?.Vf is { NamespacePath: not null } standing)
            return standing;
        // Its namespace or VF is gone: the record is settled before the workload gets another.
        Outcome<DetachResult> back = await host.Detacher.DetachAsync(vf, cancel: cancel).ConfigureAwait(false);
        return back.Fault is { Kind: not FaultKind.NotFound } stuck ? stuck : Outcome<VirtualFunction?>.Of(null);
    }

    private async Task<Outcome<string>> AttachAsync(UpState state, Workload workload, CancellationToken cancel)
    {
        Outcome<VirtualFunction> chosen = await FreeVfAsync(state, cancel).ConfigureAwait(false);
        if (!chosen.Try(out VirtualFunction? vf, out Fault? fault))
            return fault;
        say($"giving {vf.Label} to {workload.Namespace} on VLAN {workload.Vlan}");
        string path = $"/run/netns/{workload.Namespace}";
        if (host.Kernel.OpenNamespace(path).Or(null) is { } existing)
            existing.Dispose();
        else if (!host.Kernel.CreateNamespace(workload.Namespace).Try(out NetworkNamespace? created, out fault))
            return fault;
        else
            created.Dispose();
        Outcome<AttachResult> attached = await host.Attacher.AttachAsync(new AttachRequest
        {
            Vf = vf.Label,
            NamespacePath = path,
            InterfaceName = UpScene.InterfaceName,
            Addresses = [workload.Address],
            Settings = new VfSettings { Mac = workload.Mac, Vlan = workload.Vlan, SpoofCheck = true, Trust = false },
        }, cancel: cancel).ConfigureAwait(false);
        return attached.Map(_ => vf.Label);
    }

    private async Task<Outcome<VirtualFunction>> FreeVfAsync(UpState state, CancellationToken cancel)
    {
        Outcome<IReadOnlyList<VirtualFunction>> read = await host.Inventory.ListVfsAsync(pf => pf.DeviceName == state.Pf, VfDetail.Settings, cancel).ConfigureAwait(false);
        if (!read.Try(out IReadOnlyList<VirtualFunction>? vfs, out Fault? fault))
            return fault;
        Outcome<IReadOnlyList<VfInUse>> usage = await new VfUsage(host.Kernel, host.Options).FindAsync(vfs, cancel: cancel).ConfigureAwait(false);
        if (!usage.Try(out IReadOnlyList<VfInUse>? used, out fault))
            return fault;
        VirtualFunction? free = vfs.FirstOrDefault(vf => vf.Link is not null && used.All(other => other.Vf.Index != vf.Index));
        return free is not null
            ? free
            : Fault.Refused($"{state.Pf} has no free VF with an interface", used.Count > 0 ? string.Join("; ", used) : "no VF has its native driver",
                "free one, or bind one: `vfleet vf bind VF native`", state.Pf);
    }

    private async Task<Fault?> RemoveVfsAsync(UpState state, CancellationToken cancel)
    {
        if (state.CreatedVfs)
        {
            say($"removing the VFs of {state.Pf}");
            Outcome<CreatePlan> plan = await host.Creator.PlanAsync(state.Pf, 0, NativeDriver.None, false, cancel).ConfigureAwait(false);
            if (!plan.Try(out CreatePlan? ready, out Fault? fault))
                return fault.Kind == FaultKind.NotFound ? null : fault;
            Outcome<IReadOnlyList<VirtualFunction>> removed = await host.Creator.ApplyAsync(ready, false, null, cancel).ConfigureAwait(false);
            if (removed.Fault is not null)
                return removed.Fault;
        }
        return state.RaisedPf ? await LowerAsync(state, cancel).ConfigureAwait(false) : null;
    }

    private async Task<Fault?> LowerAsync(UpState state, CancellationToken cancel)
    {
        Outcome<PhysicalFunction> found = await host.FindPfAsync(state.Pf, cancel).ConfigureAwait(false);
        if (!found.Try(out PhysicalFunction? pf, out Fault? fault) || !RouteClient.Open(host.Kernel).Try(out RouteClient? route, out fault))
            return fault;
        using (route)
            return (await route.ChangeLinkAsync(pf.InterfaceIndex, pf.Label, new LinkChange { Up = false }, cancel).ConfigureAwait(false)).Fault;
    }
}
