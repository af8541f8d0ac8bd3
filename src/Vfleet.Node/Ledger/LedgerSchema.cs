using Microsoft.Data.Sqlite;

namespace Vfleet.Node.Ledger;

/// <summary>
/// Tables of the ledger. The version is SQLite's user_version; each entry of <see cref="Steps"/> leads from its index to the next version, so a
/// file of any older version becomes the newest. Times are Unix milliseconds, UTC.
/// </summary>
internal static class LedgerSchema
{
    /// <summary>"VFLT": tells a ledger from any other SQLite file.</summary>
    public const int ApplicationId = 0x56464C54;

    private static readonly string[] Steps =
    [
        """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE vf (
            vf TEXT PRIMARY KEY, pf TEXT NOT NULL, idx INTEGER NOT NULL, pool TEXT NOT NULL, state TEXT NOT NULL, allocation TEXT,
            since INTEGER NOT NULL, evidence TEXT, stranger TEXT, warm INTEGER NOT NULL DEFAULT 0, worker TEXT, clean TEXT, held TEXT,
            record TEXT, tuning TEXT, health TEXT, health_evidence TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX vf_by_pool ON vf (pool);
        CREATE TABLE allocation (
            number INTEGER PRIMARY KEY AUTOINCREMENT, pool TEXT NOT NULL, owner TEXT NOT NULL, owner_data TEXT NOT NULL, tenant TEXT,
            front_door TEXT NOT NULL, request_key TEXT, requested_at INTEGER NOT NULL, ready_at INTEGER, released_at INTEGER,
            reason TEXT
        ) STRICT;
        CREATE UNIQUE INDEX allocation_by_key ON allocation (request_key) WHERE request_key IS NOT NULL AND released_at IS NULL;
        CREATE INDEX allocation_open ON allocation (number) WHERE released_at IS NULL;
        CREATE TABLE allocation_vf (
            number INTEGER NOT NULL, place INTEGER NOT NULL, vf TEXT NOT NULL, pf TEXT NOT NULL, guaranteed INTEGER NOT NULL,
            PRIMARY KEY (number, place)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX allocation_by_vf ON allocation_vf (vf, number);
        CREATE TABLE history (
            seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, vf TEXT, allocation TEXT, from_state TEXT, to_state TEXT, front_door TEXT NOT NULL,
            user TEXT, owner TEXT, tenant TEXT, reason TEXT NOT NULL, detail TEXT, hash BLOB NOT NULL
        ) STRICT;
        CREATE INDEX history_by_vf ON history (vf, seq);
        CREATE TABLE document (kind TEXT NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL, applied_at INTEGER NOT NULL, PRIMARY KEY (kind, name))
            STRICT, WITHOUT ROWID;
        CREATE TABLE checkpoint (seq INTEGER PRIMARY KEY, hash BLOB NOT NULL, at INTEGER NOT NULL, signature BLOB NOT NULL) STRICT;
        """,
        "ALTER TABLE vf ADD COLUMN health_at INTEGER",
    ];

    /// <summary>The version this vfleet writes.</summary>
    public static int Newest => Steps.Length;

    /// <summary>Brings an open database to the newest version, whole or not at all.</summary>
    /// <returns>Null, or why it cannot be.</returns>
    public static Fault? Migrate(SqliteConnection connection, string path)
    {
        long version = Scalar(connection, "PRAGMA user_version");
        if (version == Newest)
            return null;
        if (version > Newest)
            return Fault.Refused($"the ledger {path} is of version {version}, and this vfleet knows {Newest}",
                "a newer vfleet has written it", "use that version; a newer ledger is never changed by an older one", path);
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        // Asked again: another process may have done it while this one waited.
        version = Scalar(connection, "PRAGMA user_version");
        if (version == 0 && Scalar(connection, "SELECT count(*) FROM sqlite_schema") > 0)
            return Fault.Refused($"{path} is no ledger", "it is a database of something else", "give another directory with --state", path);
        for (; version < Newest; version++)
            Run(connection, Steps[version]);
        Run(connection, $"PRAGMA user_version = {Newest}");
        Run(connection, $"PRAGMA application_id = {ApplicationId}");
        transaction.Commit();
        return null;
    }

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = Command(connection, sql);
        return (long)command.ExecuteScalar()!;
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = Command(connection, sql);
        _ = command.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}
