using Vfleet.Node.Counters;

namespace Vfleet.Telemetry.Recent;

/// <summary>Who had a VF.</summary>
/// <param name="Allocation">The hand-out.</param>
/// <param name="Name">The owner's name.</param>
/// <param name="Tenant">The tenant; null without one.</param>
public sealed record RecentOwner(string Allocation, string Name, string? Tenant);

/// <summary>What a VF has counted until now.</summary>
/// <param name="Vf">The VF as it is called.</param>
/// <param name="Counters">The counters as the kernel has them; none where nothing counts.</param>
/// <param name="Interrupts">Interrupts of its vectors since boot; null for a VF without any.</param>
/// <param name="Owner">Who has it; null for nobody.</param>
public sealed record VfCounts(string Vf, CounterValues Counters, ulong? Interrupts, RecentOwner? Owner)
{
    /// <summary>What 99 of 100 of the newest probes were faster than, seconds; null where nothing probes it.</summary>
    public double? LatencyP99 { get; init; }
}

/// <summary>All VFs as they were read together.</summary>
/// <param name="Timestamp">When, by the clock that is never set (<see cref="TimeProvider.GetTimestamp"/>): samples are spaced by it.</param>
/// <param name="At">The same by the clock on the wall: samples are shown with it.</param>
/// <param name="Vfs">The VFs, each once.</param>
public sealed record RecentReading(long Timestamp, DateTimeOffset At, IReadOnlyList<VfCounts> Vfs);
