namespace Vfleet.Node.Ledger;

/// <summary>The ledger as it is within one transaction.</summary>
public class LedgerView
{
    internal LedgerView(LedgerConnection connection) => Connection = connection;

    internal LedgerConnection Connection { get; }

    /// <summary>Every VF, sorted by PF and index.</summary>
    public IReadOnlyList<LedgerVf> Vfs() =>
        Connection.Query($"SELECT {LedgerRows.VfColumns} FROM vf ORDER BY pf, idx", LedgerRows.ReadVf);

    /// <summary>The VFs of a pool, sorted by PF and index.</summary>
    public IReadOnlyList<LedgerVf> VfsOf(string pool) =>
        Connection.Query($"SELECT {LedgerRows.VfColumns} FROM vf WHERE pool = $1 ORDER BY pf, idx", LedgerRows.ReadVf, pool);

    /// <summary>A VF; null where the ledger does not know it.</summary>
    public LedgerVf? Vf(string vf) =>
        Connection.Query($"SELECT {LedgerRows.VfColumns} FROM vf WHERE vf = $1", LedgerRows.ReadVf, vf).FirstOrDefault();

    /// <summary>An allocation, open or ended; null where there is none of that id.</summary>
    public LedgerAllocation? Allocation(string id) => LedgerRows.Number(id) is { } number
        ? WithVfs(Connection.Query(
            $"SELECT {LedgerRows.AllocationColumns} FROM allocation WHERE number = $1", LedgerRows.ReadAllocation, number)).FirstOrDefault()
        : null;

    /// <summary>The open allocation that was asked for with this key.</summary>
    public LedgerAllocation? AllocationOfKey(string key) => WithVfs(Connection.Query(
        $"SELECT {LedgerRows.AllocationColumns} FROM allocation WHERE request_key = $1 AND released_at IS NULL", LedgerRows.ReadAllocation, key))
        .FirstOrDefault();

    /// <summary>Allocations that have not ended, oldest first.</summary>
    public IReadOnlyList<LedgerAllocation> OpenAllocations() => AllocationsWhere("released_at IS NULL");

    /// <summary>Allocations that ended after a time, oldest first.</summary>
    public IReadOnlyList<LedgerAllocation> EndedSince(DateTimeOffset after) =>
        AllocationsWhere("released_at > $1", LedgerRows.Milliseconds(after));

    /// <summary>Allocations of every age, oldest first.</summary>
    public IReadOnlyList<LedgerAllocation> Allocations() => WithVfs(Connection.Query(
        $"SELECT {LedgerRows.AllocationColumns} FROM allocation ORDER BY number", LedgerRows.ReadAllocation));

    /// <summary>Who had a VF at a time: the allocation that was asked for before and had not ended; null for nobody.</summary>
    public LedgerAllocation? OwnerAt(string vf, DateTimeOffset at) => WithVfs(Connection.Query(
        $"""
         SELECT {LedgerRows.AllocationColumns} FROM allocation
         WHERE number IN (SELECT number FROM allocation_vf WHERE vf = $1) AND requested_at <= $2 AND (released_at IS NULL OR released_at > $2)
         ORDER BY number DESC LIMIT 1
         """,
        LedgerRows.ReadAllocation, vf, LedgerRows.Milliseconds(at))).FirstOrDefault();

    /// <summary>Sum of what is guaranteed on a PF, Mbit/s. A VF that was taken from an allocation, or lost by it, counts no more.</summary>
    public long GuaranteedOn(string pf) => (long)(Connection.Scalar(
        """
        SELECT coalesce(sum(v.guaranteed), 0) FROM allocation_vf v JOIN allocation a ON a.number = v.number
        JOIN vf ON vf.vf = v.vf AND vf.allocation = 'a' || a.number AND vf.state <> 'Lost'
        WHERE v.pf = $1 AND a.released_at IS NULL
        """, pf) ?? 0L);

    /// <summary>Rows of history, oldest first.</summary>
    /// <param name="after">Sequence after which to begin; 0 for the first.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="vf">Of this VF only; null for all.</param>
    public IReadOnlyList<HistoryRow> History(long after = 0, int most = int.MaxValue, string? vf = null) => Connection.Query(
        $"SELECT {LedgerRows.HistoryColumns} FROM history WHERE seq > $1 AND ($3 IS NULL OR vf = $3) ORDER BY seq LIMIT $2",
        LedgerRows.ReadHistory, after, most, vf);

    /// <summary>The newest rows of history, oldest first.</summary>
    /// <param name="most">How many at most.</param>
    /// <param name="vf">Of this VF only; null for all.</param>
    /// <param name="since">Not older than this; null for any.</param>
    public IReadOnlyList<HistoryRow> Recent(int most, string? vf = null, DateTimeOffset? since = null)
    {
        List<HistoryRow> rows = Connection.Query(
            $"SELECT {LedgerRows.HistoryColumns} FROM history WHERE ($2 IS NULL OR vf = $2) AND at >= $3 ORDER BY seq DESC LIMIT $1",
            LedgerRows.ReadHistory, most, vf, since is { } first ? LedgerRows.Milliseconds(first) : long.MinValue);
        rows.Reverse();
        return rows;
    }

    /// <summary>Number and hash of the newest row of history, or of the checkpoint it was pruned to; 0 and empty at the beginning.</summary>
    public (long Sequence, byte[] Hash) Head() => Connection.Query(
        "SELECT seq, hash FROM history UNION ALL SELECT seq, hash FROM checkpoint ORDER BY seq DESC LIMIT 1",
        row => (row.GetInt64(0), (byte[])row.GetValue(1))).FirstOrDefault((0, []));

    /// <summary>The newest checkpoint; null where nothing was pruned.</summary>
    public LedgerCheckpoint? Checkpoint() => Connection.Query(
        "SELECT seq, hash, at, signature FROM checkpoint ORDER BY seq DESC LIMIT 1",
        row => new LedgerCheckpoint(
            row.GetInt64(0), (byte[])row.GetValue(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)), (byte[])row.GetValue(3)))
        .FirstOrDefault();

    /// <summary>The last row that is older than a time, or too many; 0 for none. The newest row always stays.</summary>
    internal long LastRowToPrune(DateTimeOffset before, long most) => (long)(Connection.Scalar(
        """
        SELECT coalesce(max(seq), 0) FROM history
        WHERE seq < (SELECT max(seq) FROM history) AND (at < $1 OR seq <= (SELECT max(seq) FROM history) - $2)
        """, LedgerRows.Milliseconds(before), most) ?? 0L);

    /// <summary>Documents that were applied, by kind and name.</summary>
    public IReadOnlyList<LedgerDocument> Documents() => Connection.Query(
        "SELECT kind, name, text, applied_at FROM document ORDER BY kind, name",
        row => new LedgerDocument(row.GetString(0), row.GetString(1), row.GetString(2), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3))));

    /// <summary>A value of the ledger's own; null where there is none.</summary>
    public string? Meta(string key) => (string?)Connection.Scalar("SELECT value FROM meta WHERE key = $1", key);

    /// <summary>Values of the ledger's own whose keys begin so, in the order of the keys.</summary>
    public IReadOnlyList<string> MetaOf(string prefix) => Connection.Query(
        "SELECT value FROM meta WHERE substr(key, 1, length($1)) = $1 ORDER BY key", row => row.GetString(0), prefix);

    /// <summary>The same with their keys.</summary>
    public IReadOnlyList<(string Key, string Value)> MetaPairs(string prefix) => Connection.Query(
        "SELECT key, value FROM meta WHERE substr(key, 1, length($1)) = $1 ORDER BY key",
        row => (row.GetString(0), row.GetString(1)), prefix);

    /// <summary>Two statements, however many there are.</summary>
    private List<LedgerAllocation> AllocationsWhere(string condition, params ReadOnlySpan<object?> values)
    {
        List<LedgerAllocation> allocations = Connection.Query(
            $"SELECT {LedgerRows.AllocationColumns} FROM allocation WHERE {condition} ORDER BY number", LedgerRows.ReadAllocation, values);
        ILookup<string, AllocatedVf> vfs = Connection.Query(
            $"""
             SELECT vf, pf, guaranteed, number FROM allocation_vf
             WHERE number IN (SELECT number FROM allocation WHERE {condition}) ORDER BY number, place
             """,
            row => (Id: LedgerRows.Id(row.GetInt64(3)), Vf: LedgerRows.ReadAllocatedVf(row)), values)
            .ToLookup(row => row.Id, row => row.Vf, StringComparer.Ordinal);
        for (int i = 0; i < allocations.Count; i++)
            allocations[i] = allocations[i] with { Vfs = [.. vfs[allocations[i].Id]] };
        return allocations;
    }

    private List<LedgerAllocation> WithVfs(List<LedgerAllocation> allocations)
    {
        for (int i = 0; i < allocations.Count; i++)
        {
            allocations[i] = allocations[i] with
            {
                Vfs = Connection.Query(
                    "SELECT vf, pf, guaranteed FROM allocation_vf WHERE number = $1 ORDER BY place",
                    LedgerRows.ReadAllocatedVf, LedgerRows.Number(allocations[i].Id)),
            };
        }
        return allocations;
    }
}

/// <summary>A document that was applied.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">Its name.</param>
/// <param name="Text">Its YAML.</param>
/// <param name="AppliedAt">When.</param>
public sealed record LedgerDocument(string Kind, string Name, string Text, DateTimeOffset AppliedAt);
