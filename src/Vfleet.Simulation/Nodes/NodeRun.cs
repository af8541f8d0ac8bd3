using System.Globalization;
using Vfleet.Host.Inventory;
using Vfleet.Node;
using Vfleet.Node.Ledger;

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
    private readonly NodeCalls _calls;
    private NodeProcess? _process;

    private NodeRun(NodePlan plan)
    {
        _plan = plan;
        _world = NodeWorld.Create(plan.Profile, plan.Vfs);
        _watcher = NodeLedger.Open(_world.Ledger, new Actor("watcher", null, null)).Value;
        _signer = CheckpointSigner.Open(_world.Ledger).Value;
        _hands = new NodeHands(_world, _model, _watcher);
        _calls = new NodeCalls(_world, _model, _hands, _watcher, _trace);
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
            case NodeActionKind.Meeting:
                await MeetAsync(action, step).ConfigureAwait(false);
                break;
            case NodeActionKind.Rest:
                return await RestAsync(isKept: action.Variant % 2 == 1).ConfigureAwait(false);
            case NodeActionKind.Reboot:
                Drop("the machine boots");
                _hands.Reboot(action);
                break;
            default:
                if (_calls.Of(action, step) is { } work)
                    _ = await DoAsync(action, work).ConfigureAwait(false);
                else
                    _trace.Add($"   {_hands.Perform(action)}");
                break;
        }
        return false;
    }

    /// <summary>Two processes work at once, without faults: their clocks stand, so that nobody waits for a deadline in vain.</summary>
    private async Task MeetAsync(NodeAction action, int step)
    {
        Drop("two others come");
        Func<LocalNode, Task<string>>[] works =
        [
            .. _calls.Meeting(action, step).Select(work => (Func<LocalNode, Task<string>>)(async node => Words(await work(node).ConfigureAwait(false)))),
        ];
        using IDisposable quiet = _world.Machine.Faults.Pause();
        SeededNumbers numbers = new((ulong)((action.Pick * 64) + action.Variant));
        (IReadOnlyList<string> ends, NodeViolation? violation) =
            await NodeMeeting.RunAsync(_world, works, numbers, action.Crash?.At).ConfigureAwait(false);
        _trace.AddRange(ends.Select(end => $"   {end}"));
        if (violation is not null)
            _calls.Wrong(violation.Invariant, violation.What);
    }

    private string Words(Outcome<string> outcome)
    {
        if (outcome.Fault is { Kind: FaultKind.Internal } defect)
            _calls.Wrong("defect", defect.Error);
        return outcome.Fault is { } fault ? $"{fault.Kind}: {fault.Error}{(fault.Cause is null ? "" : $" ({fault.Cause})")}" : outcome.Value!;
    }

    /// <summary>Lets a process work, and notes what it was told.</summary>
    private async Task<bool> DoAsync(NodeAction action, Func<LocalNode, Task<Outcome<string>>> work)
    {
        if (action.Variant % 4 == 0)
            Drop("another process");
        if (_process is null && !_world.Start().Try(out _process, out Fault? closed))
            return _calls.Wrong("liveness", $"no process can open the ledger: {closed.Error}");
        _process.Watch(action.Crash);
        try
        {
            Outcome<string> outcome = await work(_process.Node).ConfigureAwait(false);
            if (_process.DiedAt is { } survived)
                return _calls.Wrong("simulation", $"somebody caught the end of the process at {survived}");
            _trace.Add($"   {Words(outcome)}");
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

    /// <summary>No fault is on, and a fresh process takes back what the dead left.</summary>
    /// <param name="isKept">An agent makes the machine as it has to be, too.</param>
    private async Task<bool> RestAsync(bool isKept)
    {
        _world.Machine.Faults.ClearAll();
        Drop("a rest");
        NodeAction plain = new(NodeActionKind.Rest, 0, 1, null, null);
        return await DoAsync(plain, _calls.RestAsync).ConfigureAwait(false) && (!isKept || await DoAsync(plain, _calls.KeepAsync).ConfigureAwait(false))
            ? _calls.Found is null
            : _calls.Wrong("liveness", $"a fresh process without faults does not come to rest: {_trace[^1].Trim()}");
    }

    private async Task<NodeViolation?> CheckAsync(bool isAtRest)
    {
        if (_calls.Found is { } found)
            return found;
        // The model first: it forgets what was changed by hand once it has an owner again.
        foreach (NodeViolation wrong in _model.Check(_world, _watcher, isAtRest))
            return wrong;
        if (!(await _world.ReadAsync().ConfigureAwait(false)).Try(out MachineInventory? machine, out Fault? fault))
            return new NodeViolation("simulation", $"the machine cannot be read: {fault.Error}");
        NodeMoment moment = new() { IsAtRest = isAtRest, ChangedByHand = _model.ChangedByHand };
        return NodeInvariants.Check(machine, _watcher, _signer, moment).Try(out IReadOnlyList<NodeViolation>? broken, out fault)
            ? broken.Count == 0 ? null : broken[0]
            : new NodeViolation("I8", $"the ledger cannot be read: {fault.Error}");
    }

    /// <summary>Everybody gives back what they have: then every VF is free, or quarantined with a reason.</summary>
    private async Task<NodeViolation?> EndAsync()
    {
        _trace.Add("end");
        NodeAction plain = new(NodeActionKind.Release, 0, 1, null, null);
        bool isAtRest = await RestAsync(isKept: false).ConfigureAwait(false);
        if (await CheckAsync(isAtRest).ConfigureAwait(false) is { } before)
            return before;
        while (_hands.Open(0) is { } id)
        {
            if (!await DoAsync(plain, node => _calls.ReleaseAsync(node, id)).ConfigureAwait(false))
                return _calls.Found ?? new NodeViolation("liveness", $"{id} cannot be released without any fault: {_trace[^1].Trim()}");
        }
        if (await CheckAsync(await RestAsync(isKept: true).ConfigureAwait(false)).ConfigureAwait(false) is { } after)
            return after;
        foreach (LedgerVf row in _watcher.Read(view => view.Vfs()).Or(null) ?? [])
        {
            if (row.State is not (VfState.Free or VfState.Quarantined or VfState.Lost))
                return new NodeViolation("liveness", $"{row.Vf} is {row.State} although everything was released");
        }
        return null;
    }
}
