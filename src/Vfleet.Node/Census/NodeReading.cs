using Vfleet.Host.Inventory;
using Vfleet.Node.Health;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Census;

/// <summary>The machine and its ledger as they were read together.</summary>
/// <param name="Machine">PFs and VFs.</param>
/// <param name="Pools">Which VF is in which pool.</param>
/// <param name="Vfs">What the ledger knows, by VF.</param>
/// <param name="Allocations">Allocations that have not ended.</param>
public sealed record NodeReading(
    MachineInventory Machine,
    PoolCatalog Pools,
    IReadOnlyDictionary<string, LedgerVf> Vfs,
    IReadOnlyList<LedgerAllocation> Allocations)
{
    /// <summary>VFs whose state changed while the machine was read: what was read of them may be from before.</summary>
    public IReadOnlySet<string> Moved { get; init; } = new HashSet<string>();

    /// <summary>A machine that was read, with the ledger's word on it.</summary>
    /// <param name="view">The ledger.</param>
    /// <param name="machine">PFs and VFs.</param>
    /// <param name="catalog">Which VF is in which pool.</param>
    /// <param name="before">Sequence of the ledger's history before the machine was read.</param>
    public static NodeReading Of(LedgerView view, MachineInventory machine, PoolCatalog catalog, long before) =>
        new(machine, catalog, view.Vfs().ToDictionary(row => row.Vf, StringComparer.Ordinal), view.OpenAllocations())
        {
            Moved = view.History(before).Where(row => row.Vf is not null && row.From != row.To).Select(row => row.Vf!)
                .ToHashSet(StringComparer.Ordinal),
        };

    /// <summary>The ledger's word on every VF, as the choice of one wants it.</summary>
    public IReadOnlyDictionary<string, VfStanding> Standings() => StandingsOf(Vfs.Values, Allocations);

    /// <summary>The same from rows that were read later.</summary>
    public static IReadOnlyDictionary<string, VfStanding> StandingsOf(IEnumerable<LedgerVf> vfs, IEnumerable<LedgerAllocation> allocations)
    {
        Dictionary<string, LedgerVf> rows = vfs.ToDictionary(row => row.Vf, StringComparer.Ordinal);
        Dictionary<string, (LedgerAllocation Allocation, AllocatedVf Vf)> holders = Held(rows, allocations)
            .ToDictionary(held => held.Vf.Vf, StringComparer.Ordinal);
        return rows.Values.ToDictionary(
            vf => vf.Vf,
            vf => new VfStanding(vf.Vf, vf.State)
            {
                Pool = vf.Pool,
                Stranger = vf.Stranger,
                IsWarm = vf.IsWarm,
                IsDegraded = vf.Health == HealthLevel.Degraded,
                Unhealthy = vf.Health == HealthLevel.Failed ? vf.HealthEvidence ?? "failed" : null,
                GuaranteedMbps = holders.GetValueOrDefault(vf.Vf).Vf?.GuaranteedMbps ?? 0,
                Owner = holders.GetValueOrDefault(vf.Vf).Allocation is { } holder ? $"{holder.Owner.Name} ({holder.FrontDoor}, {holder.Id})" : null,
            },
            StringComparer.Ordinal);
    }

    /// <summary>What open allocations have: not what they lost, or gave back before the rest, and what may be another's by now.</summary>
    public IEnumerable<(LedgerAllocation Allocation, AllocatedVf Vf)> Held() => Held(Vfs, Allocations);

    private static IEnumerable<(LedgerAllocation Allocation, AllocatedVf Vf)> Held(
        IReadOnlyDictionary<string, LedgerVf> rows, IEnumerable<LedgerAllocation> allocations) =>
        from allocation in allocations
        from vf in allocation.Vfs
        where rows.GetValueOrDefault(vf.Vf) is { State: not VfState.Lost } row && row.Allocation == allocation.Id
        select (allocation, vf);
}
