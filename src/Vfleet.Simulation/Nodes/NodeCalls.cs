using System.Globalization;
using Vfleet.Host.Inventory;
using Vfleet.Node;
using Vfleet.Node.Ledger;
using Vfleet.Node.Plans;
using Vfleet.Node.Pools;
using Vfleet.Node.Prewarm;
using Vfleet.Node.Reconcile;
using Vfleet.Node.Release;

namespace Vfleet.Simulation.Nodes;

/// <summary>What processes do on a simulated node, and what is wrong with what they were told.</summary>
/// <param name="world">The machine.</param>
/// <param name="model">Remembers what was acknowledged.</param>
/// <param name="hands">Knows the people who ask.</param>
/// <param name="ledger">Is read from outside.</param>
/// <param name="trace">What came of it, a line each.</param>
internal sealed class NodeCalls(NodeWorld world, NodeModel model, NodeHands hands, NodeLedger ledger, List<string> trace)
{
    private const string Done = "done", Nobody = "there is none";

    private static readonly NodeActionKind[] FrontDoors =
        [NodeActionKind.Attach, NodeActionKind.Release, NodeActionKind.Allocate, NodeActionKind.Adopt, NodeActionKind.Reclaim];

    private (LocalNode Node, Reconciler Reconciler)? _agent;

    /// <summary>What was found to be wrong first; null while nothing is.</summary>
    public NodeViolation? Found { get; private set; }

    /// <summary>Notes what is wrong.</summary>
    /// <returns>False.</returns>
    public bool Wrong(string invariant, string what)
    {
        Found ??= new NodeViolation(invariant, what);
        return false;
    }

    /// <summary>The work of an action; null for one that needs no process.</summary>
    public Func<LocalNode, Task<Outcome<string>>>? Of(NodeAction action, int step) => action.Kind switch
    {
        NodeActionKind.Allocate => node => TellAsync(node.AllocateAsync(hands.Request(action, null)),
            held => model.Acknowledge(new ModelAllocation { Allocation = held })),
        NodeActionKind.Attach => node => AttachAsync(node, action, step),
        NodeActionKind.Release => node => ReleaseAsync(node, hands.Open(action.Pick)),
        NodeActionKind.Adopt => node => AdoptAsync(node, hands.Stranger(action.Pick), step),
        NodeActionKind.Census => node => TellAsync(node.Census.TakeAsync(isThorough: true), _ => { }),
        NodeActionKind.Reclaim => node => TellAsync(node.ReclaimAsync(), _ => { }),
        NodeActionKind.Prewarm => node => PrewarmAsync(node, action),
        NodeActionKind.Apply => node => ApplyAsync(node, action),
        NodeActionKind.Pass => node => PassAsync(node, IsAsDocumentsSay),
        _ => null,
    };

    /// <summary>What two processes do at once: an agent or somebody who applies documents, and a front door.</summary>
    public IReadOnlyList<Func<LocalNode, Task<Outcome<string>>>> Meeting(NodeAction action, int step)
    {
        NodeAction other = action with { Kind = FrontDoors[action.Pick % FrontDoors.Length] };
        // Whether the machine is as documents say nobody can tell who is not alone.
        return action.Variant % 3 == 0
            ? [node => ApplyAsync(node, action), Of(other, step)!]
            : [node => PassAsync(node, (_, _) => { }), action.Variant % 3 == 1 ? Of(other, step)! : node => ApplyAsync(node, action)];
    }

    /// <summary>Ends an allocation, whatever comes of it.</summary>
    public async Task<Outcome<string>> ReleaseAsync(LocalNode node, string? id)
    {
        if (id is null)
            return Nobody;
        // Doubted first: whatever comes of it, the owner gave it up.
        model.Doubt(id);
        return await TellAsync(node.ReleaseAsync(id), _ => model.Release(id)).ConfigureAwait(false);
    }

    /// <summary>A pass of an agent; one process has one agent.</summary>
    private async Task<Outcome<string>> PassAsync(LocalNode node, Action<PassReport, int?> look)
    {
        if (_agent?.Node != node)
            _agent = (node, new Reconciler(node));
        Outcome<PassReport> passed = await _agent.Value.Reconciler.PassAsync().ConfigureAwait(false);
        if (!passed.Try(out PassReport? report, out Fault? fault))
            return fault;
        Tell(report);
        look(report, await WantedAsync().ConfigureAwait(false));
        return Done;
    }

    /// <summary>Without any fault there are no VFs that documents want and a pass does not make, nor is anything left for a second one.</summary>
    private void IsKept(PassReport report, int? wanted)
    {
        IsAsDocumentsSay(report, wanted);
        if (report.Faults.Count > 0)
            Wrong("liveness", $"a pass without any fault ends with one: {report.Faults[0].Error} ({report.Faults[0].Cause})");
        if (wanted > 0 && world.Count == 0)
            Wrong("policy", $"documents want {wanted} VFs, there are none, and a pass without any fault makes none");
    }

    /// <summary>The third pass of a machine at rest changes nothing.</summary>
    private void IsQuiet(PassReport report, int? wanted)
    {
        foreach (Drift drift in report.Drifts)
            Wrong("liveness", $"{drift.Vf} is not as it has to be after two passes without any fault: {string.Join("; ", drift.Differences)}");
        if (report.Policies is { Applied: [var pf, ..] })
            Wrong("liveness", $"{pf} was made as documents say twice without any fault");
    }

    /// <summary>After a pass that has nothing to tell there are at least as many VFs as the documents want.</summary>
    private void IsAsDocumentsSay(PassReport report, int? wanted)
    {
        if (report is { Faults.Count: 0, Policies.Left.Count: 0 } && world.Count < wanted)
            Wrong("policy", $"documents want {wanted} VFs, there are {world.Count}, and a pass said nothing of it");
    }

    /// <summary>VFs that the documents want of the PF; null where they want nothing of it.</summary>
    private async Task<int?> WantedAsync() => (await world.ReadAsync().ConfigureAwait(false)).Try(out MachineInventory? machine, out _)
        && new NodeDefinitions(ledger).Desired(machine.Pfs).Or(null)?.Pfs is [var pf] ? pf.WantedVfs : null;

    private void Tell(PassReport report)
    {
        foreach (Drift drift in report.Drifts)
            trace.Add($"   {drift.Vf} {drift.Outcome}: {string.Join("; ", drift.Differences)} {drift.Fault?.Error}");
        foreach (string pf in report.Policies?.Applied ?? [])
            trace.Add($"   {pf} is made as documents say");
        foreach (string left in report.Policies?.Left ?? [])
            trace.Add($"   left: {left}");
        foreach (Fault fault in report.Faults)
            trace.Add($"   {fault.Kind}: {fault.Error}");
    }

    private static async Task<Outcome<string>> TellAsync<T>(Task<Outcome<T>> call, Action<T> acknowledged)
    {
        Outcome<T> outcome = await call.ConfigureAwait(false);
        if (!outcome.Try(out T? value, out Fault? fault))
            return fault;
        acknowledged(value);
        return Done;
    }

    private Task<Outcome<string>> AttachAsync(LocalNode node, NodeAction action, int step)
    {
        (string space, int vlan) = (hands.Namespace(action.Pick), 100 + step);
        return TellAsync(node.AttachAsync(hands.Request(action, space), NodeHands.Order(space, step, vlan)), done =>
        {
            model.Acknowledge(new ModelAllocation { Allocation = done.Allocation, Namespace = space, Vlan = vlan });
            foreach (string warning in done.Warnings)
                trace.Add($"   {warning}");
            if (done.Warnings.Count == 0 && node.Definitions.RulesOf(done.Allocation.Pool).Tuning?.CoalesceRxMicroseconds is { } wanted)
                AreTuned(done.Allocation, wanted);
        });
    }

    private void AreTuned(LedgerAllocation allocation, uint wanted)
    {
        foreach (string vf in allocation.Vfs.Select(each => each.Vf))
        {
            trace.Add($"   {vf} was handed out tuned");
            if (world.RxMicroseconds(vf) is var found && found != wanted)
                Wrong("tuning", $"{vf} was handed out with rx-usecs {found} instead of {wanted}, and nobody was told");
        }
    }

    private async Task<Outcome<string>> AdoptAsync(LocalNode node, string? vf, int step) => vf is null
        ? Nobody
        : await TellAsync(
            node.AdoptAsync(vf, new Owner { Name = string.Create(CultureInfo.InvariantCulture, $"adopted {step}") }, null),
            held => model.Acknowledge(new ModelAllocation { Allocation = held, Namespace = NodeHands.StrangersPlace })).ConfigureAwait(false);

    private async Task<Outcome<string>> PrewarmAsync(LocalNode node, NodeAction action) =>
        NodeHands.SetRules(node, world.Pf, action.Pick % 3, action.Variant % 2 == 0 ? ScrubRule.Reset : ScrubRule.Settings,
            action.Variant % 3 == 0 ? null : 10 + action.Pick).Fault is { } unkept
            ? unkept
            : await TellAsync(NodeHands.PrewarmAsync(node), AreReady).ConfigureAwait(false);

    private void AreReady(PrewarmReport report)
    {
        trace.Add($"   ready: {string.Join(' ', report.Warmed)}; not any more: {string.Join(' ', report.Cooled)}");
        foreach (Fault fault in report.Faults)
            trace.Add($"   {fault.Kind}: {fault.Error}");
        foreach (string vf in report.Warmed.Where(vf => !world.IsReady(vf)))
            Wrong("I2", $"{vf} was made ready, and is down or not quiet");
    }

    /// <summary>As the command does it, without force.</summary>
    private async Task<Outcome<string>> ApplyAsync(LocalNode node, NodeAction action)
    {
        NodePolicies policies = new(node);
        if (!(await policies.KeepAgentsOutAsync().ConfigureAwait(false)).Try(out IDisposable? alone, out Fault? fault))
            return fault;
        using (alone)
        {
            if ((await policies.FinishAsync().ConfigureAwait(false)).Fault is { } unfinished)
                return unfinished;
            if (!policies.Applied().Try(out IReadOnlyList<LedgerDocument>? applied, out fault))
                return fault;
            DocumentUpdate update = DocumentUpdate.Of([("policy.yaml", NodeHands.Policy(world.Pf, 1 + (action.Pick % 3)))], applied);
            Outcome<PolicyChange> planned = await policies.PlanAsync(update).ConfigureAwait(false);
            return planned.Try(out PolicyChange? change, out fault)
                ? await TellAsync(policies.ApplyAsync(change, new PlanOptions()), done => trace.Add($"   changed: {string.Join(' ', done)}")).ConfigureAwait(false)
                : fault;
        }
    }

    private void Tell(ReclaimReport report)
    {
        foreach (string unclear in report.Unclear)
            trace.Add($"   unclear: {unclear}");
        foreach (Fault left in report.Left)
            trace.Add($"   left: {left.Error} ({left.Cause})");
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

    /// <summary>Takes back, sees the machine, and takes back what it lost.</summary>
    public async Task<Outcome<string>> RestAsync(LocalNode node)
    {
        Outcome<string> done = await TellAsync(node.ReclaimAsync(), Tell).ConfigureAwait(false);
        if (done.Succeeded)
            done = await TellAsync(node.Census.TakeAsync(isThorough: true), _ => { }).ConfigureAwait(false);
        return done.Succeeded ? await TellAsync(node.ReclaimAsync(), IsFinished).ConfigureAwait(false) : done;
    }

    /// <summary>Two passes, for a VF that was put back is tuned by the one after; a third has nothing left to do.</summary>
    public async Task<Outcome<string>> KeepAsync(LocalNode node)
    {
        Outcome<string> done = Done;
        foreach (Action<PassReport, int?> look in (Action<PassReport, int?>[])[IsKept, IsKept, IsQuiet])
        {
            if (done.Succeeded)
                done = await PassAsync(node, look).ConfigureAwait(false);
        }
        return done;
    }
}
