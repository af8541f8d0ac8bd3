using Vfleet.Host.Health;
using Vfleet.Host.Inventory;
using Vfleet.Node.Census;
using Vfleet.Node.Counters;
using Vfleet.Node.Ledger;

namespace Vfleet.Telemetry.Reading;

/// <summary>Versions of a PF's driver and firmware; null where the driver does not tell.</summary>
/// <param name="Driver">The driver's.</param>
/// <param name="Firmware">The firmware's.</param>
public sealed record PfVersions(string? Driver, string? Firmware);

/// <summary>Everything a scrape tells, as it was read together.</summary>
/// <param name="Host">Name of the machine.</param>
/// <param name="Node">PFs, VFs with their counters, pools and owners.</param>
/// <param name="Meters">What VFs have counted, by VF.</param>
public sealed record TelemetryReading(string Host, NodeReading Node, IReadOnlyDictionary<string, VfMeter> Meters)
{
    /// <summary>Allocations that ended a short while ago, by id: their last totals are still told, so that nobody misses them.</summary>
    public IReadOnlyDictionary<string, LedgerAllocation> Ended { get; init; } = new Dictionary<string, LedgerAllocation>();

    /// <summary>Interrupts of each VF since boot; none for a VF without vectors.</summary>
    public IReadOnlyDictionary<string, ulong> Interrupts { get; init; } = new Dictionary<string, ulong>();

    /// <summary>How hand-outs went.</summary>
    public required HandOutCounts HandOuts { get; init; }

    /// <summary>What PFs count of their errors; empty where that could not be read.</summary>
    public IReadOnlyList<PfHealthReading> PfHealth { get; init; } = [];

    /// <summary>What could not be read beside the rest, in a word each.</summary>
    public IReadOnlyList<string> Skipped { get; init; } = [];

    /// <summary>Versions of a PF's driver and firmware, by its device name.</summary>
    public IReadOnlyDictionary<string, PfVersions> Versions { get; init; } = new Dictionary<string, PfVersions>();

    /// <summary>How long reading took.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>Each VF with the allocation that has it, or had it last; null for neither.</summary>
    public IEnumerable<(VirtualFunction Vf, LedgerAllocation? Allocation)> VfsWithOwners()
    {
        Dictionary<string, LedgerAllocation> held =
            Node.Held().ToDictionary(each => each.Vf.Vf, each => each.Allocation, StringComparer.Ordinal);
        foreach (VirtualFunction vf in Node.Machine.Vfs)
            yield return (vf, held.GetValueOrDefault(vf.Label));
    }
}
