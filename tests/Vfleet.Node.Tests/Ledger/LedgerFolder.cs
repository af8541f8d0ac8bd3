using Microsoft.Data.Sqlite;
using Vfleet.Linux;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Tests.Ledger;

/// <summary>A ledger in a folder of its own, with a few VFs.</summary>
internal sealed class LedgerFolder : IDisposable
{
    public static readonly Actor Me = new("cli", "root", null);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vfleet-ledger-");

    public LedgerFolder(int vfs = 0)
    {
        Options = new LedgerOptions { StateDirectory = _folder.FullName, Time = Clock };
        Ledger = Open();
        if (vfs > 0)
            _ = Ledger.Change(LedgerStep.Census, change => AddVfs(change, vfs)).Value;
    }

    public SettableTime Clock { get; } = new();

    public LedgerOptions Options { get; }

    public NodeLedger Ledger { get; private set; }

    public static LedgerAllocation Draft(params string[] vfs) => new()
    {
        Id = "",
        Pool = "fast",
        Owner = new Owner { Name = "blue" },
        Tenant = "acme",
        FrontDoor = "cli",
        RequestedAt = default,
        Vfs = [.. vfs.Select(vf => new AllocatedVf(vf, "eth0", 100))],
    };

    public static string Vf(int index) => $"0000:01:10.{index}";

    public NodeLedger Open() => NodeLedger.Open(Options, Me).Value;

    public void Reopen()
    {
        Ledger.Dispose();
        Ledger = Open();
    }

    public Outcome<LedgerAllocation> Allocate(params string[] vfs) =>
        Ledger.Change(LedgerStep.Reserve, change => change.OpenAllocation(Draft(vfs), VfState.Reserved, isReady: true));

    public Outcome<LedgerVf> Move(string vf, VfState to, string reason = "test") =>
        Ledger.Change(LedgerStep.Repair, change => change.Move(change.Vf(vf)!, to, reason));

    /// <summary>Changes the file as somebody with a database tool would.</summary>
    public void Tamper(string sql)
    {
        using SqliteConnection connection = new($"Data Source={Options.Path};Pooling=false");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.True(command.ExecuteNonQuery() > 0, sql);
    }

    public void Dispose()
    {
        Ledger.Dispose();
        _folder.Delete(recursive: true);
    }

    private static Outcome<int> AddVfs(LedgerChange change, int vfs)
    {
        for (int index = 0; index < vfs; index++)
            change.AddVf(Vf(index), "eth0", index, "fast", clean: null);
        return vfs;
    }
}

/// <summary>A clock that stands until it is moved.</summary>
internal sealed class SettableTime : TimeProvider
{
    private DateTimeOffset _now = new(2026, 1, 6, 14, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan by) => _now += by;
}
