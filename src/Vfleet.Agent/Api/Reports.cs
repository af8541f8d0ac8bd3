using Vfleet.Agent.Loop;
using Vfleet.Node.Census;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;
using Vfleet.Node.Reconcile;
using Vfleet.Node.Release;

namespace Vfleet.Agent.Api;

/// <summary>What the node knows, as the API tells it. The command line tells the same without an agent.</summary>
public static class Reports
{
    /// <summary>The scope of maintenance that means the whole machine.</summary>
    public const string Machine = "*";

    /// <summary>A fault.</summary>
    public static Problem Of(Fault fault) =>
        new(fault.Error, fault.Cause, fault.Remedy, fault.Operation, fault.Target, fault.Errno?.ToString(), Word(fault.Kind));

    /// <summary>A pass.</summary>
    public static PassReport Of(PassRecord pass) =>
        new(pass.At, pass.Took.TotalMilliseconds, pass.Cause, pass.Changes, pass.Notes, pass.Fault is null ? null : Of(pass.Fault));

    /// <summary>Pools.</summary>
    public static IReadOnlyList<PoolReport> Pools(NodeReading reading) =>
    [
        .. PoolStatus.Of(reading.Pools, reading.Standings()).Select(pool => new PoolReport(
            pool.Pool, pool.Total, pool.Free, pool.Reserved, pool.Attached, pool.Releasing, pool.Quarantined, pool.Lost,
            pool.Strangers, pool.Unhealthy,
            pool.Prewarmed)),
    ];

    /// <summary>VFs, by PF and index.</summary>
    public static IReadOnlyList<VfReport> Vfs(NodeReading reading)
    {
        Dictionary<string, LedgerAllocation> allocations = reading.Allocations.ToDictionary(each => each.Id, StringComparer.Ordinal);
        return
        [
            .. reading.Vfs.Values.OrderBy(row => row.Pf, StringComparer.Ordinal).ThenBy(row => row.Index)
                .Select(row => Of(row, row.Allocation is { } id ? allocations.GetValueOrDefault(id) : null)),
        ];
    }

    /// <summary>A hand-out.</summary>
    public static AllocationReport Of(LedgerAllocation allocation) => new()
    {
        Id = allocation.Id,
        Pool = allocation.Pool,
        Owner = new OwnerReport(
            allocation.Owner.Name, Word(allocation.Owner.Kind), allocation.Owner.NamespacePath,
            allocation.Owner.ProcessId, allocation.Owner.Workload),
        Tenant = allocation.Tenant,
        FrontDoor = allocation.FrontDoor,
        RequestKey = allocation.RequestKey,
        Vfs = [.. allocation.Vfs.Select(vf => new AllocatedVfReport(vf.Vf, vf.Pf, vf.GuaranteedMbps))],
        RequestedAt = allocation.RequestedAt,
        ReadyAt = allocation.ReadyAt,
    };

    /// <summary>A row of history.</summary>
    public static HistoryReport Of(HistoryRow row) => new()
    {
        Sequence = row.Sequence,
        At = row.At,
        Vf = row.Vf,
        Allocation = row.Allocation,
        From = row.From is { } from ? Word(from) : null,
        To = row.To is { } to ? Word(to) : null,
        FrontDoor = row.FrontDoor,
        User = row.User,
        Owner = row.Owner,
        Tenant = row.Tenant,
        Reason = row.Reason,
        Detail = row.Detail,
        Hash = Convert.ToHexStringLower(row.Hash),
    };

    /// <summary>VFs that were taken back.</summary>
    public static ReleaseReport Of(ReleaseResult result) =>
        new(result.Free, [.. result.Quarantined.Select(each => new QuarantineReport(each.Vf, each.Evidence))], result.Warnings);

    /// <summary>Maintenance.</summary>
    public static MaintenanceReport Of(MaintenanceWindow window) => new(window.Pf ?? Machine, window.Since, window.By, window.Reason);

    /// <summary>A value of an enumeration as JSON has it.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum
    {
        string name = value.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    private static VfReport Of(LedgerVf row, LedgerAllocation? allocation) => new()
    {
        Vf = row.Vf,
        Pf = row.Pf,
        Index = row.Index,
        Pool = row.Pool,
        State = Word(row.State),
        Since = row.Since,
        Allocation = row.Allocation,
        Owner = allocation?.Owner.Name,
        Tenant = allocation?.Tenant,
        Namespace = row.Record?.NamespacePath,
        Interface = row.Record?.InterfaceName,
        Stranger = row.Stranger,
        Evidence = row.Evidence,
        Warm = row.IsReady,
    };
}
