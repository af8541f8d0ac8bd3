using Vfleet.Host.Health;
using Vfleet.Host.Inventory;
using Vfleet.Linux.Route;
using Vfleet.Node;
using Vfleet.Node.Census;
using Vfleet.Node.Counters;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;

namespace Vfleet.Telemetry.Reading;

/// <summary>
/// Reads machine and ledger for a scrape: one list of links with counters, the few files of each PF, and the ledger's rows. Nothing of
/// the machine is changed; the ledger keeps what VFs have counted. Not safe for concurrent use.
/// </summary>
/// <param name="node">The node.</param>
/// <param name="host">Name of the machine, as metrics carry it.</param>
public sealed class TelemetryReader(LocalNode node, string host)
{
    /// <summary>
    /// How long the last totals of an allocation that ended are told, as long as nobody else gets its VF: longer than scrapes are apart.
    /// </summary>
    private static readonly TimeSpan AfterEnd = TimeSpan.FromMinutes(5);

    private readonly VfMeters _meters = new(node.Ledger);
    private readonly HealthReader _health = new(node.Host.Kernel, new ReadTimer(node.Host.Options.Time, node.Host.Options.ReadDeadline));
    private readonly Dictionary<(string Device, string? Driver, int Interface), PfVersions> _versions = [];

    /// <summary>Reads.</summary>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>Why the machine or the ledger could not be read.</returns>
    public async Task<Outcome<TelemetryReading>> ReadAsync(CancellationToken cancel = default)
    {
        TimeProvider time = node.Host.Options.Time;
        long started = time.GetTimestamp();
        DateTimeOffset at = time.GetUtcNow();
        if (!node.Ledger.Read(view => view.Head().Sequence).Try(out long before, out Fault? fault))
            return fault;
        Outcome<MachineInventory> read =
            await node.Host.Inventory.ReadWithoutRoutesAsync(VfDetail.SettingsAndCounters, cancel).ConfigureAwait(false);
        if (!read.Try(out MachineInventory? machine, out fault)
            || !node.Definitions.Pools(machine.Pfs).Try(out IReadOnlyList<PoolDefinition>? pools, out fault)
            || !PoolCatalog.Create(pools, machine).Try(out PoolCatalog? catalog, out fault)
            || !node.Ledger.Read(view => NodeReading.Of(view, machine, catalog, before)).Try(out NodeReading? reading, out fault)
            || !_meters.Advance(machine.Vfs, reading.Moved, at).Try(out MetersRead? counted, out fault)
            || !node.Ledger.Read(view => (Ended: Ended(view, counted.Meters.Values, at), HandOuts: HandOutCounts.Read(view)))
                .Try(out var rows, out fault))
            return fault;
        await LearnVersionsAsync(machine.Pfs, cancel).ConfigureAwait(false);
        // A driver that is stuck here hides its PF's errors and nothing else.
        Outcome<MachineHealthReading> health = await _health.ReadAsync(machine with { Vfs = [] }, cancel).ConfigureAwait(false);
        IReadOnlyDictionary<string, ulong>? interrupts = InterruptReader.Read(node.Host.Kernel.Files, machine.Vfs);
        return new TelemetryReading(host, reading, counted.Meters)
        {
            PfHealth = health.Or(null)?.Pfs ?? [],
            Skipped = [.. Names((health.Succeeded, "pf_health"), (counted.NotKept is null, "counters"), (interrupts is not null, "interrupts"))],
            Ended = rows.Ended,
            HandOuts = rows.HandOuts,
            Versions = machine.Pfs.ToDictionary(pf => pf.DeviceName, pf => _versions[KeyOf(pf)], StringComparer.Ordinal),
            Interrupts = interrupts ?? new Dictionary<string, ulong>(),
            Took = time.GetElapsedTime(started),
        };
    }

    /// <summary>What is not whole.</summary>
    private static IEnumerable<string> Names(params (bool IsWhole, string Name)[] parts) => parts.Where(part => !part.IsWhole).Select(part => part.Name);

    /// <summary>
    /// Versions stay while a driver stays, which makes another interface when it comes back; asking takes firmware a while.
    /// </summary>
    private async Task LearnVersionsAsync(IReadOnlyList<PhysicalFunction> pfs, CancellationToken cancel)
    {
        PhysicalFunction[] unknown = [.. pfs.Where(pf => !_versions.ContainsKey(KeyOf(pf)))];
        if (unknown.Length == 0)
            return;
        foreach (PhysicalFunction pf in await FirmwareReader.CompleteAsync(node.Host.Kernel, unknown, cancel).ConfigureAwait(false))
            _versions[KeyOf(pf)] = new PfVersions(pf.DriverVersion, pf.FirmwareVersion);
        foreach ((string, string?, int) gone in _versions.Keys.Except(pfs.Select(KeyOf)).ToArray())
            _versions.Remove(gone);
    }

    private static (string Device, string? Driver, int Interface) KeyOf(PhysicalFunction pf) =>
        (pf.DeviceName, pf.Driver, pf.InterfaceIndex);

    private static Dictionary<string, LedgerAllocation> Ended(LedgerView view, IEnumerable<VfMeter> meters, DateTimeOffset now) => meters
        .Select(meter => meter.Allocation).OfType<string>().Distinct().Select(view.Allocation).OfType<LedgerAllocation>()
        .Where(allocation => allocation.ReleasedAt is { } end && now - end < AfterEnd)
            .ToDictionary(allocation => allocation.Id, StringComparer.Ordinal);
}
