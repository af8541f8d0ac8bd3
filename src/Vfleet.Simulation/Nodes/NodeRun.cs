using System.Globalization;
using Vfleet.Host.Inventory;
using Vfleet.Node;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;
using Vfleet.Node.Prewarm;
using Vfleet.Node.Release;

namespace Vfleet.Simulation.Nodes;

/// <summary>How a plan failed.</summary>
/// <param name="Step">The action after which it showed; the number of actions for the end.</param>
/// <param name="Violation">What.</param>
internal sealed record NodeFailure(int Step, NodeViolation Violation);

/// <summary>Carries out a plan on a machine of its own, and checks every invariant after each action.</summary>
internal sealed class NodeRun : IDisposable
{
    private readonly NodePlan _plan;
    private readonly NodeWorld _world;
    private readonly NodeModel _model = new();
    private readonly NodeHands _hands;
    private readonly List<string> _trace = [];
    private readonly NodeLedger _watcher;
    private readonly CheckpointSigner _signer;
    private NodeProcess? _process;
    private NodeViolation? _found;

    private NodeRun(NodePlan plan)
    {
        _plan = plan;
        _world = NodeWorld.Create(plan.Profile, plan.Vfs);
        _watcher = NodeLedger.Open(_world.Ledger, new Actor("watcher", null, null)).Value;
        _signer = CheckpointSigner.Open(_world.Ledger).Value;
        _hands = new NodeHands(_world, _model, _watcher);
    }

    /// <summary>What was done and what came of it, a line each.</summary>
    public IReadOnlyList<string> Trace => _trace;

    /// <summary>Carries out a plan.</summary>
    /// <returns>Null where every invariant held.</returns>
    public static async Task<(NodeFailure? Failure, IReadOnlyList<string> Trace)> ExecuteAsync(NodePlan plan)
    {
        using NodeRun run = new(plan);
        return (await run.ExecuteAsync().ConfigureAwait(false), run.Trace);
    }

    public void Dispose()
    {
        _process?.Dispose();
        _watcher.Dispose();
        _world.Dispose();
    }

    private async Task<NodeFailure?> ExecuteAsync()
    {
        for (int step = 0; step < _plan.Actions.Count; step++)
        {
            NodeAction action = _plan.Actions[step];
            _trace.Add(string.Create(CultureInfo.InvariantCulture, $"{step}: {action}"));
            if (action.Fault is { } fault && _world.Machine.Faults.Arm(fault).Fault is { } unknown)
                return new NodeFailure(step, new NodeViolation("plan", unknown.Error));
            bool isAtRest = await PerformAsync(action, step).ConfigureAwait(false);
            if (await CheckAsync(isAtRest).ConfigureAwait(false) is { } violation)
                return new NodeFailure(step, violation);
        }
        return await EndAsync().ConfigureAwait(false) is { } late ? new NodeFailure(_plan.Actions.Count, late) : null;
    }

    /// <returns>True where the node is at rest afterwards.</returns>
    private async Task<bool> PerformAsync(NodeAction action, int step)
    {
        switch (action.Kind)
        {
            case NodeActionKind.Allocate:
                _ = await DoAsync(action, node => node.AllocateAsync(_hands.Request(action, null)),
                    held => _model.Acknowledge(new ModelAllocation { Allocation = held })).ConfigureAwait(false);
                break;
            case NodeActionKind.Attach:
                (string space, int vlan) = (_hands.Namespace(action.Pick), 100 + step);
                _ = await DoAsync(action, node => node.AttachAsync(_hands.Request(action, space), NodeHands.Order(space, step, vlan)),
                    done => _model.Acknowledge(new ModelAllocation { Allocation = done.Allocation, Namespace = space, Vlan = vlan })).ConfigureAwait(false);
                break;
            case NodeActionKind.Release:
                if (_hands.Open(action.Pick) is { } id)
                {
                    // Doubted first: whatever comes of it, the owner gave it up.
                    _model.Doubt(id);
                    _ = await DoAsync(action, node => node.ReleaseAsync(id), _ => _model.Release(id)).ConfigureAwait(false);
                }
                break;
            case NodeActionKind.Adopt:
                if (_hands.Stranger(action.Pick) is { } vf)
                {
                    _ = await DoAsync(action, node => node.AdoptAsync(vf, new Owner { Name = $"adopted {step}" }, null),
                        held => _model.Acknowledge(new ModelAllocation { Allocation = held, Namespace = NodeHands.StrangersPlace })).ConfigureAwait(false);
                }
                break;
            case NodeActionKind.Census:
                _ = await DoAsync(action, node => node.Census.TakeAsync(isThorough: true), _ => { }).ConfigureAwait(false);
                break;
            case NodeActionKind.Reclaim:
                _ = await DoAsync(action, node => node.ReclaimAsync(), _ => { }).ConfigureAwait(false);
                break;
            case NodeActionKind.Prewarm:
                _ = await DoAsync(action, node => PrewarmAsync(node, action), AreReady).ConfigureAwait(false);
                break;
            case NodeActionKind.Rest:
                return await RestAsync().ConfigureAwait(false);
            case NodeActionKind.Reboot:
                Drop("the machine boots");
                _hands.Reboot(action);
                break;
            default:
                _trace.Add($"   {_hands.Perform(action)}");
                break;
        }
        return false;
    }

    private async Task<Outcome<PrewarmReport>> PrewarmAsync(LocalNode node, NodeAction action) =>
        NodeHands.KeepReady(node, _world.Pf, action.Pick % 3, action.Variant % 2 == 0 ? ScrubRule.Reset : ScrubRule.Settings).Fault
            ?? await NodeHands.PrewarmAsync(node).ConfigureAwait(false);

    private void AreReady(PrewarmReport report)
    {
        _trace.Add($"   ready: {string.Join(' ', report.Warmed)}; not any more: {string.Join(' ', report.Cooled)}");
        foreach (Fault fault in report.Faults)
            _trace.Add($"   {fault.Kind}: {fault.Error}");
        foreach (string vf in report.Warmed.Where(vf => !_world.IsReady(vf)))
            Wrong("I2", $"{vf} was made ready, and is down or not quiet");
    }

    /// <summary>Lets a process work, and notes what it was told.</summary>
    private async Task<bool> DoAsync<T>(NodeAction action, Func<LocalNode, Task<Outcome<T>>> work, Action<T> acknowledged)
    {
        if (action.Variant % 4 == 0)
            Drop("another process");
        if (_process is null && !_world.Start().Try(out _process, out Fault? closed))
            return Wrong("liveness", $"no process can open the ledger: {closed.Error}");
        _process.Watch(action.Crash);
        try
        {
            Outcome<T> outcome = await work(_process.Node).ConfigureAwait(false);
            if (_process.DiedAt is { } survived)
                return Wrong("simulation", $"somebody caught the end of the process at {survived}");
            _trace.Add(outcome.Fault is { } fault ? $"   {fault.Kind}: {fault.Error}{(fault.Cause is null ? "" : $" ({fault.Cause})")}" : "   done");
            if (outcome.Fault is { Kind: FaultKind.Internal } defect)
                return Wrong("defect", defect.Error);
            if (outcome.Try(out T? value, out _))
                acknowledged(value);
            return outcome.Succeeded;
        }
        catch (ProcessDiedException)
        {
            Drop($"died {_process.DiedAt}");
            return false;
        }
    }

    /// <summary>The process ends; the next one is another.</summary>
    private void Drop(string why)
    {
        if (_process is null)
            return;
        _trace.Add($"   process {_process.Pid}: {why}");
        _world.End(_process);
        _process = null;
    }

    /// <summary>No fault is on, and a fresh process takes back what the dead left, sees the machine, and takes back what it lost.</summary>
    private async Task<bool> RestAsync()
    {
        _world.Machine.Faults.ClearAll();
        Drop("a rest");
        NodeAction plain = new(NodeActionKind.Rest, 0, 1, null, null);
        return await DoAsync(plain, node => node.ReclaimAsync(), Tell).ConfigureAwait(false)
            && await DoAsync(plain, node => node.Census.TakeAsync(isThorough: true), _ => { }).ConfigureAwait(false)
            && await DoAsync(plain, node => node.ReclaimAsync(), IsFinished).ConfigureAwait(false)
            ? _found is null
            : Wrong("liveness", $"a fresh process without faults does not come to rest: {_trace[^1].Trim()}");
    }

    private void Tell(ReclaimReport report)
    {
        foreach (string unclear in report.Unclear)
            _trace.Add($"   unclear: {unclear}");
        foreach (Fault left in report.Left)
            _trace.Add($"   left: {left.Error} ({left.Cause})");
    }

    /// <summary>After the census nothing may be left: what is gone is lost, and what is there can be taken back.</summary>
    private void IsFinished(ReclaimReport report)
    {
        Tell(report);
        if (report.Left.Count > 0)
            Wrong("liveness", $"something is left without any fault: {report.Left[0].Error}");
        else if (report.Unclear.Count > 0)
            Wrong("liveness", $"nobody can tell whether an owner lives, without any fault: {report.Unclear[0]}");
    }

    private bool Wrong(string invariant, string what)
    {
        _found ??= new NodeViolation(invariant, what);
        return false;
    }

    private async Task<NodeViolation?> CheckAsync(bool isAtRest)
    {
        if (_found is not null)
            return _found;
        // The model first: it forgets what was changed by hand once it has an owner again.
        foreach (NodeViolation wrong in _model.Check(_world, _watcher, isAtRest))
            return wrong;
        if (!(await _world.ReadAsync().ConfigureAwait(false)).Try(out MachineInventory? machine, out Fault? fault))
            return new NodeViolation("simulation", $"the machine cannot be read: {fault.Error}");
        NodeMoment moment = new() { IsAtRest = isAtRest, ChangedByHand = _model.ChangedByHand };
        return NodeInvariants.Check(machine, _watcher, _signer, moment).Try(out IReadOnlyList<NodeViolation>? found, out fault)
            ? found.Count == 0 ? null : found[0]
            : new NodeViolation("I8", $"the ledger cannot be read: {fault.Error}");
    }

    /// <summary>Everybody gives back what they have: then every VF is free, or quarantined with a reason.</summary>
    private async Task<NodeViolation?> EndAsync()
    {
        _trace.Add("end");
        NodeAction plain = new(NodeActionKind.Release, 0, 1, null, null);
        bool isAtRest = await RestAsync().ConfigureAwait(false);
        if (await CheckAsync(isAtRest).ConfigureAwait(false) is { } before)
            return before;
        while (_hands.Open(0) is { } id)
        {
            _model.Doubt(id);
            if (!await DoAsync(plain, node => node.ReleaseAsync(id), _ => _model.Release(id)).ConfigureAwait(false))
                return _found ?? new NodeViolation("liveness", $"{id} cannot be released without any fault: {_trace[^1].Trim()}");
        }
        if (await CheckAsync(await RestAsync().ConfigureAwait(false)).ConfigureAwait(false) is { } after)
            return after;
        foreach (LedgerVf row in _watcher.Read(view => view.Vfs()).Or(null) ?? [])
        {
            if (row.State is not (VfState.Free or VfState.Quarantined or VfState.Lost))
                return new NodeViolation("liveness", $"{row.Vf} is {row.State} although everything was released");
        }
        return null;
    }
}
