using Vfleet.Host.Inventory;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Counters;

/// <summary>
/// The meters of a machine's VFs. They are kept in the ledger with every reading that moved them, before anybody is told: whoever reads next, which
/// may be another process that takes the VF back, goes on from what was told.
/// </summary>
/// <remarks>Not safe for concurrent use.</remarks>
/// <param name="ledger">The ledger.</param>
public sealed class VfMeters(NodeLedger ledger)
{
    private const string Prefix = "meter/";

    /// <summary>Meters by the text that the ledger has of them: reading a text again takes longer than comparing it.</summary>
    private Dictionary<string, (string Text, VfMeter Meter)> _known = new(StringComparer.Ordinal);

    /// <summary>Brings meters up to a reading of the machine.</summary>
    /// <param name="vfs">VFs that were read with counters, and located.</param>
    /// <param name="moved">VFs whose owner may have changed while they were read: their meters stay as they are.</param>
    /// <param name="at">When the reading began.</param>
    /// <returns>The meters of VFs that the ledger knows; a fault only where the ledger cannot be read.</returns>
    public Outcome<MetersRead> Advance(
        IReadOnlyList<VirtualFunction> vfs, IReadOnlySet<string> moved, DateTimeOffset at)
    {
        VirtualFunction[] still = [.. vfs.Where(vf => !moved.Contains(vf.Label))];
        if (!ledger.Read(view => Next(view, still, at)).Try(out Advanced? next, out Fault? fault))
            return fault;
        if (next.IsKept)
            return new MetersRead(next.Meters, null);
        // What another process wrote since is read again within the change.
        Outcome<IReadOnlyDictionary<string, VfMeter>> kept = ledger.Change(LedgerStep.Counters, change =>
        {
            Advanced again = Next(change, still, at);
            foreach (VfMeter meter in again.Due)
                _known[Prefix + meter.Vf] = (Write(change, meter), meter);
            foreach (string gone in again.Gone)
                change.SetMeta(Prefix + gone, null);
            return Outcome<IReadOnlyDictionary<string, VfMeter>>.Of(again.Meters);
        });
        // A full disk is when metrics are needed most.
        return kept.Try(out IReadOnlyDictionary<string, VfMeter>? meters, out fault) ? new MetersRead(meters, null) : new MetersRead(next.Meters, fault);
    }

    /// <summary>Adds a reading of VFs that are being handed out or taken back, within the change that notes it.</summary>
    /// <param name="change">The change.</param>
    /// <param name="vfs">The VFs with their counters, and the allocation that has each.</param>
    /// <param name="at">When they were read.</param>
    internal static void Add(LedgerChange change, IEnumerable<(VirtualFunction Vf, string? Allocation)> vfs, DateTimeOffset at)
    {
        foreach ((VirtualFunction vf, string? allocation) in vfs)
        {
            VfMeter? before = change.Meta(Prefix + vf.Label) is { } text ? MeterJson.TryRead(text) : null;
            Write(change, VfMeter.Next(before, vf.Label, CounterReading.Of(vf), allocation, at));
        }
    }

    private static string Write(LedgerChange change, VfMeter meter)
    {
        string text = MeterJson.Write(meter);
        change.SetMeta(Prefix + meter.Vf, text);
        return text;
    }

    /// <summary>The meters as the ledger has them.</summary>
    private Dictionary<string, VfMeter> Read(LedgerView view)
    {
        Dictionary<string, (string Text, VfMeter Meter)> known = new(StringComparer.Ordinal);
        Dictionary<string, VfMeter> meters = new(StringComparer.Ordinal);
        foreach ((string key, string text) in view.MetaPairs(Prefix))
        {
            bool isKnown = _known.TryGetValue(key, out var before) && before.Text == text;
            if ((isKnown ? before.Meter : MeterJson.TryRead(text)) is not { } meter)
                continue;
            known[key] = (text, meter);
            meters[meter.Vf] = meter;
        }
        _known = known;
        return meters;
    }

    private Advanced Next(LedgerView view, IReadOnlyList<VirtualFunction> vfs, DateTimeOffset at)
    {
        Dictionary<string, LedgerVf> rows = view.Vfs().ToDictionary(row => row.Vf, StringComparer.Ordinal);
        Dictionary<string, VfMeter> meters = Read(view);
        string[] gone = [.. meters.Keys.Where(vf => !rows.ContainsKey(vf))];
        List<VfMeter> due = [];
        foreach (VirtualFunction vf in vfs)
        {
            if (!rows.TryGetValue(vf.Label, out LedgerVf? row))
                continue;
            VfMeter? before = meters.GetValueOrDefault(vf.Label);
            // Whoever cleans a VF has read it for its last owner already.
            string? allocation = VfTransitions.IsOwned(row.State) ? row.Allocation : null;
            VfMeter next = VfMeter.Next(before, vf.Label, CounterReading.Of(vf), allocation, at);
            meters[vf.Label] = next;
            if (next.IsNewBeginning || next.At < before!.At || !next.Last.IsSame(before.Last))
                due.Add(next);
        }
        return new Advanced(meters, due, gone);
    }

    /// <param name="Meters">All of them.</param>
    /// <param name="Due">Those to be kept.</param>
    /// <param name="Gone">VFs that are no more.</param>
    private sealed record Advanced(IReadOnlyDictionary<string, VfMeter> Meters, IReadOnlyList<VfMeter> Due, IReadOnlyList<string> Gone)
    {
        public bool IsKept => Due.Count == 0 && Gone.Count == 0;
    }
}

/// <summary>Meters as they were brought up to a reading.</summary>
/// <param name="Meters">The meters, by VF.</param>
/// <param name="NotKept">Why the ledger did not keep them, as on a full disk: the next reading goes on from an older one. Null where it did.</param>
public sealed record MetersRead(IReadOnlyDictionary<string, VfMeter> Meters, Fault? NotKept);
