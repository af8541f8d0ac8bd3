using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Vfleet.Node.Ledger;

/// <summary>
/// What can still be read of a ledger's file, row by row: each table from its beginning and from its end, and what lies between by its
/// key. Works on a copy, because SQLite may change what it opens.
/// </summary>
internal sealed class LedgerSalvage : IDisposable
{
    /// <summary>Keys looked for one by one between two broken ends of a table.</summary>
    private const long MostProbes = 20_000;

    /// <summary>No row of the table is shorter: a pool, an owner in JSON and a time.</summary>
    private const int LeastBytesOfAllocation = 48;

    private readonly SqliteConnection _connection;
    private readonly List<string> _losses = [];

    private LedgerSalvage(SqliteConnection connection) => _connection = connection;

    /// <summary>VFs.</summary>
    public IReadOnlyList<LedgerVf> Vfs { get; private set; } = [];

    /// <summary>Allocations with their VFs, oldest first.</summary>
    public IReadOnlyList<LedgerAllocation> Allocations { get; private set; } = [];

    /// <summary>History, oldest first; there may be gaps.</summary>
    public IReadOnlyList<HistoryRow> History { get; private set; } = [];

    /// <summary>Where history was pruned.</summary>
    public LedgerCheckpoint? Checkpoint { get; private set; }

    /// <summary>Documents that were applied.</summary>
    public IReadOnlyList<LedgerDocument> Documents { get; private set; } = [];

    /// <summary>Values of the ledger's own.</summary>
    public IReadOnlyList<(string Key, string Value)> Meta { get; private set; } = [];

    /// <summary>The largest number an allocation ever had, as far as it is known.</summary>
    public long LargestNumber { get; private set; }

    /// <summary>What could not be read, in words.</summary>
    public IReadOnlyList<string> Losses => _losses;

    /// <summary>Reads all that can be read.</summary>
    /// <param name="copy">Path of a copy of the file, its journal beside it.</param>
    public static LedgerSalvage Read(string copy)
    {
        Batteries_V2.Init();
        LedgerSalvage salvage =
            new(new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = copy, Pooling = false }.ToString()));
        salvage._connection.Open();
        salvage.ReadAll();
        return salvage;
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private void ReadAll()
    {
        History = [.. Numbered("history", LedgerRows.HistoryColumns, "seq", LedgerRows.ReadHistory, row => row.Sequence)
            .OrderBy(row => row.Sequence)];
        LedgerAllocation[] allocations =
            [.. Numbered("allocation", LedgerRows.AllocationColumns, "number", LedgerRows.ReadAllocation, row =>
                LedgerRows.Number(row.Id)!.Value)];
        ILookup<long, (long Number, AllocatedVf Vf)> members = Table(
            "allocation_vf", "vf, pf, guaranteed, number, place", "number, place",
            row => (Number: row.GetInt64(3), Place: row.GetInt64(4), Vf: LedgerRows.ReadAllocatedVf(row)),
            row => (row.Number, row.Place), [])
            .OrderBy(row => row.Place).Select(row => (row.Number, row.Vf)).ToLookup(row => row.Number);
        Allocations = [.. allocations
            .Select(each => each with { Vfs = [.. members[LedgerRows.Number(each.Id)!.Value].Select(member => member.Vf)] })
            .OrderBy(each => LedgerRows.Number(each.Id))];
        string[] named = [.. History.Select(row => row.Vf).OfType<string>()
            .Concat(members.SelectMany(same => same).Select(member => member.Vf.Vf)).Distinct()];
        Vfs = Table("vf", VfColumns(), "vf", LedgerRows.ReadVf, row => row.Vf, named);
        Documents = Table(
            "document", "kind, name, text, applied_at", "kind, name",
            row => new LedgerDocument(row.GetString(0), row.GetString(1), row.GetString(2),
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3))),
            row => (row.Kind, row.Name), []);
        Meta = Table("meta", "key, value", "key", row => (row.GetString(0), row.GetString(1)), row => row.Item1, []);
        Checkpoint = Table(
            "checkpoint", "seq, hash, at, signature", "seq",
            row => new LedgerCheckpoint(
                row.GetInt64(0), (byte[])row.GetValue(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)),
                    (byte[])row.GetValue(3)),
            row => row.Sequence, []).LastOrDefault();
        IEnumerable<long> numbers = [
            .. Allocations.Select(each => LedgerRows.Number(each.Id)!.Value), .. members.Select(same => same.Key),
            .. History.Select(row => row.Allocation).Concat(Vfs.Select(vf => vf.Allocation)).OfType<string>()
                .Select(LedgerRows.Number).OfType<long>(),
        ];
        LargestNumber = numbers.Append(Sequence()).Max();
        // Each allocation took some bytes of the file: behind so many no number was given yet, though none can be read.
        if (_losses.Count > 0)
            LargestNumber += new FileInfo(_connection.DataSource).Length / LeastBytesOfAllocation;
    }

    /// <summary>A file of an older version has not all of them.</summary>
    private string VfColumns()
    {
        List<string> there = [];
        _ = Scan("SELECT name FROM pragma_table_info('vf')", row => row.GetString(0), there, out int _);
        return there.Count == 0 || there.Contains("health_at") ? LedgerRows.VfColumns
            : LedgerRows.VfColumns.Replace("health_at", "NULL", StringComparison.Ordinal);
    }

    private long Sequence()
    {
        List<long> found = [];
        _ = Scan("SELECT seq FROM sqlite_sequence WHERE name = 'allocation'", row => row.GetInt64(0), found, out _);
        return found.FirstOrDefault();
    }

    /// <summary>A table whose key is a number: what lies between its two readable ends is looked for number by number.</summary>
    private List<T> Numbered<T>(string table, string columns, string key, Func<SqliteDataReader, T> read, Func<T, long> id) =>
        Table(table, columns, key, read, id, from =>
        {
            (long first, long last) = from.Count == 0 ? (0, 0) : (from.Min(), from.Max());
            return last - first > MostProbes ? [] : LongRange(first, last);
        });

    private List<T> Table<T, TKey>(
        string table, string columns, string key, Func<SqliteDataReader, T> read, Func<T, TKey> id, IReadOnlyList<TKey> known)
        where TKey : notnull => Table(table, columns, key, read, id, _ => known);

    private List<T> Table<T, TKey>(
        string table, string columns, string key, Func<SqliteDataReader, T> read, Func<T, TKey> id,
        Func<IReadOnlyCollection<TKey>, IEnumerable<TKey>> between)
        where TKey : notnull
    {
        List<T> rows = [];
        string? broken = Scan($"SELECT {columns} FROM {table} ORDER BY {key}", read, rows, out int garbled);
        if (broken is not null)
        {
            string descending = string.Join(", ", key.Split(", ").Select(column => $"{column} DESC"));
            _ = Scan($"SELECT {columns} FROM {table} ORDER BY {descending}", read, rows, out int again);
            garbled = Math.Max(garbled, again);
        }
        Dictionary<TKey, T> found = [];
        foreach (T row in rows)
            _ = found.TryAdd(id(row), row);
        if (broken is not null)
        {
            foreach (TKey one in between(found.Keys).Where(one => !found.ContainsKey(one)).ToArray())
            {
                List<T> single = [];
                _ = Scan($"SELECT {columns} FROM {table} WHERE {key.Split(", ")[0]} = $1", read, single, out _, one);
                if (single.Count > 0)
                    found[one] = single[0];
            }
            _losses.Add(string.Create(CultureInfo.InvariantCulture,
                $"table {table} is broken ({broken}): {found.Count} rows of it were read"));
        }
        if (garbled > 0)
            _losses.Add(string.Create(CultureInfo.InvariantCulture, $"table {table}: {garbled} rows hold something else than they should"));
        return [.. found.Values];
    }

    private static IEnumerable<long> LongRange(long first, long last)
    {
        for (long number = first; number <= last; number++)
            yield return number;
    }

    /// <returns>Null where the end was reached, else why not.</returns>
    private string? Scan<T>(string sql, Func<SqliteDataReader, T> read, List<T> rows, out int garbled, object? key = null)
    {
        garbled = 0;
        try
        {
            using SqliteCommand command = _connection.CreateCommand();
            command.CommandText = sql;
            if (key is not null)
                command.Parameters.AddWithValue("$1", key);
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                try
                {
                    rows.Add(read(reader));
                }
                catch (Exception e) when (IsGarbled(e))
                {
                    // The readers' ways to say that a column holds what was never written there; other rows may be whole.
                    garbled++;
                }
            }
            return null;
        }
        catch (SqliteException e)
        {
            // SQLite's only way to say that a page cannot be read.
            return e.Message;
        }
    }

    private static bool IsGarbled(Exception e) =>
        e is JsonException or FormatException or InvalidCastException or ArgumentException or OverflowException or InvalidOperationException
            or NotSupportedException or NullReferenceException or SqliteException { SqliteErrorCode: not 11 };
}
