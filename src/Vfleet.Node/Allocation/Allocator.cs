using Vfleet.Host;
using Vfleet.Host.Inventory;
using Vfleet.Host.Naming;
using Vfleet.Host.Usage;
using Vfleet.Node.Census;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Node.Pools;
using Vfleet.Node.Reconcile;
using Vfleet.Node.Release;

namespace Vfleet.Node.Allocation;

/// <summary>
/// Chooses VFs and holds them for an owner. The choice is made from what was read, and made again within the change that writes it down: where
/// somebody was faster, everything begins anew.
/// </summary>
/// <param name="host">The machine.</param>
/// <param name="ledger">The ledger.</param>
/// <param name="census">Reads both.</param>
/// <param name="life">Whether those are alive who work on VFs.</param>
/// <param name="options">How often to try.</param>
public sealed class Allocator(SriovHost host, NodeLedger ledger, CensusTaker census, OwnerLife life, NodeOptions options)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);
    private readonly CandidateReader _candidates = new(host.Kernel.Files);

    /// <summary>Allocates VFs, all or none.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="isReady">The owner takes the VFs as they are; else somebody is going to attach them.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>Refused when the pool is exhausted, with how its VFs are held.</returns>
    public async Task<Outcome<LedgerAllocation>> AllocateAsync(AllocationRequest request, bool isReady, CancellationToken cancel = default)
    {
        if (Check(request) is { } wrong)
            return wrong;
        long started = host.Options.Time.GetTimestamp();
        for (int attempt = 0; attempt < options.AllocationAttempts; attempt++)
        {
            Outcome<NodeReading> read = await census.TakeWithoutRoutesAsync(request.Vf, cancel).ConfigureAwait(false);
            if (!read.Try(out NodeReading? reading, out Fault? fault))
                return fault;
            Outcome<LedgerAllocation?> got = await TryAsync(request, isReady, reading, cancel).ConfigureAwait(false);
            if (got.Or(null) is { } allocation)
                return allocation;
            if (got.Fault is not { } refused)
                continue;
            // Who allocates says how long to wait; who attaches has a workload that starts.
            if (isReady || refused.Kind != FaultKind.Refused || host.Options.Time.GetElapsedTime(started) >= options.ReturnPatience
                || !await IsAboutToReturnAsync(request, reading, cancel).ConfigureAwait(false))
                return refused;
            attempt--;
            await Task.Delay(BetweenLooks, host.Options.Time, cancel).ConfigureAwait(false);
        }
        return Fault.TimedOut($"no VF could be held in {options.AllocationAttempts} attempts", "others took each VF that was chosen", "try again");
    }

    /// <summary>
    /// True where the request could be met once VFs are back that are in other hands for a moment: in those of the living. What the dead left is
    /// finished before anybody asks, but for who died since, and under maintenance: there nobody is waited for.
    /// </summary>
    private async Task<bool> IsAboutToReturnAsync(AllocationRequest request, NodeReading reading, CancellationToken cancel)
    {
        if (!Maintenance.Read(ledger).Try(out IReadOnlyList<MaintenanceWindow>? windows, out _)
            || !Resolve(request, reading).Try(out (AllocationRequest Request, PoolDefinition Pool) wanted, out _))
            return false;
        LedgerVf[] atWork = [.. reading.Vfs.Values
            .Where(row => row is { State: VfState.Scrubbing or VfState.Releasing, Worker: not null } && !Maintenance.Covers(windows, row.Pf))];
        IReadOnlyList<Life> lives = await life.AskManyAsync([.. atWork.Select(row => (row.Worker!, (string?)null))], cancel).ConfigureAwait(false);
        HashSet<string> returning = [.. atWork.Zip(lives).Where(each => each.Second.State != LifeState.Dead).Select(each => each.First.Vf)];
        return returning.Count > 0 && Choose(wanted, reading, reading.Standings().ToDictionary(
            each => each.Key, each => returning.Contains(each.Key) ? each.Value with { State = VfState.Free } : each.Value, StringComparer.Ordinal)).Succeeded;
    }

    /// <summary>The VFs that an allocation would get now; nothing is held or written.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public async Task<Outcome<IReadOnlyList<PoolMember>>> PlanAsync(AllocationRequest request, CancellationToken cancel = default)
    {
        if (Check(request) is { } wrong)
            return wrong;
        Outcome<NodeReading> read = await census.RehearseAsync(cancel).ConfigureAwait(false);
        if (!read.Try(out NodeReading? reading, out Fault? fault)
            || !Resolve(request, reading).Try(out (AllocationRequest Request, PoolDefinition Pool) wanted, out fault))
            return fault;
        return Choose(wanted, reading, reading.Standings()).Map<IReadOnlyList<PoolMember>>(
            chosen => [.. chosen.Select(each => new PoolMember(reading.Machine.Vfs.First(vf => vf.Label == each.Vf), wanted.Pool))]);
    }

    private Outcome<IReadOnlyList<Candidate>> Choose(
        (AllocationRequest Request, PoolDefinition Pool) wanted, NodeReading reading, IReadOnlyDictionary<string, VfStanding> standings)
    {
        AllocationRequest request = wanted.Request;
        if (request is { EvenStrangers: true, Vf: { } named } && standings.TryGetValue(named, out VfStanding? standing))
        {
            standings = new Dictionary<string, VfStanding>(standings, StringComparer.Ordinal)
            {
                [named] = standing with { Stranger = null },
            };
        }
        return _candidates.Read(reading.Pools, standings, request.Near).Try(out PlacementInput? input, out Fault? fault)
            ? Placement.Choose(request, wanted.Pool.Rules, input)
            : fault;
    }

    /// <returns>Null where somebody was faster.</returns>
    private async Task<Outcome<LedgerAllocation?>> TryAsync(AllocationRequest request, bool isReady, NodeReading reading, CancellationToken cancel)
    {
        if (!ledger.Read(view => OfKey(view, request.RequestKey)).Try(out Outcome<LedgerAllocation?> before, out Fault? fault))
            return fault;
        if (!before.Succeeded || before.Value is not null)
            return before;
        if (!Resolve(request, reading).Try(out (AllocationRequest Request, PoolDefinition Pool) wanted, out fault))
            return fault;
        if (!Choose(wanted, reading, reading.Standings()).Try(out IReadOnlyList<Candidate>? chosen, out fault))
            return fault;
        VirtualFunction[] vfs = [.. chosen.Select(each => reading.Machine.Vfs.First(vf => vf.Label == each.Vf))];
        // Whoever attaches looks at the VF under its lock anyway.
        Outcome<IReadOnlyList<VfInUse>> usage = isReady
            ? await new VfUsage(host.Kernel, host.Options).FindAsync(vfs, cancel).ConfigureAwait(false)
            : Outcome<IReadOnlyList<VfInUse>>.Of([]);
        if (!usage.Try(out IReadOnlyList<VfInUse>? used, out fault))
            return fault;
        if (used.Count > 0 && !request.EvenStrangers)
            return ledger.Change(LedgerStep.Census, change => Note(change, used)).Map(_ => (LedgerAllocation?)null);
        return ledger.Change(LedgerStep.Reserve, change => Reserve(change, wanted, reading, vfs, isReady));
    }

    /// <summary>
    /// What was asked for with a key before; null for nothing. While somebody hands it out or takes it back it is that one's work: two that do so at
    /// once would undo each other's.
    /// </summary>
    private static Outcome<LedgerAllocation?> OfKey(LedgerView view, string? key)
    {
        if (key is null || view.AllocationOfKey(key) is not { } before)
            return Outcome<LedgerAllocation?>.Of(null);
        LedgerVf[] vfs = [.. before.Vfs.Select(each => view.Vf(each.Vf)).OfType<LedgerVf>().Where(vf => vf.Allocation == before.Id)];
        bool isLeaving = vfs.Any(vf => vf.State == VfState.Releasing);
        return before.ReadyAt is not null && !isLeaving
            ? before
            : Fault.Refused($"{string.Join(' ', before.Vfs.Select(vf => vf.Vf))} {(isLeaving ? "is being taken back from" : "is being given to")} "
                + $"{before.Owner.Name} ({before.Id}) for the same request", $"by {vfs.FirstOrDefault(vf => vf.Worker is not null)?.Worker?.Name ?? "a process that gave up"}",
                "ask again when that is done", before.Id);
    }

    private static void Note(LedgerChange change, IReadOnlyList<VfInUse> used)
    {
        foreach (VfInUse use in used)
        {
            if (change.Vf(use.Vf.Label) is { State: VfState.Free } row && row.Stranger != use.Reason)
                change.SetStranger(row, use.Reason);
        }
    }

    private Outcome<LedgerAllocation?> Reserve(
        LedgerChange change, (AllocationRequest Request, PoolDefinition Pool) wanted, NodeReading reading, VirtualFunction[] vfs, bool isReady)
    {
        AllocationRequest request = wanted.Request;
        if (!OfKey(change, request.RequestKey).Try(out LedgerAllocation? before, out Fault? fault) || before is not null)
            return fault is null ? before : fault;
        if (request.RequestKey is { } key && OwedUndos.Supersede(change, key) is { } busy)
            return busy;
        IReadOnlyDictionary<string, VfStanding> now = NodeReading.StandingsOf(change.Vfs(), change.OpenAllocations());
        // Destroyed since it was read; what is at its address next, the next reading says.
        if (vfs.Any(vf => !now.ContainsKey(vf.Label)))
            return Outcome<LedgerAllocation?>.Of(null);
        if (!Choose(wanted, reading, now).Try(out IReadOnlyList<Candidate>? again, out fault))
            return fault;
        if (!again.Select(each => each.Vf).SequenceEqual(vfs.Select(vf => vf.Label)))
            return Outcome<LedgerAllocation?>.Of(null);
        uint guaranteed = request.GuaranteedMbps ?? wanted.Pool.Rules.GuaranteedMbps;
        LedgerAllocation draft = new()
        {
            Id = "",
            Pool = wanted.Pool.Name,
            Owner = request.Owner,
            Tenant = request.Tenant,
            FrontDoor = ledger.Actor.FrontDoor,
            RequestKey = request.RequestKey,
            RequestedAt = default,
            Vfs = [.. vfs.Select(vf => new AllocatedVf(vf.Label, vf.Pf.DeviceName, guaranteed))],
        };
        return change.OpenAllocation(draft, VfState.Reserved, isReady).Map(opened => (LedgerAllocation?)opened);
    }

    private static Outcome<(AllocationRequest Request, PoolDefinition Pool)> Resolve(AllocationRequest request, NodeReading reading)
    {
        if (request.Vf is not null)
        {
            if (!DeviceNames.FindVf(reading.Machine.Pfs, reading.Machine.Vfs, request.Vf).Try(out VirtualFunction? vf, out Fault? unknown))
                return unknown;
            PoolDefinition its = reading.Pools.PoolOf(vf)!;
            if (request.Pool is not null && request.Pool != its.Name)
                return Fault.Usage($"{vf.Label} is not in pool {request.Pool}", $"it is in pool {its.Name}", vf.Label);
            return (request with { Pool = its.Name, Vf = vf.Label }, its);
        }
        return reading.Pools.Find(request.Pool!).Map(pool => (request with { Pool = pool.Name }, pool));
    }

    private static Fault? Check(AllocationRequest request)
    {
        if (request.Pool is null && request.Vf is null)
            return Fault.Usage("neither a pool nor a VF is named", "give --pool or --vf");
        if (request.Count is < 1 or > 4096)
            return Fault.Usage($"{request.Count} VFs cannot be allocated", "ask for 1 to 4096");
        if (request.Vf is not null && request.Count != 1)
            return Fault.Usage($"{request.Count} VFs cannot all be {request.Vf}", "leave --count or --vf out", request.Vf);
        if (request.Owner.Name.Length is 0 or > 253 || request.Owner.Name.Any(char.IsControl))
            return Fault.Usage("an owner has a name of 1 to 253 characters, none of them a control character");
        return request.Tenant is { Length: 0 or > 253 } || request.Tenant?.Any(char.IsControl) == true
            ? Fault.Usage("a tenant has a name of 1 to 253 characters, none of them a control character")
            : null;
    }
}
