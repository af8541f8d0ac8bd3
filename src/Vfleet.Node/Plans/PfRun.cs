using Vfleet.Host;
using Vfleet.Host.Create;
using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Host.Usage;
using Vfleet.Linux.Route;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Plans;

/// <summary>Carries out the plan of one PF: whole, or it is put back.</summary>
/// <param name="host">The machine.</param>
/// <param name="ledger">The ledger.</param>
/// <param name="plan">The plan.</param>
/// <param name="options">How.</param>
internal sealed class PfRun(SriovHost host, NodeLedger ledger, PfPlan plan, PlanOptions options)
{
    private const int BindsAtOnce = 8;

    private readonly PfSetter _setter = new(host.Kernel, host.Options);
    private readonly List<(PlanStep Step, TimeSpan Took)> _took = [];
    private bool _touched;

    private string Device => plan.Pf.DeviceName;

    /// <summary>Does all steps.</summary>
    /// <returns>Null; or why it was not done, and then the PF is as it was, or the fault says that it is not.</returns>
    public async Task<Fault?> RunAsync(CancellationToken cancel)
    {
        if (plan.Refusal(options.Force) is { } refused)
            return refused;
        PfClaim claim = new(ledger, plan, options.Force);
        if (claim.Take().Fault is { } taken)
            return taken;
        Fault? failed;
        try
        {
            failed = await DoAllAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C half way: the PF is put back before the caller hears of it, and a failure of that weighs more.
            if (await UndoAsync(claim).ConfigureAwait(false) is { } stuck)
                return stuck;
            throw;
        }
        if (failed is not null)
            return await UndoAsync(claim).ConfigureAwait(false) is { } left
                ? failed with { Cause = $"{failed.Cause ?? failed.Error}; {left.Error}", Remedy = left.Remedy }
                : failed with { Cause = $"{failed.Cause ?? failed.Error}; {plan.Pf.Label} is as it was" };
        Outcome<MachineInventory> read = await ReadAsync().ConfigureAwait(false);
        return OrAbandoned(claim, read.Try(out MachineInventory? now, out Fault? unread) ? claim.Settle(now.VfsOf(plan.Pf), _took).Fault : unread);
    }

    private static Fault? OrAbandoned(PfClaim claim, Fault? unsettled) =>
        unsettled is null ? null : claim.Abandon().Fault is { } kept ? unsettled with { Cause = $"{unsettled.Cause ?? unsettled.Error}; {kept.Error}" } : unsettled;

    private async Task<Fault?> UndoAsync(PfClaim claim)
    {
        // What was refused before anything was changed may be somebody else's work by now: it stays.
        Fault? left = _touched ? await new PfRestore(host, plan.Pf, plan.Vfs).RunAsync().ConfigureAwait(false) : null;
        Fault? unsettled = OrAbandoned(claim, await GiveUpAsync(claim).ConfigureAwait(false));
        if ((left ?? unsettled) is not { } fault)
            return null;
        return fault with
        {
            Error = $"{plan.Pf.Label} could not be put back: {fault.Error}",
            Remedy = "remove the cause, then apply again: it goes on from what is there",
        };
    }

    private async Task<Fault?> GiveUpAsync(PfClaim claim)
    {
        if (!(await ReadAsync().ConfigureAwait(false)).Try(out MachineInventory? now, out Fault? fault))
            return fault;
        IReadOnlyList<VirtualFunction> vfs = now.VfsOf(plan.Pf);
        Outcome<IReadOnlyList<VfInUse>> used = await new VfUsage(host.Kernel, host.Options).FindAsync(vfs).ConfigureAwait(false);
        return used.Try(out IReadOnlyList<VfInUse>? all, out fault)
            ? claim.GiveUp(vfs, all.ToDictionary(use => use.Vf.Label, use => use.Reason, StringComparer.Ordinal)).Fault
            : fault;
    }

    /// <summary>The PF as it is after its steps. They are done, whoever lost patience.</summary>
    private ValueTask<Outcome<MachineInventory>> ReadAsync() => host.Inventory.ReadOfAsync([Device], VfDetail.Settings, CancellationToken.None);

    private async Task<Fault?> DoAllAsync(CancellationToken cancel)
    {
        foreach (PlanStep step in plan.Steps)
        {
            Report(step, 0);
            long started = host.Options.Time.GetTimestamp();
            if (await DoAsync(step, cancel).ConfigureAwait(false) is { } failed)
                return failed;
            _took.Add((step, host.Options.Time.GetElapsedTime(started)));
            Report(step, Total(step));
        }
        return null;
    }

    private async Task<Fault?> DoAsync(PlanStep step, CancellationToken cancel)
    {
        if (step.Kind == PlanStepKind.Count)
            return await CountAsync(step, cancel).ConfigureAwait(false);
        _touched = true;
        return step.Kind switch
        {
            PlanStepKind.EswitchMode => (await _setter.SetEswitchModeAsync(Device, step.Mode!.Value, cancel).ConfigureAwait(false)).Fault,
            PlanStepKind.Mtu => (await _setter.SetMtuAsync(Device, step.Mtu!.Value, cancel).ConfigureAwait(false)).Fault,
            PlanStepKind.Bind => await BindAsync(step, cancel).ConfigureAwait(false),
            _ => await SetVfMtusAsync(step, cancel).ConfigureAwait(false),
        };
    }

    private async Task<Fault?> CountAsync(PlanStep step, CancellationToken cancel)
    {
        Outcome<CreatePlan> planned =
            await host.Creator.PlanAsync(Device, step.To, null, step.Drivers, options.Force, cancel).ConfigureAwait(false);
        if (!planned.Try(out CreatePlan? fresh, out Fault? fault))
            return fault;
        if (fresh.From != step.From)
            return Fault.Refused($"{plan.Pf.Label} had {step.From} VFs when this was planned, and has {fresh.From} now",
                "somebody else changed the number meanwhile", "look with `vfleet plan`, then apply again", plan.Pf.Label);
        // Force covers what the plan showed.
        HashSet<string> shown = [.. step.Held.Select(hit => hit.Vf)];
        string[] unseen =
            [.. fresh.InUse.Where(used => !used.IsTrafficOnly && !shown.Contains(used.Vf.Label)).Select(used => used.ToString())];
        if (unseen.Length > 0)
            return Fault.Refused($"{plan.Pf.Label}: something came into use since this was planned", string.Join("; ", unseen),
                "end its use, or apply with --force again: it then covers this too", plan.Pf.Label);
        _touched = true;
        return (await host.Creator.ApplyAsync(
            fresh, options.Force, progress => Report(step, progress.Stage == "bind" ? progress.Done : 0), cancel: cancel)
            .ConfigureAwait(false)).Fault;
    }

    private async Task<Fault?> BindAsync(PlanStep step, CancellationToken cancel)
    {
        using SemaphoreSlim few = new(BindsAtOnce);
        int done = 0;
        Fault?[] faults = await Task.WhenAll(step.Rebinds.Select(async hit =>
        {
            await few.WaitAsync(cancel).ConfigureAwait(false);
            try
            {
                // Refused where somebody uses it by now: a VF is looked at again under its lock.
                Outcome<VirtualFunction> bound =
                    await host.BindAsync(hit.Vf, step.Driver!, force: false, dryRun: false, cancel: cancel).ConfigureAwait(false);
                Report(step, Interlocked.Increment(ref done));
                return bound.Fault;
            }
            finally
            {
                few.Release();
            }
        })).ConfigureAwait(false);
        return faults.FirstOrDefault(fault => fault is not null);
    }

    private async Task<Fault?> SetVfMtusAsync(PlanStep step, CancellationToken cancel)
    {
        // By index: their addresses may be others since their number changed.
        Outcome<MachineInventory> read = await host.Inventory.ReadOfAsync([Device], VfDetail.None, cancel).ConfigureAwait(false);
        if (!read.Try(out MachineInventory? now, out Fault? fault))
            return fault;
        HashSet<int> wanted = [.. step.Vfs];
        string[] names = [.. now.VfsOf(plan.Pf).Where(vf => wanted.Contains(vf.Index)).Select(vf => vf.Label)];
        return (await _setter.SetVfMtuAsync(names, step.Mtu!.Value, cancel).ConfigureAwait(false)).Fault;
    }

    private void Report(PlanStep step, int done) => options.Progress?.Invoke(new PlanProgress(plan.Pf.Label, step.Text, done, Total(step)));

    private static int Total(PlanStep step) => Math.Max(1, step.Kind == PlanStepKind.Count ? step.To : step.Vfs.Count);
}
