using Vfleet.Host.Inventory;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Pools;

/// <summary>
/// How many VFs a pool has and what has become of them. Every VF is counted once in the total and once in what the total consists of.
/// </summary>
/// <param name="Pool">The pool's name.</param>
public sealed record PoolStatus(string Pool)
{
    /// <summary>VFs of the pool on this machine, and those the ledger misses.</summary>
    public int Total { get; init; }

    /// <summary>Can be handed out.</summary>
    public int Free { get; init; }

    /// <summary>On their way to an owner.</summary>
    public int Reserved { get; init; }

    /// <summary>With their owners.</summary>
    public int Attached { get; init; }

    /// <summary>Being taken back or cleaned.</summary>
    public int Releasing { get; init; }

    /// <summary>Failed a check.</summary>
    public int Quarantined { get; init; }

    /// <summary>Gone from the kernel while the ledger had them.</summary>
    public int Lost { get; init; }

    /// <summary>Used by somebody the ledger does not know.</summary>
    public int Strangers { get; init; }

    /// <summary>Free, and not well enough to be handed out.</summary>
    public int Unhealthy { get; init; }

    /// <summary>Of those that are free: kept bound, up and scrubbed.</summary>
    public int Prewarmed { get; init; }

    /// <summary>Counts every pool's VFs.</summary>
    /// <param name="catalog">Which VF is in which pool.</param>
    /// <param name="standings">What is known of VFs, by their names; a VF without a standing is free.</param>
    /// <returns>The catalog's pools in its order, then pools that only the ledger still knows of, by name.</returns>
    public static IReadOnlyList<PoolStatus> Of(PoolCatalog catalog, IReadOnlyDictionary<string, VfStanding> standings)
    {
        List<(string Pool, VfHolding Holding, bool IsWarm)> all = new(catalog.Members.Count);
        HashSet<string> present = new(StringComparer.Ordinal);
        foreach ((VirtualFunction vf, PoolDefinition pool) in catalog.Members)
        {
            present.Add(vf.Label);
            VfStanding? standing = standings.GetValueOrDefault(vf.Label);
            all.Add((pool.Name, standing?.Holding ?? VfHolding.Free, standing?.IsWarm ?? false));
        }
        foreach (VfStanding gone in standings.Values.Where(standing => !present.Contains(standing.Vf)))
        {
            // Whatever the ledger says of a VF that is not there, it is lost; but nobody misses one that was free.
            if (gone.Pool is { } pool && gone.State != VfState.Free)
                all.Add((pool, VfHolding.Lost, false));
        }
        ILookup<string, (string Pool, VfHolding Holding, bool IsWarm)> byPool = all.ToLookup(vf => vf.Pool, StringComparer.Ordinal);
        IEnumerable<string> known = catalog.Pools.Select(pool => pool.Name);
        return [.. known.Union(byPool.Select(pool => pool.Key).Order(StringComparer.Ordinal)).Select(pool => Count(pool, byPool[pool]))];
    }

    private static PoolStatus Count(string pool, IEnumerable<(string Pool, VfHolding Holding, bool IsWarm)> vfs)
    {
        int[] counts = new int[Enum.GetValues<VfHolding>().Length];
        int warm = 0;
        foreach ((_, VfHolding holding, bool isWarm) in vfs)
        {
            counts[(int)holding]++;
            warm += holding == VfHolding.Free && isWarm ? 1 : 0;
        }
        return new PoolStatus(pool)
        {
            Total = counts.Sum(),
            Free = counts[(int)VfHolding.Free],
            Reserved = counts[(int)VfHolding.Reserved],
            Attached = counts[(int)VfHolding.Attached],
            Releasing = counts[(int)VfHolding.Releasing],
            Quarantined = counts[(int)VfHolding.Quarantined],
            Lost = counts[(int)VfHolding.Lost],
            Strangers = counts[(int)VfHolding.Stranger],
            Unhealthy = counts[(int)VfHolding.Unhealthy],
            Prewarmed = warm,
        };
    }
}
