using Vfleet.Host.Health;
using Vfleet.Host.Inventory;
using Vfleet.Node.Census;
using Vfleet.Node.Counters;
using Vfleet.Node.Ledger;
using Vfleet.Node.Reconcile;
using Vfleet.Telemetry.Drivers;
using Vfleet.Telemetry.Metrics;
using Vfleet.Telemetry.Probes;
using Vfleet.Telemetry.Tracing;

namespace Vfleet.Telemetry.Reading;

/// <summary>Versions of a PF's driver and firmware; null where the driver does not tell.</summary>
/// <param name="Driver">The driver's.</param>
/// <param name="Firmware">The firmware's.</param>
public sealed record PfVersions(string? Driver, string? Firmware)
{
    /// <summary>Nothing was told.</summary>
    public static PfVersions Unknown { get; } = new(null, null);
}

/// <summary>Everything a scrape tells, as it was read together.</summary>
/// <param name="Host">Name of the machine.</param>
/// <param name="Node">PFs, VFs with their counters, pools and owners.</param>
/// <param name="Meters">What VFs have counted, by VF.</param>
public sealed record TelemetryReading(string Host, NodeReading Node, IReadOnlyDictionary<string, VfMeter> Meters)
{
    /// <summary>Allocations that ended a short while ago, by id: their last totals are still told, so that nobody misses them.</summary>
    public IReadOnlyDictionary<string, LedgerAllocation> Ended { get; init; } = new Dictionary<string, LedgerAllocation>();

    /// <summary>Vectors of each VF and their interrupts since boot; none for a VF without vectors.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<VectorInterrupts>> Interrupts { get; init; } =
        new Dictionary<string, IReadOnlyList<VectorInterrupts>>();

    /// <summary>Seconds in soft interrupts that are estimated to be each VF's, since the reader began.</summary>
    public IReadOnlyDictionary<string, double> SoftirqSeconds { get; init; } = new Dictionary<string, double>();

    /// <summary>Times of CPUs.</summary>
    public IReadOnlyList<CpuTimes> Cpus { get; init; } = [];

    /// <summary>The NUMA node of each CPU.</summary>
    public IReadOnlyList<(int Cpu, string Node)> CpuNodes { get; init; } = [];

    /// <summary>CPUs that are kept for containers of pods.</summary>
    public IReadOnlyList<PodCpus> PodCpus { get; init; } = [];

    /// <summary>CPU time of owners whose control groups are known, by allocation.</summary>
    public IReadOnlyDictionary<string, GroupTimes> OwnerCpu { get; init; } = new Dictionary<string, GroupTimes>();

    /// <summary>Drivers' own counters that their maps name: of a PF by its device name, of a VF by what it is called.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<DeviceCounter>> Devices { get; init; } = new Dictionary<string, IReadOnlyList<DeviceCounter>>();

    /// <summary>Counters that a vendor's driver shows as files, by VF and name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, ulong>> VendorFiles { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, ulong>>();

    /// <summary>Collisions between VFs that began so far, by the PF's device name and the kind.</summary>
    public IReadOnlyDictionary<(string Pf, string Kind), ulong> Collisions { get; init; } = new Dictionary<(string, string), ulong>();

    /// <summary>What is under maintenance.</summary>
    public IReadOnlyList<MaintenanceWindow> Maintenance { get; init; } = [];

    /// <summary>What targets of policies answered over VFs.</summary>
    public IReadOnlyList<(ProbeKey Key, ProbeCounts Counts)> Probes { get; init; } = [];

    /// <summary>What traces of the last hour found.</summary>
    public IReadOnlyList<TraceResult> Traces { get; init; } = [];

    /// <summary>VFs that passes found not to be as they have to be; null where no agent counts them.</summary>
    public ulong? Drifts { get; init; }

    /// <summary>How hand-outs went.</summary>
    public required HandOutCounts HandOuts { get; init; }

    /// <summary>What PFs count of their errors; empty where that could not be read.</summary>
    public IReadOnlyList<PfHealthReading> PfHealth { get; init; } = [];

    /// <summary>What could not be read beside the rest.</summary>
    public IReadOnlyList<SkippedPart> Skipped { get; init; } = [];

    /// <summary>Versions of a PF's driver and firmware, by its device name.</summary>
    public IReadOnlyDictionary<string, PfVersions> Versions { get; init; } = new Dictionary<string, PfVersions>();

    /// <summary>Label sets that were written for the readings before.</summary>
    internal LabelMemo Labels { get; init; } = new();

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
