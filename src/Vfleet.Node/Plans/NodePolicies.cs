using Vfleet.Host;
using Vfleet.Host.Create;
using Vfleet.Host.Drivers;
using Vfleet.Host.Inventory;
using Vfleet.Host.State;
using Vfleet.Node.Census;
using Vfleet.Node.Documents;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Plans;

/// <summary>A change of documents with what it means for this machine.</summary>
/// <param name="Documents">The documents.</param>
/// <param name="Plan">What it does to the machine.</param>
/// <param name="PoolLoss">Why pools cannot vanish; null where none does, or nobody has VFs of it.</param>
public sealed record PolicyChange(DocumentUpdate Documents, NodePlan Plan, Fault? PoolLoss)
{
    /// <summary>True where there is nothing to do.</summary>
    public bool IsEmpty => Documents.IsEmpty && Plan.IsEmpty;

    /// <summary>Why it is not done; null where it is.</summary>
    /// <param name="force">Overrides what can be overridden.</param>
    public Fault? Refusal(bool force) => PoolLoss ?? Plan.Refusal(force);
}

/// <summary>Documents of this machine: what they are, what they would change, and making it so.</summary>
/// <param name="node">The machine and its ledger.</param>
public sealed class NodePolicies(LocalNode node)
{
    private SriovHost Host => node.Host;

    private NodeLedger Ledger => node.Ledger;

    /// <summary>The documents that are applied, by kind and name.</summary>
    public Outcome<IReadOnlyList<LedgerDocument>> Applied() => Ledger.Read(view => view.Documents());

    /// <summary>Puts right what a process that died left half way, so that a plan begins with what is.</summary>
    public async Task<Outcome<Unit>> FinishAsync(CancellationToken cancel = default)
    {
        // First the census: of VFs that are gone nobody has to clean anything.
        Outcome<NodeReading> read = await node.Census.TakeAsync(cancel: cancel).ConfigureAwait(false);
        if (read.Fault is not null)
            return read.Fault;
        if ((await node.ReclaimAsync(cancel).ConfigureAwait(false)).Fault is { } stuck)
            return stuck;
        read = await node.Census.TakeAsync(cancel: cancel).ConfigureAwait(false);
        if (!read.Try(out NodeReading? reading, out Fault? fault))
            return fault;
        foreach (PhysicalFunction pf in reading.Machine.Pfs.Where(pf => pf is { Autoprobe: false, Address: not null }))
        {
            // Does nothing but to switch probing on again where a change that was cut short has left it off.
            Outcome<CreatePlan> planned =
                await Host.Creator.PlanAsync(pf.DeviceName, pf.NumVfs, NativeDriver.None, force: false, cancel).ConfigureAwait(false);
            if (!planned.Try(out CreatePlan? plan, out fault))
                return fault;
            if ((await Host.Creator.ApplyAsync(plan, force: false, cancel: cancel).ConfigureAwait(false)).Fault is { } notOn)
                return notOn;
        }
        return CompleteClean(reading);
    }

    /// <summary>Says what a change of documents does here.</summary>
    /// <param name="documents">The change; without problems.</param>
    /// <param name="prunes">Of documents that go: their PFs lose the VFs nobody wants any more.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public async Task<Outcome<PolicyChange>> PlanAsync(DocumentUpdate documents, bool prunes = false, CancellationToken cancel = default)
    {
        if (documents.Fault is { } wrong)
            return wrong;
        Outcome<NodeReading> taken = await node.Census.TakeAsync(isThorough: true, cancel).ConfigureAwait(false);
        if (!taken.Try(out NodeReading? reading, out Fault? fault))
            return fault;
        IReadOnlyList<PhysicalFunction> pfs =
            await FirmwareReader.CompleteAsync(Host.Kernel, reading.Machine.Pfs, cancel).ConfigureAwait(false);
        reading = reading with { Machine = reading.Machine with { Pfs = pfs } };
        if (!DesiredState.Of(documents.After).Try(out DesiredState? state, out fault)
            || !node.Definitions.Pools(pfs).Try(out IReadOnlyList<PoolDefinition>? before, out fault)
            || !node.Definitions.Desired(pfs).Try(out DesiredNode? now, out fault)
            || !Ledger.Read(StepDurations.Read).Try(out StepDurations? durations, out fault))
            return fault;
        DesiredNode desired = state.On(pfs);
        bool isRemoval = documents.Deltas.Any(delta => delta.Verb == DocumentVerb.Removed);
        HashSet<string> pruned = prunes && isRemoval ? Pruned(documents, now) : [];
        NodePlan plan = NodePlan.Make(reading, desired, durations, pruned);
        if (isRemoval)
            plan = plan with { Pfs = [.. plan.Pfs.Where(pf => pruned.Contains(pf.Pf.DeviceName))], Faults = [], Notes = [] };
        IEnumerable<string> left = desired.Pools.Select(pool => pool.Name).Concat(documents.ConfiguredPools);
        return new PolicyChange(documents, plan, PoolLoss([.. before.Select(pool => pool.Name).Except(left)], reading));
    }

    /// <summary>
    /// Keeps agents from making the machine as documents say until what is returned is disposed: for whoever finishes, plans and applies, so that the
    /// plan still holds.
    /// </summary>
    public async Task<Outcome<IDisposable>> KeepAgentsOutAsync(CancellationToken cancel = default) =>
        (await ApplyLock.TakeAsync(Host.Options, cancel).ConfigureAwait(false)).Map(held => (IDisposable)held);

    /// <summary>Keeps or forgets the documents and carries the plan out.</summary>
    /// <returns>
    /// The PFs that were changed. On a fault the documents stay: they say what is wanted, and the same call again goes on.
    /// </returns>
    public async Task<Outcome<IReadOnlyList<string>>> ApplyAsync(
        PolicyChange change, PlanOptions options, CancellationToken cancel = default)
    {
        Outcome<FileStream> locked = await ApplyLock.TakeAsync(Host.Options, cancel).ConfigureAwait(false);
        if (!locked.Try(out FileStream? held, out Fault? late))
            return late;
        using (held)
            return await ApplyAloneAsync(change, options, cancel).ConfigureAwait(false);
    }

    /// <summary>The same for whoever keeps others from it.</summary>
    internal async Task<Outcome<IReadOnlyList<string>>> ApplyAloneAsync(PolicyChange change, PlanOptions options, CancellationToken cancel)
    {
        if (change.Refusal(options.Force) is { } refused)
            return refused;
        if (options.Force && change.Plan.Overrides is { Count: > 0 } overrides && options.WriteDown is { } writeDown
            && (await writeDown(overrides).ConfigureAwait(false)).Fault is { } unwritten)
            return unwritten;
        // Durable before the kernel is touched: whoever finds the change half done knows what was wanted.
        if (!change.Documents.IsEmpty && Ledger.Change(LedgerStep.Documents, open => Keep(open, change.Documents)).Fault is { } notKept)
            return notKept;
        Outcome<IReadOnlyList<string>> done =
            await new PlanRunner(Host, Ledger).RunAsync(change.Plan, options, cancel).ConfigureAwait(false);
        // Pools are others now, and so are VFs; also where the plan ended early.
        Outcome<NodeReading> after = await node.Census.TakeAsync(cancel: cancel).ConfigureAwait(false);
        return done.Fault is null && after.Fault is { } unread ? unread : done;
    }

    private static void Keep(LedgerChange change, DocumentUpdate documents)
    {
        foreach (DocumentDelta delta in documents.Deltas)
        {
            if (delta.Verb == DocumentVerb.Removed)
                change.RemoveDocument(delta.Document.Kind, delta.Document.Name);
            else if (delta.Verb != DocumentVerb.Unchanged)
                change.PutDocument(delta.Document.Kind, delta.Document.Name, delta.Document.Text);
        }
    }

    /// <summary>PFs that a policy which goes was about.</summary>
    private static HashSet<string> Pruned(DocumentUpdate documents, DesiredNode now)
    {
        IEnumerable<KeptDocument> gone = documents.Deltas.Select(delta => delta.Document);
        HashSet<string> policies = [.. gone.Where(each => each.Kind == KindNames.NodePolicy).Select(each => each.Name)];
        IEnumerable<DesiredPf> own = now.Pfs.Where(pf => !pf.IsExternallyManaged);
        return [.. own.Where(pf => pf.Groups.Any(group => policies.Contains(group.Policy))).Select(pf => pf.Pf.DeviceName)];
    }

    private static Fault? PoolLoss(IReadOnlyList<string> pools, NodeReading reading)
    {
        LedgerAllocation[] held = [.. reading.Allocations.Where(allocation => pools.Contains(allocation.Pool))];
        if (held.Length == 0)
            return null;
        string[] names = [.. held.Select(allocation => allocation.Pool).Distinct()];
        IEnumerable<string> owners =
            held.Select(each => $"{each.Id} of {each.Owner.Name}{(each.Tenant is null ? "" : $" (tenant {each.Tenant})")}");
        return Fault.Refused($"pool {string.Join(", ", names)} cannot vanish: {held.Length} allocations have VFs of it",
            HeldRefusal.Named(owners),
            $"wait until they end, or release them: `vfleet release {HeldRefusal.Named(held.Select(each => each.Id), " ")}`", names[0]);
    }

    /// <summary>
    /// Records the state of free VFs of which only the driver is known: they were made by a change that did not come to its end.
    /// </summary>
    private Outcome<Unit> CompleteClean(NodeReading reading)
    {
        VirtualFunction[] unknown =
        [
            .. reading.Machine.Vfs.Where(vf => vf.Settings is not null && reading.Vfs.GetValueOrDefault(vf.Label) is
                { State: VfState.Free, Stranger: null, Clean: null or { HasSettings: false } }),
        ];
        return unknown.Length == 0 ? Unit.Done : Ledger.Change(LedgerStep.Repair, change =>
        {
            foreach (VirtualFunction vf in unknown)
            {
                if (change.Vf(vf.Label) is { State: VfState.Free } row)
                    change.SetClean(row, Baseline.Of(vf, null));
            }
        });
    }
}
