using Vfleet.Host.Inventory;
using Vfleet.Node.Census;
using Vfleet.Node.Health;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Prewarm;

/// <summary>A free VF that is to be made ready.</summary>
/// <param name="Row">What the ledger knows of it.</param>
/// <param name="Driver">The driver it has to have; null for the one it has.</param>
internal sealed record WarmWish(LedgerVf Row, string? Driver);

/// <summary>What has to be done so that each pool has as many VFs ready as its rule says. Making one changes nothing.</summary>
/// <param name="Warm">VFs that are to be made ready, in this order; each pool goes on with the next where one cannot be.</param>
/// <param name="Missing">How many of them each pool wants.</param>
/// <param name="Cool">VFs that are ready and are not wanted so.</param>
internal sealed record PrewarmPlan(IReadOnlyList<WarmWish> Warm, IReadOnlyDictionary<string, int> Missing, IReadOnlyList<LedgerVf> Cool)
{
    /// <summary>Compares the pools with their rules.</summary>
    /// <param name="reading">Machine and ledger.</param>
    /// <param name="rules">Rules of pools, by name; a pool without any wants none.</param>
    /// <param name="isReady">Whether a VF that the ledger calls ready is.</param>
    /// <param name="isLeft">Whether a PF, by its device name, is under maintenance: nothing of it is changed.</param>
    public static PrewarmPlan Make(
        NodeReading reading, IReadOnlyDictionary<string, PoolRules> rules, Func<VirtualFunction, bool> isReady, Func<string, bool> isLeft)
    {
        List<WarmWish> warm = [];
        List<LedgerVf> cool = [];
        Dictionary<string, int> missing = new(StringComparer.Ordinal);
        foreach (PoolDefinition pool in reading.Pools.Pools)
        {
            (VirtualFunction Vf, LedgerVf Row)[] free =
            [
                .. from vf in reading.Pools.VfsOf(pool.Name)
                   let row = reading.Vfs.GetValueOrDefault(vf.Label)
                   where row is { IsAvailable: true, Clean: not null } && !isLeft(vf.Pf.DeviceName)
                   select (vf, row),
            ];
            int wanted = rules.GetValueOrDefault(pool.Name)?.Prewarm ?? 0;
            LedgerVf[] ready =
                [.. free.Where(each => each.Row.IsWarm && isReady(each.Vf)).OrderBy(each => each.Row.Health).Select(each => each.Row)];
            cool.AddRange(ready.Skip(wanted));
            // What was ready and is not any more is made so again, or taken back: it must not stay half of it.
            cool.AddRange(free.Where(each => wanted == 0 && each.Row.IsWarm).Select(each => each.Row).Except(ready));
            if (wanted <= ready.Length)
                continue;
            missing[pool.Name] = wanted - ready.Length;
            warm.AddRange(free.Where(each => !ready.Contains(each.Row) && each.Row.Health != HealthLevel.Failed)
                .OrderBy(each => each.Row.IsWarm ? 0 : 1).ThenBy(each => each.Row.Health)
                .Select(each => new WarmWish(each.Row, DriverOf(pool, each.Vf))));
        }
        return new PrewarmPlan(warm, missing, cool);
    }

    /// <summary>What the pool hands out; a VF that has no driver gets its native one.</summary>
    private static string? DriverOf(PoolDefinition pool, VirtualFunction vf) =>
        pool.Driver ?? (vf.Driver is null ? Host.Drivers.NativeDriver.Of(vf.Pf.Driver) : null);
}
