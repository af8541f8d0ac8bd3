using Microsoft.Data.Sqlite;
using SQLitePCL;
using Vfleet.Host.State;

namespace Vfleet.Node.Ledger;

/// <summary>One connection to the ledger, with its statements prepared once. Not safe for concurrent use.</summary>
internal sealed class LedgerConnection : IDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(1);

    private readonly SqliteConnection _connection;
    private readonly LedgerOptions _options;
    private readonly ManualResetEventSlim _pause = new(initialState: false, spinCount: 0);
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);

    private LedgerConnection(SqliteConnection connection, LedgerOptions options)
    {
        _connection = connection;
        _options = options;
    }

    public static Outcome<LedgerConnection> Open(LedgerOptions options)
    {
        Batteries_V2.Init();
        string path = options.Path;
        SqliteConnection? connection = null;
        try
        {
            StateFolder.Make(options.StateDirectory);
            MakePrivate(path);
            connection = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Pooling = false,
                DefaultTimeout = (int)Math.Ceiling(options.LockDeadline.TotalSeconds),
            }.ToString());
            connection.Open();
            LedgerConnection opened = new(connection, options);
            // A change is on the disk before it is acknowledged (I3), and readers never wait for a writer.
            opened.Run("PRAGMA journal_mode = WAL");
            opened.Run(options.WaitsForDisk ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
            opened.Run($"PRAGMA busy_timeout = {(int)options.LockDeadline.TotalMilliseconds}");
            opened.Run("PRAGMA foreign_keys = ON");
            if (LedgerSchema.Migrate(connection, path) is { } fault)
            {
                opened.Dispose();
                return fault;
            }
            return opened;
        }
        catch (SqliteException e)
        {
            // SQLite's only way to refuse.
            connection?.Dispose();
            return LedgerErrors.Describe(e, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system's only ways to say that the directory cannot be made.
            return e is UnauthorizedAccessException
                ? LedgerOptions.Forbidden(path, e)
                : new Fault(FaultKind.Kernel, $"the directory of the ledger {path} cannot be made")
                {
                    Cause = e.Message,
                    Target = path,
                    Remedy = "give another directory with --state",
                };
        }
    }

    /// <summary>
    /// SQLite would make the file readable for everybody; its journals take the mode of the file. One that exists is not opened: closing it would
    /// drop the locks that other connections of this process hold on it (fcntl_locking(2)).
    /// </summary>
    private static void MakePrivate(string path)
    {
        if (!File.Exists(path))
            StateFolder.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete).Dispose();
    }

    /// <summary>Begins a transaction; one that is not committed is rolled back when it is disposed.</summary>
    /// <param name="writes">Waits for its turn, so that it never has to give up half way.</param>
    public LedgerTransaction Begin(bool writes)
    {
        if (writes)
            AwaitTurn();
        else
            Run("BEGIN");
        return new LedgerTransaction(this);
    }

    /// <summary>
    /// SQLite's own waiting sleeps up to 100 ms between two looks (sqliteDefaultBusyCallback): one of eight callers waited a third of a second for
    /// changes of a millisecond. Looking each millisecond costs nothing beside the disk.
    /// </summary>
    private void AwaitTurn()
    {
        sqlite3 database = _connection.Handle!;
        long started = _options.Time.GetTimestamp();
        _ = raw.sqlite3_busy_timeout(database, 0);
        try
        {
            int code;
            while ((code = raw.sqlite3_exec(database, "BEGIN IMMEDIATE")) == raw.SQLITE_BUSY && _options.Time.GetElapsedTime(started) < _options.LockDeadline)
                _ = _pause.Wait(BetweenLooks);
            if (code != raw.SQLITE_OK)
                throw new SqliteException(raw.sqlite3_errmsg(database).utf8_to_string(), code);
        }
        finally
        {
            _ = raw.sqlite3_busy_timeout(database, (int)_options.LockDeadline.TotalMilliseconds);
        }
    }

    /// <summary>True within a transaction; SQLite ends one by itself when the disk is full.</summary>
    public bool IsInTransaction => raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    /// <summary>A prepared statement with its parameters set, by place: <c>$1</c>, <c>$2</c> …</summary>
    public SqliteCommand Prepare(string sql, params ReadOnlySpan<object?> values)
    {
        if (!_commands.TryGetValue(sql, out SqliteCommand? command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            for (int i = 1; i <= values.Length; i++)
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
            _commands[sql] = command;
        }
        for (int i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }

    public int Run(string sql, params ReadOnlySpan<object?> values) => Prepare(sql, values).ExecuteNonQuery();

    public object? Scalar(string sql, params ReadOnlySpan<object?> values) => Prepare(sql, values).ExecuteScalar() is { } value and not DBNull ? value : null;

    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        List<T> rows = [];
        using SqliteDataReader reader = Prepare(sql, values).ExecuteReader();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    public void Dispose()
    {
        foreach (SqliteCommand command in _commands.Values)
            command.Dispose();
        _connection.Dispose();
        _pause.Dispose();
    }
}

/// <summary>A transaction of a connection.</summary>
/// <param name="connection">The connection.</param>
internal readonly struct LedgerTransaction(LedgerConnection connection) : IDisposable
{
    /// <summary>Makes it durable: synchronous = FULL waits for the disk.</summary>
    public void Commit() => connection.Run("COMMIT");

    /// <inheritdoc/>
    public void Dispose()
    {
        if (connection.IsInTransaction)
            connection.Run("ROLLBACK");
    }
}
