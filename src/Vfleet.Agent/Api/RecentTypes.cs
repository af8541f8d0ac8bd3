using System.Text.Json.Serialization;

namespace Vfleet.Agent.Api;

// Bodies of the API, as in ApiTypes.cs.
#pragma warning disable CS1591 // docs/agent.md describes each key for those who read the JSON

/// <summary>What a VF did lately.</summary>
public sealed record RecentReport
{
    public required string Vf { get; init; }

    public required double SinceSeconds { get; init; }

    public required double StepSeconds { get; init; }

    public double? QuietSeconds { get; init; }

    public required IReadOnlyList<RecentSampleReport> Samples { get; init; }
}

/// <summary>A sample: rates over its time, each null where it is not known.</summary>
public sealed record RecentSampleReport
{
    public required DateTimeOffset At { get; init; }

    public double? GapSeconds { get; init; }

    public double? ReceiveBytesPerSecond { get; init; }

    public double? TransmitBytesPerSecond { get; init; }

    public double? ReceivePacketsPerSecond { get; init; }

    public double? TransmitPacketsPerSecond { get; init; }

    public double? ReceiveDroppedPerSecond { get; init; }

    public double? TransmitDroppedPerSecond { get; init; }

    public double? ReceiveErrorsPerSecond { get; init; }

    public double? TransmitErrorsPerSecond { get; init; }

    public double? InterruptsPerSecond { get; init; }

    public double? LatencyP99Seconds { get; init; }

    public string? Allocation { get; init; }

    public string? Owner { get; init; }

    public string? Tenant { get; init; }

    public required bool OwnerChanged { get; init; }

    /// <summary>Packets dropped in both directions; null where neither is known.</summary>
    [JsonIgnore]
    public double? DroppedPerSecond => Sum(ReceiveDroppedPerSecond, TransmitDroppedPerSecond);

    /// <summary>Packets with an error in both directions; null where neither is known.</summary>
    [JsonIgnore]
    public double? ErrorsPerSecond => Sum(ReceiveErrorsPerSecond, TransmitErrorsPerSecond);

    /// <summary>Packets in both directions; null where neither is known.</summary>
    [JsonIgnore]
    public double? PacketsPerSecond => Sum(ReceivePacketsPerSecond, TransmitPacketsPerSecond);

    private static double? Sum(double? one, double? other) => one is null && other is null ? null : (one ?? 0) + (other ?? 0);
}

/// <summary>The newest sample of a VF.</summary>
public sealed record NewestReport(string Vf, RecentSampleReport Sample);
