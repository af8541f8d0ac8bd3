using Vfleet.Host;
using Vfleet.Host.State;
using Vfleet.Node.Adopt;
using Vfleet.Node.Allocation;
using Vfleet.Node.Attach;
using Vfleet.Node.Census;
using Vfleet.Node.Counters;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Node.Pools;
using Vfleet.Node.Reconcile;
using Vfleet.Node.Release;
using Vfleet.Node.Tuning;

namespace Vfleet.Node;

/// <summary>
/// This machine's VFs and who owns them: what every front door calls. Each process opens its own; the ledger keeps them apart. What dead processes
/// and dead owners left is put right before anything else is done.
/// </summary>
public sealed class LocalNode : IDisposable
{
    private readonly OwedUndos _owed;
    private readonly Reclaimer _reclaimer;
    private readonly Allocator _allocator;
    private readonly NodeAttacher _attacher;
    private readonly Adopter _adopter;

    private LocalNode(IKernel kernel, HostOptions hostOptions, NodeLedger ledger, FrontDoors doors, NodeOptions options)
    {
        Ledger = ledger;
        Host = new SriovHost(kernel, hostOptions with { Attachments = new LedgerAttachmentStore(ledger) });
        Definitions = new NodeDefinitions(ledger);
        Census = new CensusTaker(Host, ledger, Definitions);
        Life = new OwnerLife(kernel, doors, new Host.Inventory.ReadTimer(hostOptions.Time, hostOptions.ReadDeadline));
        Tuner = new NodeTuner(Host, ledger, Definitions.RulesOf);
        Releaser = new Releaser(Host, ledger, Tuner, Definitions.RulesOf, Life);
        _owed = new OwedUndos(ledger, doors, hostOptions.Time);
        _reclaimer = new Reclaimer(ledger, Releaser, Life, _owed);
        _allocator = new Allocator(Host, ledger, Census, Life, options);
        _attacher = new NodeAttacher(Host, ledger, _allocator, Releaser, Tuner);
        _adopter = new Adopter(Host, ledger, Census);
    }

    /// <summary>The machine; its attachment records are the ledger's.</summary>
    public SriovHost Host { get; }

    /// <summary>The ledger.</summary>
    public NodeLedger Ledger { get; }

    /// <summary>What the applied documents define.</summary>
    public NodeDefinitions Definitions { get; }

    /// <summary>Reads both together.</summary>
    public CensusTaker Census { get; }

    /// <summary>Asks whether owners live.</summary>
    public OwnerLife Life { get; }

    /// <summary>Tunes VFs for their owners.</summary>
    public NodeTuner Tuner { get; }

    /// <summary>Takes VFs back.</summary>
    public Releaser Releaser { get; }

    /// <summary>Opens the node of a machine.</summary>
    /// <param name="kernel">Its kernel.</param>
    /// <param name="hostOptions">Deadlines and the state directory.</param>
    /// <param name="actor">Who works with it.</param>
    /// <param name="doors">The front doors of this process.</param>
    /// <param name="options">How it behaves.</param>
    /// <param name="stepped">Told of durable steps; for tests that end the process there.</param>
    public static Outcome<LocalNode> Open(
        IKernel kernel, HostOptions hostOptions, Actor actor, FrontDoors? doors = null, NodeOptions? options = null, Action<string>? stepped = null)
    {
        LedgerOptions place = new() { StateDirectory = hostOptions.StateDirectory, Time = hostOptions.Time };
        return Open(kernel, hostOptions, place, actor, doors, options, stepped);
    }

    /// <summary>The same with a ledger that is opened otherwise, as simulations do.</summary>
    internal static Outcome<LocalNode> Open(
        IKernel kernel, HostOptions hostOptions, LedgerOptions place, Actor actor, FrontDoors? doors, NodeOptions? options, Action<string>? stepped)
    {
        if (!NodeLedger.Open(place, actor, stepped).Try(out NodeLedger? ledger, out Fault? fault))
            return fault;
        LocalNode node = new(kernel, hostOptions, ledger, doors ?? FrontDoors.None, options ?? new NodeOptions());
        if (RecordImport.Run(hostOptions.StateDirectory, ledger).Fault is not { } notImported)
            return node;
        node.Dispose();
        return notImported;
    }

    /// <summary>Finishes what died half way and takes back what dead owners had.</summary>
    public Task<Outcome<ReclaimReport>> ReclaimAsync(CancellationToken cancel = default) => _reclaimer.ReclaimAsync(cancel);

    /// <summary>Holds VFs for an owner that takes them as they are.</summary>
    public async Task<Outcome<LedgerAllocation>> AllocateAsync(AllocationRequest request, CancellationToken cancel = default) =>
        HandOutCounts.AddFailure(Ledger, (await _reclaimer.ReclaimAsync(cancel).ConfigureAwait(false)).Fault
            ?? await _allocator.AllocateAsync(request, isReady: true, cancel).ConfigureAwait(false));

    /// <summary>Allocates VFs and attaches them.</summary>
    public async Task<Outcome<NodeAttachment>> AttachAsync(AllocationRequest request, AttachOrder order, CancellationToken cancel = default) =>
        HandOutCounts.AddFailure(Ledger, (await _reclaimer.ReclaimAsync(cancel).ConfigureAwait(false)).Fault
            ?? await _attacher.AttachAsync(request, order, cancel).ConfigureAwait(false));

    /// <summary>The VFs that an allocation would get now, each with its pool; nothing is held or written.</summary>
    public Task<Outcome<IReadOnlyList<PoolMember>>> PlanAsync(AllocationRequest request, CancellationToken cancel = default) =>
        _allocator.PlanAsync(request, cancel);

    /// <summary>Ends an allocation; a VF that is quarantined is cleaned once more.</summary>
    /// <param name="idOrVf">The allocation's id, or one of its VFs.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public async Task<Outcome<ReleaseResult>> ReleaseAsync(string idOrVf, string reason = "release", CancellationToken cancel = default)
    {
        Outcome<ReleasePlan> found = await ReleaseTarget.FindAsync(Host, Ledger, idOrVf, cancel).ConfigureAwait(false);
        return found.Try(out ReleasePlan? plan, out Fault? fault) ? await ReleaseAsync(plan, reason, cancel).ConfigureAwait(false) : fault;
    }

    /// <summary>What a release by hand would end. Refused while a program holds one of the VFs open, unless forced.</summary>
    /// <param name="idOrVf">The allocation's id, or one of its VFs.</param>
    /// <param name="force">Overrides that, and frees a quarantined VF without its being clean.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public async Task<Outcome<ReleasePlan>> PlanReleaseAsync(string idOrVf, bool force, CancellationToken cancel = default)
    {
        Outcome<ReleasePlan> found = await ReleaseTarget.FindAsync(Host, Ledger, idOrVf, cancel).ConfigureAwait(false);
        if (!found.Try(out ReleasePlan? plan, out Fault? fault))
            return fault;
        fault = force ? null : await ReleaseTarget.HeldOpenAsync(Host, plan, cancel).ConfigureAwait(false);
        return fault is null ? plan with { IsForced = force } : fault;
    }

    /// <summary>Ends what was planned; what another front door did for it, such as an address, is undone too.</summary>
    public async Task<Outcome<ReleaseResult>> ReleaseAsync(ReleasePlan plan, string reason = "release", CancellationToken cancel = default)
    {
        if (plan.Allocation is not { } allocation)
            return await Releaser.FreeQuarantinedAsync(plan.Quarantined!.Vf, plan.IsForced, cancel).ConfigureAwait(false);
        bool isAnothers = allocation.FrontDoor != Ledger.Actor.FrontDoor;
        Outcome<ReleaseResult> released =
            await Releaser.ReleaseAsync([new ReleaseOrder(allocation.Id, reason)], isAnothers, cancel).ConfigureAwait(false);
        if (!isAnothers || !released.Try(out ReleaseResult? result, out _))
            return released;
        Outcome<IReadOnlyDictionary<string, string>> tried = await _owed.TryAsync(cancel).ConfigureAwait(false);
        string? kept = tried.Try(out IReadOnlyDictionary<string, string>? left, out Fault? fault) ? left.GetValueOrDefault(allocation.Id) : fault.Error;
        return kept is null ? result : result with { Warnings = [kept] };
    }

    /// <summary>In what an allocation's VFs differ from how they were handed out, in words; none where all is as it was.</summary>
    /// <param name="allocation">An allocation that has not ended.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public async Task<Outcome<IReadOnlyList<string>>> CheckAsync(LedgerAllocation allocation, CancellationToken cancel = default)
    {
        List<string> differences = [];
        foreach (AllocatedVf each in allocation.Vfs)
        {
            if (!Ledger.Read(view => view.Vf(each.Vf)).Try(out LedgerVf? row, out Fault? fault))
                return fault;
            if (row is not { State: VfState.Attached, Held: not null } || row.Allocation != allocation.Id)
                return Fault.NotFound($"{each.Vf} is not attached for {allocation.Id} any more", $"see `vfleet ledger history {each.Vf}`", each.Vf);
            Outcome<VfAmongSiblings> found = await Host.FindVfAsync(each.Vf, cancel).ConfigureAwait(false);
            if (!found.Try(out VfAmongSiblings? place, out fault))
                return fault;
            if (await Reconciler.HeldAsync(this, row, allocation, cancel).ConfigureAwait(false) is not { } held)
                differences.Add($"{each.Vf}: the namespace of {allocation.Owner.Name} is gone");
            else
                differences.AddRange(held.Differences(Host.Kernel, place.Vf).Select(difference => $"{each.Vf}: {difference}"));
        }
        return differences;
    }

    /// <summary>Takes over a VF that somebody put to use by hand, or a program that wrote down what it was before.</summary>
    public Task<Outcome<LedgerAllocation>> AdoptAsync(
        string vf, Owner owner, string? tenant, Baseline? before = null, CancellationToken cancel = default) =>
        _adopter.AdoptAsync(vf, owner, tenant, before, cancel);

    /// <inheritdoc/>
    public void Dispose() => Ledger.Dispose();
}
