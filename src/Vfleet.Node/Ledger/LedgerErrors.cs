using Microsoft.Data.Sqlite;

namespace Vfleet.Node.Ledger;

/// <summary>SQLite's refusals as faults. Source of the numbers: sqlite.org/rescode.html.</summary>
internal static class LedgerErrors
{
    private const int Permission = 3, Busy = 5, Locked = 6, ReadOnly = 8, InputOutput = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NoDatabase = 26;
    private const string Rebuild = "`vfleet ledger rebuild` sets it aside and makes a new one from the kernel";

    /// <summary>True where the file's content is wrong, so that it has to be set aside.</summary>
    public static bool IsCorrupt(SqliteException e) => e.SqliteErrorCode is Corrupt or NoDatabase;

    /// <summary>The fault that says what was wrong with the file, and what to do.</summary>
    public static Fault Describe(SqliteException e, string path)
    {
        (FaultKind kind, string error, string remedy) = e.SqliteErrorCode switch
        {
            Busy or Locked => (FaultKind.TimedOut, $"the ledger {path} is held by another process", "try again; `fuser` on the file names who holds it"),
            Full => (FaultKind.Kernel, $"the disk is full: the ledger {path} was not changed", "make room, or move it with --state"),
            ReadOnly or Permission => (FaultKind.NotPermitted, $"the ledger {path} cannot be written", "run as root, or give a directory of your own with --state"),
            CannotOpen => (FaultKind.NotPermitted, $"the ledger {path} cannot be opened", "run as root, or give a directory of your own with --state"),
            Corrupt or NoDatabase => (FaultKind.Internal, DamagedError(path), Rebuild),
            InputOutput => (FaultKind.Kernel, $"the disk refused to read or write the ledger {path}", "make room if the disk is full (`df`); else look at the kernel log (dmesg)"),
            _ => (FaultKind.Internal, $"the ledger {path}: {e.Message}", "report this with the ledger's version (`vfleet version`)"),
        };
        return new Fault(kind, error) { Cause = e.Message, Remedy = remedy, Target = path, Operation = "ledger" };
    }

    /// <summary>The fault of a ledger whose content cannot be meant.</summary>
    public static Fault Damaged(string cause, string path) =>
        new(FaultKind.Internal, DamagedError(path)) { Cause = cause, Remedy = Rebuild, Target = path, Operation = "ledger" };

    private static string DamagedError(string path) => $"the ledger {path} is damaged";
}
