using Vfleet.Linux;
using Vfleet.Node.Health;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Tests.Ledger;

public sealed class UnitLedgerTests
{
    [Fact]
    public void AnAllocationOutlivesTheProcess()
    {
        using LedgerFolder folder = new(vfs: 2);
        string id = folder.Allocate(LedgerFolder.Vf(0)).Value.Id;
        folder.Reopen();
        LedgerAllocation kept = folder.Ledger.Read(view => view.Allocation(id)).Value!;
        Assert.Equal(("fast", "blue", "acme", "cli"), (kept.Pool, kept.Owner.Name, kept.Tenant, kept.FrontDoor));
        Assert.Equal(LedgerFolder.Vf(0), Assert.Single(kept.Vfs).Vf);
        LedgerVf vf = folder.Ledger.Read(view => view.Vf(LedgerFolder.Vf(0))).Value!;
        Assert.Equal((VfState.Reserved, id), (vf.State, vf.Allocation));
        Assert.Equal(100, folder.Ledger.Read(view => view.GuaranteedOn("eth0")).Value);
    }

    [Theory]
    [InlineData("vf", "held", "{")]
    [InlineData("vf", "record", "[]")]
    [InlineData("vf", "clean", "{\"name\":\"\\ud800\"}")]
    [InlineData("allocation", "owner_data", "{}")]
    public void AColumnThatIsNoRecordAnyMoreIsADamagedLedger(string table, string column, string text)
    {
        using LedgerFolder folder = new(vfs: 1);
        _ = folder.Allocate(LedgerFolder.Vf(0)).Value;
        folder.Tamper($"UPDATE {table} SET {column} = '{text}'");
        Fault fault = folder.Ledger.Read(view => (view.Vfs(), view.OpenAllocations())).Fault!;
        Assert.Equal((FaultKind.Internal, $"the ledger {folder.Options.Path} is damaged"), (fault.Kind, fault.Error));
        Assert.Contains($"column {column} of ", fault.Cause, StringComparison.Ordinal);
        Assert.Contains("ledger rebuild", fault.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void AVfHasOneOwnerAndWhatWasRefusedLeftNothing()
    {
        using LedgerFolder folder = new(vfs: 2);
        _ = folder.Allocate(LedgerFolder.Vf(1)).Value;
        long before = folder.Ledger.Read(view => view.Head().Sequence).Value;
        // The first of the two is free: it must not stay with an allocation that got only half.
        Fault refused = folder.Allocate(LedgerFolder.Vf(0), LedgerFolder.Vf(1)).Fault!;
        Assert.Contains("Reserved", refused.Error, StringComparison.Ordinal);
        Assert.Equal(VfState.Free, folder.Ledger.Read(view => view.Vf(LedgerFolder.Vf(0))).Value!.State);
        Assert.Equal(before, folder.Ledger.Read(view => view.Head().Sequence).Value);
        Assert.Single(folder.Ledger.Read(view => view.OpenAllocations()).Value);
    }

    [Fact]
    public void NoStateIsSkipped()
    {
        using LedgerFolder folder = new(vfs: 1);
        _ = folder.Allocate(LedgerFolder.Vf(0)).Value;
        foreach (VfState to in (VfState[])[VfState.Attached, VfState.Scrubbing, VfState.Reserved])
            Assert.Equal(FaultKind.Internal, folder.Move(LedgerFolder.Vf(0), to).Fault?.Kind);
        Assert.True(folder.Move(LedgerFolder.Vf(0), VfState.Releasing).Succeeded);
    }

    [Fact]
    public void TheLedgerTellsWhoHadAVfAtATime()
    {
        using LedgerFolder folder = new(vfs: 1);
        DateTimeOffset early = folder.Clock.GetUtcNow();
        folder.Clock.Advance(TimeSpan.FromMinutes(3));
        LedgerAllocation had = folder.Allocate(LedgerFolder.Vf(0)).Value;
        folder.Clock.Advance(TimeSpan.FromMinutes(3));
        DateTimeOffset then = folder.Clock.GetUtcNow();
        folder.Clock.Advance(TimeSpan.FromMinutes(3));
        Assert.True(folder.Ledger.Change(LedgerStep.Free, change => change.Close(had, "release")).Succeeded);
        Assert.Null(OwnerAt(early));
        Assert.Equal(had.Id, OwnerAt(then)?.Id);
        Assert.Equal(("release", folder.Clock.GetUtcNow()), (OwnerAt(then)!.Reason, OwnerAt(then)!.ReleasedAt!.Value));
        Assert.Null(OwnerAt(folder.Clock.GetUtcNow()));

        LedgerAllocation? OwnerAt(DateTimeOffset at) => folder.Ledger.Read(view => view.OwnerAt(LedgerFolder.Vf(0), at)).Value;
    }

    [Fact]
    public void ALedgerOfAnOlderVersionIsMigrated()
    {
        using LedgerFolder folder = new(vfs: 1);
        _ = folder.Ledger.Change(
            LedgerStep.Repair, change => change.SetHealth(change.Vf(LedgerFolder.Vf(0))!, HealthLevel.Failed, "ill")).Value;
        folder.Ledger.Dispose();
        using (Microsoft.Data.Sqlite.SqliteConnection connection = new($"Data Source={folder.Options.Path};Pooling=false"))
        {
            connection.Open();
            using Microsoft.Data.Sqlite.SqliteCommand command = connection.CreateCommand();
            command.CommandText = "ALTER TABLE vf DROP COLUMN health_at; PRAGMA user_version = 1";
            command.ExecuteNonQuery();
        }
        folder.Reopen();
        LedgerVf row = folder.Ledger.Read(view => view.Vf(LedgerFolder.Vf(0))).Value!;
        Assert.Equal((HealthLevel.Failed, "ill", null), (row.Health, row.HealthEvidence, row.HealthAt));
    }

    /// <summary>The first commands of a machine may begin together.</summary>
    [Fact]
    public async Task ANewLedgerIsMadeOnceHoweverManyOpenIt()
    {
        for (int round = 0; round < 5; round++)
        {
            DirectoryInfo folder = Directory.CreateTempSubdirectory("vfleet-ledger-");
            using ManualResetEventSlim begin = new(false);
            Task<Fault?>[] opening = [.. Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(() =>
            {
                begin.Wait();
                Outcome<NodeLedger> opened = NodeLedger.Open(new LedgerOptions { StateDirectory = folder.FullName }, new Actor("cli", "root", null));
                opened.Or(null)?.Dispose();
                return opened.Fault;
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
            begin.Set();
            Assert.All(await Task.WhenAll(opening), Assert.Null);
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void ALedgerOfANewerVersionIsNotTouched()
    {
        using LedgerFolder folder = new();
        folder.Ledger.Dispose();
        using (Microsoft.Data.Sqlite.SqliteConnection connection = new($"Data Source={folder.Options.Path};Pooling=false"))
        {
            connection.Open();
            using Microsoft.Data.Sqlite.SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }
        Fault refused = NodeLedger.Open(folder.Options, LedgerFolder.Me).Fault!;
        Assert.Equal(FaultKind.Refused, refused.Kind);
        Assert.Contains("version 99", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(4096)]
    public void AFileThatIsNoLedgerIsNamed(int keep)
    {
        using LedgerFolder folder = new(vfs: 2);
        folder.Ledger.Dispose();
        foreach (string journal in (string[])["-wal", "-shm"])
            File.Delete(folder.Options.Path + journal);
        byte[] content = File.ReadAllBytes(folder.Options.Path);
        content.AsSpan(keep).Fill(0x5a);
        File.WriteAllBytes(folder.Options.Path, content);
        Outcome<NodeLedger> opened = NodeLedger.Open(folder.Options, LedgerFolder.Me);
        // The first page may be whole: then it is the first reading that says so.
        Fault? fault = opened.Fault ?? opened.Value.Read(view => view.Vfs()).Fault;
        opened.Or(null)?.Dispose();
        Assert.Equal(FaultKind.Internal, fault?.Kind);
        Assert.Contains(folder.Options.Path, fault!.Error, StringComparison.Ordinal);
        Assert.Contains("rebuild", fault.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManyCallersAtOnceNeverGetTheSameVf()
    {
        const int Callers = 8, Vfs = 3, Rounds = 40;
        using LedgerFolder folder = new(Vfs);
        int[] holders = new int[Vfs];
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(() =>
        {
            using NodeLedger own = folder.Open();
            for (int round = 0; round < Rounds; round++)
            {
                Outcome<LedgerAllocation> got = own.Change(LedgerStep.Reserve, change =>
                    change.VfsOf("fast").FirstOrDefault(vf => vf.IsAvailable) is { } free
                        ? change.OpenAllocation(LedgerFolder.Draft(free.Vf), VfState.Reserved, isReady: true)
                        : Fault.Refused("none is free"));
                if (!got.Try(out LedgerAllocation? mine, out Fault? fault))
                {
                    Assert.Equal(FaultKind.Refused, fault.Kind);
                    continue;
                }
                int index = mine.Vfs[0].Vf[^1] - '0';
                Assert.Equal(1, Interlocked.Increment(ref holders[index]));
                Interlocked.Decrement(ref holders[index]);
                Assert.True(own.Change(LedgerStep.Free, change => Return(change, mine)).Succeeded);
            }
        })));
        Assert.All(folder.Ledger.Read(view => view.Vfs()).Value, vf => Assert.Equal(VfState.Free, vf.State));
        Assert.Empty(folder.Ledger.Read(view => view.OpenAllocations()).Value);
    }

    private static Outcome<LedgerVf> Return(LedgerChange change, LedgerAllocation allocation)
    {
        LedgerVf vf = change.Vf(allocation.Vfs[0].Vf)!;
        change.Close(allocation, "release");
        foreach (VfState to in (VfState[])[VfState.Releasing, VfState.Scrubbing, VfState.Free])
            vf = change.Move(vf, to, "release").Value;
        return vf;
    }
}
