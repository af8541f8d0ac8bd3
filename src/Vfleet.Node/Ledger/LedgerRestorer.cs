using System.Globalization;
using Vfleet.Host.State;

namespace Vfleet.Node.Ledger;

/// <summary>
/// Writes what was saved of a ledger into a new one. A VF that may have an owner of whom too little is known is quarantined, so that
/// nobody else gets it before somebody has looked.
/// </summary>
/// <param name="salvage">What was saved.</param>
/// <param name="aside">Where the old file is, for the history.</param>
internal sealed class LedgerRestorer(LedgerSalvage salvage, string aside)
{
    private readonly List<string> _kept = [];
    private readonly List<string> _quarantined = [];
    private readonly List<string> _lost = [];

    /// <summary>Writes everything in one change.</summary>
    /// <param name="change">A change of the new ledger.</param>
    /// <param name="anchors">Points of history that were kept elsewhere.</param>
    /// <param name="signer">Signs where history goes on when it is not whole.</param>
    /// <param name="now">The time.</param>
    public RebuildReport Write(LedgerChange change, IReadOnlyList<LedgerAnchor> anchors, CheckpointSigner signer, DateTimeOffset now)
    {
        bool isWhole = IsWhole(anchors, signer);
        if (isWhole)
            WriteHistory(change);
        else
            GoOn(change, anchors, signer, now);
        change.Note("rebuilt", isWhole
            ? $"the damaged file is {aside}" : $"the damaged file is {aside}; earlier rows of history are in it");
        foreach (LedgerDocument document in salvage.Documents)
        {
            change.Connection.Run(
                "INSERT OR IGNORE INTO document (kind, name, text, applied_at) VALUES ($1, $2, $3, $4)",
                document.Kind, document.Name, document.Text, LedgerRows.Milliseconds(document.AppliedAt));
        }
        foreach ((string key, string value) in salvage.Meta)
            change.SetMeta(key, value);
        Dictionary<string, LedgerVf> rows = salvage.Vfs.ToDictionary(row => row.Vf, StringComparer.Ordinal);
        foreach (LedgerAllocation allocation in salvage.Allocations)
            WriteAllocation(change, allocation, rows);
        // Numbers of allocations are never used twice, though the last ones may be lost.
        change.Connection.Run("DELETE FROM sqlite_sequence WHERE name = 'allocation'");
        change.Connection.Run("INSERT INTO sqlite_sequence (name, seq) VALUES ('allocation', $1)", salvage.LargestNumber);
        foreach (LedgerVf row in salvage.Vfs)
            WriteVf(change, row);
        foreach ((string vf, string pool, string pf, string why) in Unread(rows))
            Quarantine(change, new LedgerVf { Vf = vf, Pf = pf, Index = 0, Pool = pool, Since = now }, why);
        if (!isWhole)
            _lost.Add(salvage.History.Count == 0
                ? "history cannot be read" : $"history has gaps; {Rows(salvage.History.Count)} of it can be read in {aside}");
        return new RebuildReport(aside, _kept, _quarantined, [.. salvage.Losses, .. _lost], isWhole ? salvage.History.Count : 0);
    }

    private static string Rows(int count) => count == 1 ? "1 row" : string.Create(CultureInfo.InvariantCulture, $"{count} rows");

    /// <summary>True where every row of history is there and unaltered, up to the last one that somebody vouches for.</summary>
    private bool IsWhole(IReadOnlyList<LedgerAnchor> anchors, CheckpointSigner signer)
    {
        if (salvage.Losses.Any(loss => loss.StartsWith("table history", StringComparison.Ordinal)
            || loss.StartsWith("table checkpoint", StringComparison.Ordinal)))
            return false;
        (long sequence, byte[] hash) = salvage.Checkpoint is { } checkpoint && signer.IsGenuine(checkpoint)
            ? (checkpoint.Sequence, checkpoint.Hash)
            : (0, []);
        foreach (HistoryRow row in salvage.History)
        {
            if (row.Sequence != sequence + 1 || !row.HashAfter(hash).AsSpan().SequenceEqual(row.Hash))
                return false;
            (sequence, hash) = (row.Sequence, row.Hash);
        }
        return anchors.All(anchor => anchor.Sequence <= sequence);
    }

    private void WriteHistory(LedgerChange change)
    {
        if (salvage.Checkpoint is { } checkpoint)
            WriteCheckpoint(change, checkpoint);
        foreach (HistoryRow row in salvage.History)
        {
            change.Connection.Run(
                $"INSERT INTO history ({LedgerRows.HistoryColumns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                row.Sequence, LedgerRows.Milliseconds(row.At), row.Vf, row.Allocation, row.From?.Name(), row.To?.Name(),
                    row.FrontDoor, row.User,
                row.Owner, row.Tenant, row.Reason, row.Detail, row.Hash);
        }
    }

    /// <summary>
    /// History goes on behind the last row that is known of, and the signature says that it was vfleet who left the others out.
    /// </summary>
    private void GoOn(LedgerChange change, IReadOnlyList<LedgerAnchor> anchors, CheckpointSigner signer, DateTimeOffset now)
    {
        (long sequence, byte[] hash) = salvage.Checkpoint is { } old ? (old.Sequence, old.Hash) : (0, new byte[32]);
        if (salvage.History.Count > 0 && salvage.History[^1].Sequence > sequence)
            (sequence, hash) = (salvage.History[^1].Sequence, salvage.History[^1].Hash);
        if (anchors.MaxBy(anchor => anchor.Sequence) is { } last && last.Sequence > sequence)
            (sequence, hash) = (last.Sequence, Convert.FromHexString(last.Hash));
        if (sequence > 0)
            WriteCheckpoint(change, signer.Sign(sequence, hash, now));
    }

    private static void WriteCheckpoint(LedgerChange change, LedgerCheckpoint checkpoint) => change.Connection.Run(
        "INSERT INTO checkpoint (seq, hash, at, signature) VALUES ($1, $2, $3, $4)",
        checkpoint.Sequence, checkpoint.Hash, LedgerRows.Milliseconds(checkpoint.At), checkpoint.Signature);

    /// <summary>
    /// An open allocation whose VFs are not all known to be its own any more is closed: it stays as a memory of who had them.
    /// </summary>
    private void WriteAllocation(LedgerChange change, LedgerAllocation allocation, Dictionary<string, LedgerVf> rows)
    {
        bool isHeld = allocation.Vfs.Any(vf => rows.GetValueOrDefault(vf.Vf) is { } row && row.Allocation == allocation.Id
            && VfTransitions.IsOwned(row.State));
        bool isCut = allocation.ReleasedAt is null && !isHeld;
        change.Connection.Run(
            """
            INSERT OR IGNORE INTO allocation (number, pool, owner, owner_data, tenant, front_door, request_key, requested_at, ready_at, released_at, reason)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            LedgerRows.Number(allocation.Id), allocation.Pool, allocation.Owner.Name,
                LedgerRows.Json(allocation.Owner), allocation.Tenant,
            allocation.FrontDoor, allocation.RequestKey, LedgerRows.Milliseconds(allocation.RequestedAt), Time(allocation.ReadyAt),
            isCut ? LedgerRows.Milliseconds(change.Now) : Time(allocation.ReleasedAt), isCut
                ? "its VFs could not be read when the ledger was rebuilt" : allocation.Reason);
        for (int place = 0; place < allocation.Vfs.Count; place++)
        {
            AllocatedVf each = allocation.Vfs[place];
            change.Connection.Run(
                "INSERT OR IGNORE INTO allocation_vf (number, place, vf, pf, guaranteed) VALUES ($1, $2, $3, $4, $5)",
                LedgerRows.Number(allocation.Id), place, each.Vf, each.Pf, each.GuaranteedMbps);
        }
        if (isCut)
            _lost.Add($"{allocation.Id} of {allocation.Owner.Name}: the rows of its VFs cannot be read");
        else if (isHeld)
            _kept.Add($"{allocation.Id} of {allocation.Owner.Name}: {string.Join(' ', allocation.Vfs.Select(vf => vf.Vf))}");
    }

    private void WriteVf(LedgerChange change, LedgerVf row)
    {
        if (row.Allocation is { } id && VfTransitions.IsOwned(row.State)
            && salvage.Allocations.All(each => each.Id != id || each.Vfs.All(vf => vf.Vf != row.Vf)))
        {
            if (row.Record is null)
            {
                Quarantine(change, row, $"{id} had it when the ledger was damaged, and whose that was cannot be read");
                return;
            }
            Insert(change, row with { State = VfState.Free, Allocation = null, Worker = null });
            Adopt(change, row, row.Record);
            return;
        }
        Insert(change, row);
        change.Note("rebuilt", null, row);
    }

    /// <summary>Only the record tells where the VF is: it becomes the allocation of an owner named after its namespace.</summary>
    private void Adopt(LedgerChange change, LedgerVf row, AttachmentRecord record)
    {
        LedgerAllocation draft = RecordImport.Draft(row, record);
        if (!change.OpenAllocation(draft, VfState.Attached, isReady: true).Try(out LedgerAllocation? opened, out _))
            return;
        // Else its release would take it for another allocation's.
        change.SetRecord(row.Vf, record with { Allocation = opened.Id });
        _kept.Add($"{opened.Id} of {opened.Owner.Name}: {row.Vf}, which was {row.Allocation}; its owner, tenant and times cannot be read");
    }

    /// <summary>VFs that other tables name with an owner, and whose own rows cannot be read.</summary>
    private IEnumerable<(string Vf, string Pool, string Pf, string Why)> Unread(Dictionary<string, LedgerVf> rows)
    {
        HashSet<string> seen = [.. rows.Keys];
        foreach (LedgerAllocation open in salvage.Allocations.Where(each => each.ReleasedAt is null))
        {
            foreach (AllocatedVf vf in open.Vfs.Where(vf => seen.Add(vf.Vf)))
                yield return (vf.Vf, open.Pool, vf.Pf, $"{open.Owner.Name} had it when the ledger was damaged, and its row cannot be read");
        }
        foreach (HistoryRow last in salvage.History.Where(row => row.Vf is not null).GroupBy(row => row.Vf!).Select(same => same.Last()))
        {
            if (last.To is not (null or VfState.Free) && seen.Add(last.Vf!))
                yield return (last.Vf!, "", "",
                    $"it was {last.To} ({last.Owner ?? "nobody"}) when it was last written of, and its row cannot be read");
        }
    }

    private void Quarantine(LedgerChange change, LedgerVf row, string why)
    {
        LedgerVf held = row with { State = VfState.Quarantined, Allocation = null, Evidence = why, Worker = null, Held = null };
        Insert(change, held);
        change.Note("rebuilt", why, held);
        _quarantined.Add($"{row.Vf}: {why}");
    }

    private static void Insert(LedgerChange change, LedgerVf row) =>
        change.Connection.Run($"INSERT OR IGNORE INTO vf ({LedgerRows.VfColumns}) VALUES ({LedgerRows.VfPlaces})", LedgerRows.VfValues(row));

    private static long? Time(DateTimeOffset? time) => time is { } known ? LedgerRows.Milliseconds(known) : null;
}
