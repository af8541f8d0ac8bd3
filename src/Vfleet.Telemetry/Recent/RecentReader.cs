using Vfleet.Host.Inventory;
using Vfleet.Node;
using Vfleet.Node.Counters;
using Vfleet.Node.Ledger;

namespace Vfleet.Telemetry.Recent;

/// <summary>
/// Reads what VFs have counted, every few seconds and so as cheaply as it can: mostly one list of links with counters, and the ledger only where
/// it has changed. Nothing is written, neither to the machine nor to the ledger. Not safe for concurrent use.
/// </summary>
/// <param name="node">The node.</param>
public sealed class RecentReader(LocalNode node)
{
    private readonly TimeProvider _time = node.Host.Options.Time;
    private readonly CounterSource _source = new(node.Host);
    private readonly InterruptCounts _interrupts = new(node.Host.Kernel.Files, node.Host.Options.Time);
    private Dictionary<string, RecentOwner> _owners = [];
    private long _sequence = -1;

    /// <summary>What 99 of 100 of the newest probes of a VF were faster than, seconds; null where nothing probes it.</summary>
    public Func<string, double?> LatencyP99 { get; init; } = _ => null;

    /// <summary>Reads counters, interrupts and owners of all VFs.</summary>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>Why the machine or the ledger could not be read: then there is no sample, which makes a gap.</returns>
    public async Task<Outcome<RecentReading>> ReadAsync(CancellationToken cancel = default)
    {
        long timestamp = _time.GetTimestamp();
        DateTimeOffset at = _time.GetUtcNow();
        // Who has a VF is asked first: one that is handed out meanwhile is its owner's in the next sample.
        if (!LearnOwners().Try(out bool isChanged, out Fault? fault)
            || !(await _source.ReadAsync(isChanged, cancel).ConfigureAwait(false)).Try(out IReadOnlyList<VirtualFunction>? vfs, out fault))
            return fault;
        IReadOnlyDictionary<string, ulong> interrupts = _interrupts.Read(vfs);
        return new RecentReading(timestamp, at,
        [
            .. vfs.Select(vf => new VfCounts(
                vf.Label, CounterReading.Of(vf), interrupts.TryGetValue(vf.Label, out ulong count) ? count : null, _owners.GetValueOrDefault(vf.Label))
            {
                LatencyP99 = LatencyP99(vf.Label),
            }),
        ]);
    }

    /// <summary>Readings of the whole machine so far.</summary>
    internal int WholeReadings => _source.WholeReadings;

    /// <summary>Every change of owner is a row of history, so owners are as they were while there is no new one.</summary>
    private Outcome<bool> LearnOwners()
    {
        if (!node.Ledger.Read(view => view.Head().Sequence).Try(out long sequence, out Fault? fault))
            return fault;
        if (sequence == _sequence)
            return false;
        if (!node.Ledger.Read(Owners).Try(out Dictionary<string, RecentOwner>? owners, out fault))
            return fault;
        (_owners, _sequence) = (owners, sequence);
        return true;
    }

    private static Dictionary<string, RecentOwner> Owners(LedgerView view)
    {
        Dictionary<string, LedgerAllocation> open = view.OpenAllocations().ToDictionary(each => each.Id, StringComparer.Ordinal);
        Dictionary<string, RecentOwner> owners = new(StringComparer.Ordinal);
        foreach (LedgerVf row in view.Vfs())
        {
            if (VfTransitions.IsOwned(row.State) && row.Allocation is { } id && open.TryGetValue(id, out LedgerAllocation? allocation))
                owners[row.Vf] = new RecentOwner(id, allocation.Owner.Name, allocation.Tenant);
        }
        return owners;
    }
}
