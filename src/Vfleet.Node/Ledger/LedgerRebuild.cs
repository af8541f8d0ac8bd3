using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Vfleet.Host.State;
using Vfleet.Linux.Real;

namespace Vfleet.Node.Ledger;

/// <summary>What a rebuild saved and lost.</summary>
/// <param name="Aside">Where the damaged file is now, or would be.</param>
/// <param name="Kept">Allocations that are open again, in words.</param>
/// <param name="Quarantined">VFs that may have an owner nobody knows any more, with the reason.</param>
/// <param name="Lost">What cannot be read, in words.</param>
/// <param name="HistoryRows">Rows of history that were taken over; 0 where it has gaps, and then it goes on behind a signed
/// checkpoint.</param>
public sealed record RebuildReport(
    string Aside, IReadOnlyList<string> Kept, IReadOnlyList<string> Quarantined, IReadOnlyList<string> Lost, long HistoryRows);

/// <summary>
/// Makes a new ledger of what can be read of a damaged one, which is set aside. The new one is whole before it takes the old one's place,
/// so that a crash leaves either of them.
/// </summary>
/// <param name="options">Where the ledger is.</param>
/// <param name="actor">Who does it.</param>
public sealed class LedgerRebuild(LedgerOptions options, Actor actor)
{
    /// <summary>SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE: what is looked at stays as it is.</summary>
    private const int NoCheckpointOnClose = 1006;

    private const int Busy = 5, Locked = 6, Corrupt = 11, NoDatabase = 26;

    /// <summary>Rebuilds it.</summary>
    /// <param name="force">Also one that is whole.</param>
    /// <param name="isDryRun">Says what would be saved and lost, and changes nothing.</param>
    /// <returns>NotFound where there is no ledger, Refused for one that is whole, TimedOut while another process has it open.</returns>
    public Outcome<RebuildReport> Run(bool force, bool isDryRun) => Work(folder =>
    {
        if (TakeCopy(folder).Fault is { } fault)
            return fault;
        if (!Examine(folder).Try(out IReadOnlyList<string>? problems, out Fault? newer))
            return newer;
        if (problems.Count == 0 && !force)
            return Fault.Refused($"the ledger {options.Path} is whole", "it can be read, and every page is as it should be",
                "leave it as it is", options.Path);
        string time = options.Time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        // One that was damaged again within the second gets a number.
        string aside = Enumerable.Range(1, int.MaxValue)
            .Select(number => $"{options.Path}.damaged-{time}{(number == 1 ? "" : $"-{number}")}").First(path => !File.Exists(path));
        Outcome<RebuildReport> made = Make(folder, aside, isDryRun);
        if (isDryRun || made.Fault is not null)
            return made;
        return Swap(folder, aside).Fault is { } stuck ? stuck : made;
    });

    private static string Copy(string folder) => Path.Combine(folder, "old.db");

    private LedgerOptions New(string folder) => options with { StateDirectory = folder };

    /// <summary>Works in a folder beside the ledger, which is gone afterwards.</summary>
    private Outcome<T> Work<T>(Func<string, Outcome<T>> work)
    {
        if (!options.IsThere().Try(out bool isThere, out Fault? unseen))
            return unseen;
        if (!isThere)
            return Fault.NotFound($"there is no ledger {options.Path}", "the first command that hands a VF out makes one", options.Path);
        string folder = Path.Combine(options.StateDirectory, $"rebuild-{Environment.ProcessId}");
        try
        {
            StateFolder.Make(options.StateDirectory, Path.GetFileName(folder));
            return work(folder);
        }
        catch (SqliteException e)
        {
            // SQLite's only way to refuse.
            return LedgerErrors.Describe(e, options.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system's only ways to say that it is full, read-only or forbidden.
            FaultKind kind = e is UnauthorizedAccessException ? FaultKind.NotPermitted : FaultKind.Kernel;
            return new Fault(kind, $"the ledger {options.Path} cannot be rebuilt")
            {
                Cause = e.Message,
                Target = options.Path,
                Remedy = "run as root; make room in the state directory",
            };
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Copies the file with its journal; refused while another process has it open, whose changes would be cut.</summary>
    private Outcome<Unit> TakeCopy(string folder)
    {
        Batteries_V2.Init();
        using (SqliteConnection alone =
            new(new SqliteConnectionStringBuilder { DataSource = options.Path, Pooling = false, DefaultTimeout = 1 }.ToString()))
        {
            // A journal that a crash has left is evidence too, and stays; one that is made here goes when this is closed.
            bool hasJournal = File.Exists($"{options.Path}-wal");
            alone.Open();
            _ = raw.sqlite3_db_config(alone.Handle, NoCheckpointOnClose, hasJournal ? 1 : 0, out _);
            try
            {
                foreach (string sql in (string[])["PRAGMA locking_mode = EXCLUSIVE", "BEGIN IMMEDIATE", "ROLLBACK"])
                {
                    using SqliteCommand command = alone.CreateCommand();
                    command.CommandText = sql;
                    _ = command.ExecuteNonQuery();
                }
            }
            catch (SqliteException e) when (e.SqliteErrorCode is Corrupt or NoDatabase)
            {
                // Nobody can have changed what cannot be read.
            }
            catch (SqliteException e) when (e.SqliteErrorCode is Busy or Locked)
            {
                // The only way SQLite says that others have it open.
                return LedgerErrors.Describe(e, options.Path) with { Remedy = "end the other vfleet processes, then try again" };
            }
        }
        File.Copy(options.Path, Copy(folder));
        if (File.Exists($"{options.Path}-wal"))
            File.Copy($"{options.Path}-wal", $"{Copy(folder)}-wal");
        return Unit.Done;
    }

    private Outcome<IReadOnlyList<string>> Examine(string folder)
    {
        List<string> problems = [];
        using SqliteConnection connection =
            new(new SqliteConnectionStringBuilder { DataSource = Copy(folder), Pooling = false }.ToString());
        connection.Open();
        try
        {
            long version = (long)Ask(connection, "PRAGMA user_version")[0];
            bool isOurs = (long)Ask(connection, "PRAGMA application_id")[0] == LedgerSchema.ApplicationId;
            if (isOurs && version > LedgerSchema.Newest)
                return Fault.Refused($"the ledger {options.Path} is of version {version}, and this vfleet knows {LedgerSchema.Newest}",
                    "a newer vfleet has written it", "use that version", options.Path);
            if (!isOurs || version < 1)
                problems.Add("it has not the mark of a ledger");
            problems.AddRange(Ask(connection, "PRAGMA integrity_check(20)").OfType<string>().Where(line => line != "ok"));
        }
        catch (SqliteException e) when (LedgerErrors.IsCorrupt(e))
        {
            // SQLite's only way to say so.
            problems.Add(e.Message);
        }
        connection.Close();
        using LedgerSalvage salvage = LedgerSalvage.Read(Copy(folder));
        problems.AddRange(salvage.Losses);
        return problems;
    }

    private static List<object> Ask(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        using SqliteDataReader reader = command.ExecuteReader();
        List<object> values = [];
        while (reader.Read())
            values.Add(reader.GetValue(0));
        return values;
    }

    private Outcome<RebuildReport> Make(string folder, string aside, bool isDryRun)
    {
        // Anchors that cannot be read are the verifier's concern; what was damaged with them must not stop the rest.
        IReadOnlyList<LedgerAnchor> anchors = new LedgerAnchors(options).Read().Or(null) ?? [];
        using LedgerSalvage salvage = LedgerSalvage.Read(Copy(folder));
        bool hasKey = File.Exists(Path.Combine(options.StateDirectory, "ledger.key"));
        if (!CheckpointSigner.Open(isDryRun && !hasKey ? New(folder) : options).Try(out CheckpointSigner? signer, out Fault? fault)
            || !NodeLedger.Open(New(folder), actor).Try(out NodeLedger? ledger, out fault))
            return fault;
        using (ledger)
        {
            LedgerRestorer restorer = new(salvage, aside);
            return ledger.Change(LedgerStep.Repair, change =>
                Outcome<RebuildReport>.Of(restorer.Write(change, anchors, signer, options.Time.GetUtcNow())));
        }
    }

    /// <summary>
    /// The old file is copied aside and its journals moved, for a journal must never meet another file; then the new one takes its place.
    /// </summary>
    private Outcome<Unit> Swap(string folder, string aside)
    {
        File.Copy(options.Path, aside);
        foreach (string journal in (string[])["-wal", "-shm"])
        {
            if (File.Exists($"{options.Path}{journal}"))
                File.Move($"{options.Path}{journal}", $"{aside}{journal}");
        }
        if (DurableFolder.Sync(options.StateDirectory).Fault is { } unsynced)
            return unsynced;
        File.Move(New(folder).Path, options.Path, overwrite: true);
        return DurableFolder.Sync(options.StateDirectory);
    }
}
