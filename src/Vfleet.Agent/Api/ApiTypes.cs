using System.Text.Json.Serialization;

namespace Vfleet.Agent.Api;

// Bodies of the API. Their keys are a contract: docs/agent-api.json is made from them, and a test holds it to be current.
#pragma warning disable CS1591 // docs/agent.md describes each key for those who read the JSON

/// <summary>A failure: <see cref="Fault"/> as JSON.</summary>
public sealed record Problem(string Error, string? Cause, string? Remedy, string? Operation, string? Target, string? Errno, string Kind);

/// <summary>How the agent is.</summary>
public sealed record StatusReport
{
    public required string Version { get; init; }

    public required int ProcessId { get; init; }

    public required string Kernel { get; init; }

    public required string StateDirectory { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required double UptimeSeconds { get; init; }

    public PassReport? LastPass { get; init; }

    public required long Passes { get; init; }

    public required long FailedPasses { get; init; }

    public double? EventLagMilliseconds { get; init; }

    public required long HistorySequence { get; init; }

    public required IReadOnlyList<PoolReport> Pools { get; init; }

    public required IReadOnlyList<MaintenanceReport> Maintenance { get; init; }
}

/// <summary>A pass.</summary>
public sealed record PassReport(DateTimeOffset At, double TookMilliseconds, string Cause, long Changes, IReadOnlyList<string> Notes,
    Problem? Fault);

/// <summary>A pool and what has become of its VFs.</summary>
public sealed record PoolReport(
    string Name, int Total, int Free, int Reserved, int Attached, int Releasing, int Quarantined, int Lost,
    int Strangers, int Unhealthy, int Prewarmed);

/// <summary>A VF and who has it.</summary>
public sealed record VfReport
{
    public required string Vf { get; init; }

    public required string Pf { get; init; }

    public required int Index { get; init; }

    public required string Pool { get; init; }

    public required string State { get; init; }

    public required DateTimeOffset Since { get; init; }

    public string? Allocation { get; init; }

    public string? Owner { get; init; }

    public string? Tenant { get; init; }

    public string? Namespace { get; init; }

    public string? Interface { get; init; }

    public string? Stranger { get; init; }

    public string? Evidence { get; init; }

    public required bool Warm { get; init; }
}

/// <summary>A hand-out.</summary>
public sealed record AllocationReport
{
    public required string Id { get; init; }

    public required string Pool { get; init; }

    public required OwnerReport Owner { get; init; }

    public string? Tenant { get; init; }

    public required string FrontDoor { get; init; }

    public string? RequestKey { get; init; }

    public required IReadOnlyList<AllocatedVfReport> Vfs { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public DateTimeOffset? ReadyAt { get; init; }
}

/// <summary>Whom a VF is for.</summary>
public sealed record OwnerReport(string Name, string Kind, string? Namespace, int? ProcessId, string? Workload);

/// <summary>A VF of a hand-out.</summary>
public sealed record AllocatedVfReport(string Vf, string Pf, long GuaranteedMbps);

/// <summary>A row of history.</summary>
public sealed record HistoryReport
{
    [JsonPropertyName("seq")]
    public required long Sequence { get; init; }

    public required DateTimeOffset At { get; init; }

    public string? Vf { get; init; }

    public string? Allocation { get; init; }

    public string? From { get; init; }

    public string? To { get; init; }

    public required string FrontDoor { get; init; }

    public string? User { get; init; }

    public string? Owner { get; init; }

    public string? Tenant { get; init; }

    public required string Reason { get; init; }

    public string? Detail { get; init; }

    public required string Hash { get; init; }
}

/// <summary>A request for VFs.</summary>
public sealed record AllocationOrder
{
    public required string Owner { get; init; }

    public string? Namespace { get; init; }

    public int? ProcessId { get; init; }

    public string? Tenant { get; init; }

    public string? Pool { get; init; }

    public string? Vf { get; init; }

    public int? Count { get; init; }

    public string? Policy { get; init; }

    public int? NumaNode { get; init; }

    public string? Numa { get; init; }

    public string? Near { get; init; }

    public bool DifferentPfs { get; init; }

    public uint? GuaranteedMbps { get; init; }

    public string? RequestKey { get; init; }
}

/// <summary>What became of VFs that were taken back.</summary>
public sealed record ReleaseReport(IReadOnlyList<string> Free, IReadOnlyList<QuarantineReport> Quarantined, IReadOnlyList<string> Warnings);

/// <summary>A VF that failed a check.</summary>
public sealed record QuarantineReport(string Vf, string Evidence);

/// <summary>Whom a VF that somebody uses by hand belongs to.</summary>
public sealed record AdoptOrder(string Owner, string? Namespace = null, int? ProcessId = null, string? Tenant = null);

/// <summary>Maintenance to begin.</summary>
public sealed record MaintenanceOrder(string? Pf = null, string? Reason = null);

/// <summary>Maintenance.</summary>
public sealed record MaintenanceReport(string Scope, DateTimeOffset Since, string? By, string? Reason);
