using Vfleet.Host.Health;
using Vfleet.Host.Inventory;
using Vfleet.Node;
using Vfleet.Node.Census;
using Vfleet.Node.Counters;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;
using Vfleet.Node.Reconcile;
using Vfleet.Telemetry.Drivers;
using Vfleet.Telemetry.Metrics;
using Vfleet.Telemetry.Tracing;

namespace Vfleet.Telemetry.Reading;

/// <summary>
/// Reads machine and ledger for a scrape: one list of links with counters, the few files of each PF, drivers' own counters, and the ledger's rows.
/// Nothing of the machine is changed; the ledger keeps what VFs have counted. What hangs is left out and named. Not safe for concurrent use.
/// </summary>
public sealed class TelemetryReader
{
    /// <summary>
    /// How long the last totals of an allocation that ended are told, as long as nobody else gets its VF: longer than scrapes are apart.
    /// </summary>
    private static readonly TimeSpan AfterEnd = TimeSpan.FromMinutes(5);

    /// <summary>Longest wait for a part: several that hang still leave a scrape within Prometheus's usual 10 s.</summary>
    private static readonly TimeSpan LongestPart = TimeSpan.FromSeconds(2);

    private readonly LocalNode _node;
    private readonly string _host;
    private readonly VfMeters _meters;
    private readonly PartReader _parts;
    private readonly MachineReader _machine;
    private readonly HealthReader _health;
    private readonly DeviceCounterReader _counters;
    private readonly OwnerCpuReader _owners;
    private readonly PodCpuReader _pods;
    private readonly SoftirqShares _shares = new();
    private readonly IsolationWatch _isolation = new();
    private readonly LabelMemo _labels = new();
    private readonly Dictionary<(string Device, string? Driver, int Interface), PfVersions> _versions = [];

    /// <param name="node">The node.</param>
    /// <param name="host">Name of the machine, as metrics carry it.</param>
    /// <param name="maps">What drivers' own counters mean; those that come with Vfleet when null.</param>
    public TelemetryReader(LocalNode node, string host, CounterMaps? maps = null)
    {
        (_node, _host) = (node, host);
        IKernel kernel = node.Host.Kernel;
        TimeProvider time = node.Host.Options.Time;
        _meters = new VfMeters(node.Ledger);
        _parts = new PartReader(time, node.Host.Options.ReadDeadline < LongestPart ? node.Host.Options.ReadDeadline : LongestPart);
        _machine = new MachineReader(kernel, _parts, time);
        _health = new HealthReader(kernel, new ReadTimer(time, Timeout.InfiniteTimeSpan));
        _counters = new DeviceCounterReader(kernel, maps ?? CounterMaps.Own);
        _owners = new OwnerCpuReader(kernel.Files);
        _pods = new PodCpuReader(kernel.Files);
    }

    /// <summary>Reads.</summary>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>Why the machine or the ledger could not be read.</returns>
    public async Task<Outcome<TelemetryReading>> ReadAsync(CancellationToken cancel = default)
    {
        TimeProvider time = _node.Host.Options.Time;
        long started = time.GetTimestamp();
        DateTimeOffset at = time.GetUtcNow();
        if (!_node.Ledger.Read(view => view.Head().Sequence).Try(out long before, out Fault? fault))
            return fault;
        Outcome<MachineInventory> read = await _machine.ReadAsync(cancel).ConfigureAwait(false);
        if (!read.Try(out MachineInventory? machine, out fault)
            || !_node.Definitions.Pools(machine.Pfs).Try(out IReadOnlyList<PoolDefinition>? pools, out fault)
            || !PoolCatalog.Create(pools, machine).Try(out PoolCatalog? catalog, out fault)
            || !_node.Ledger.Read(view => NodeReading.Of(view, machine, catalog, before)).Try(out NodeReading? reading, out fault)
            || !_meters.Advance(machine.Vfs, reading.Moved, at).Try(out MetersRead? counted, out fault)
            || !_node.Ledger.Read(view => (Ended: Ended(view, counted.Meters.Values, at), HandOuts: HandOutCounts.Read(view), Traces: TraceResults.Read(view, at)))
                .Try(out var rows, out fault)
            || !Maintenance.Read(_node.Ledger).Try(out IReadOnlyList<MaintenanceWindow>? windows, out fault))
            return fault;
        _labels.Turn();
        if (counted.NotKept is not null)
            _parts.Skip("counters");
        TelemetryReading basic = new(_host, reading, counted.Meters)
        {
            Ended = rows.Ended,
            HandOuts = rows.HandOuts,
            Traces = rows.Traces,
            Maintenance = windows,
            Labels = _labels,
        };
        TelemetryReading whole = await WithPartsAsync(basic, machine, cancel).ConfigureAwait(false);
        return whole with { Skipped = _parts.TakeSkipped(), Took = time.GetElapsedTime(started) };
    }

    /// <summary>What may hang or be missing without hiding the rest.</summary>
    private async Task<TelemetryReading> WithPartsAsync(TelemetryReading basic, MachineInventory machine, CancellationToken cancel)
    {
        IFileTree files = _node.Host.Kernel.Files;
        IReadOnlyList<PfHealthReading> health = (await _parts.ReadAsync("pf_health", null, async () =>
            (await _health.ReadAsync(machine with { Vfs = [] }, CancellationToken.None).ConfigureAwait(false)).Or(null), cancel).ConfigureAwait(false))?.Pfs ?? [];
        InterruptReading? interrupts = await _parts.ReadAsync(
            "interrupts", null, () => Task.FromResult(InterruptReader.Read(files, machine.Vfs)), cancel).ConfigureAwait(false);
        IReadOnlyDictionary<string, IReadOnlyList<DeviceCounter>>? devices = await _parts.ReadAsync(
            "driver_counters", null, () => Task.FromResult<IReadOnlyDictionary<string, IReadOnlyList<DeviceCounter>>?>(_counters.Read(machine)), cancel)
            .ConfigureAwait(false);
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, ulong>>? vendors = await _parts.ReadAsync("vendor_files", null, () =>
            Task.FromResult<IReadOnlyDictionary<string, IReadOnlyDictionary<string, ulong>>?>(VendorFileReader.Read(files, machine)), cancel).ConfigureAwait(false);
        await LearnVersionsAsync(machine.Pfs, cancel).ConfigureAwait(false);
        IReadOnlyDictionary<string, GroupTimes>? owners = await _parts.ReadAsync("owner_cpu", null, () =>
            Task.FromResult<IReadOnlyDictionary<string, GroupTimes>?>(_owners.Read(basic.Node.Allocations)), cancel).ConfigureAwait(false);
        IReadOnlyList<PodCpus>? pods = await _parts.ReadAsync(
            "pod_cpus", null, () => Task.FromResult<IReadOnlyList<PodCpus>?>(_pods.Read()), cancel).ConfigureAwait(false);
        IReadOnlyList<CpuTimes> cpus = CpuReader.Read(files);
        return basic with
        {
            PfHealth = health,
            Interrupts = (interrupts ?? InterruptReading.None).OfVfs,
            SoftirqSeconds = _shares.Advance(interrupts, cpus),
            Cpus = cpus,
            Devices = devices ?? new Dictionary<string, IReadOnlyList<DeviceCounter>>(),
            VendorFiles = vendors ?? new Dictionary<string, IReadOnlyDictionary<string, ulong>>(),
            OwnerCpu = owners ?? new Dictionary<string, GroupTimes>(),
            PodCpus = pods ?? [],
            CpuNodes = _pods.Nodes(),
            Collisions = _isolation.Look(machine.Pfs, [.. basic.VfsWithOwners()]),
            Versions = machine.Pfs.ToDictionary(pf => pf.DeviceName, pf => _versions.GetValueOrDefault(KeyOf(pf)) ?? PfVersions.Unknown, StringComparer.Ordinal),
        };
    }

    /// <summary>
    /// Versions stay while a driver stays, which makes another interface when it comes back; asking takes firmware a while.
    /// </summary>
    private async Task LearnVersionsAsync(IReadOnlyList<PhysicalFunction> pfs, CancellationToken cancel)
    {
        foreach (PhysicalFunction pf in pfs.Where(pf => !_versions.ContainsKey(KeyOf(pf))))
        {
            IReadOnlyList<PhysicalFunction>? told = await _parts.ReadAsync<IReadOnlyList<PhysicalFunction>>("versions", pf.DeviceName, async () =>
                await FirmwareReader.CompleteAsync(_node.Host.Kernel, [pf], CancellationToken.None).ConfigureAwait(false), cancel).ConfigureAwait(false);
            if (told is [var known])
                _versions[KeyOf(pf)] = new PfVersions(known.DriverVersion, known.FirmwareVersion);
        }
        foreach ((string, string?, int) gone in _versions.Keys.Except(pfs.Select(KeyOf)).ToArray())
            _versions.Remove(gone);
    }

    private static (string Device, string? Driver, int Interface) KeyOf(PhysicalFunction pf) =>
        (pf.DeviceName, pf.Driver, pf.InterfaceIndex);

    private static Dictionary<string, LedgerAllocation> Ended(LedgerView view, IEnumerable<VfMeter> meters, DateTimeOffset now)
    {
        HashSet<string?> counted = [.. meters.Select(meter => meter.Allocation)];
        return view.EndedSince(now - AfterEnd).Where(allocation => counted.Contains(allocation.Id))
            .ToDictionary(allocation => allocation.Id, StringComparer.Ordinal);
    }
}
