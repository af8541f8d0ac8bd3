using Vfleet.Host.State;
using Vfleet.Linux;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Tests.Ledger;

/// <summary>
/// A damaged ledger is set aside, and a new one holds what can still be read; no VF that may have an owner becomes free by it.
/// </summary>
public sealed class UnitLedgerRebuildTests
{
    private const int PageSize = 4096;
    private const int Vfs = 200;

    /// <summary>The damages: where, as a share of the file, and with what.</summary>
    public static TheoryData<int, byte> Damages()
    {
        TheoryData<int, byte> all = [];
        for (int place = 0; place < 60; place++)
        {
            all.Add(place, 0);
            all.Add(place, 0xA5);
        }
        return all;
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public void WhereverAPageIsDamagedNoOwnedVfBecomesFreeAndTheRestIsKept(int place, byte filler)
    {
        using LedgerFolder folder = Used();
        string[] owned = [.. Rows(folder).Where(row => VfTransitions.IsOwned(row.State)).Select(row => row.Vf)];
        IReadOnlyList<LedgerAllocation> open = folder.Ledger.Read(view => view.OpenAllocations()).Value;
        Damage(folder, place, filler);

        RebuildReport report = new LedgerRebuild(folder.Options, LedgerFolder.Me).Run(force: true, isDryRun: false).Value;

        folder.Reopen();
        Dictionary<string, LedgerVf> now = Rows(folder).ToDictionary(row => row.Vf);
        Assert.All(owned.Where(now.ContainsKey), vf => Assert.NotEqual(VfState.Free, now[vf].State));
        // Only where neither its row nor what names it can be read is a VF forgotten, and that is told.
        Assert.True(owned.All(now.ContainsKey) || report.Lost.Count > 0, string.Join("; ", report.Lost));
        foreach (LedgerAllocation kept in folder.Ledger.Read(view => view.OpenAllocations()).Value)
            Assert.Equal(open.FirstOrDefault(each => each.Id == kept.Id)?.Owner ?? kept.Owner, kept.Owner);
        Assert.True(File.Exists(report.Aside));
        Assert.Empty(Verify(folder).Problems);
        Assert.Empty(Directory.GetDirectories(folder.Options.StateDirectory));
        LedgerAllocation next = folder.Ledger.Change(LedgerStep.Census, change =>
        {
            change.AddVf("0000:02:10.0", "eth1", 0, "other", null);
            return change.OpenAllocation(LedgerFolder.Draft("0000:02:10.0"), VfState.Reserved, isReady: true);
        }).Value;
        Assert.DoesNotContain(open, each => each.Id == next.Id);
    }

    [Fact]
    public void AnUnreadableFileIsReplacedAndAllOfItIsToldToBeLost()
    {
        using LedgerFolder folder = Used();
        folder.Ledger.Dispose();
        File.WriteAllText(folder.Options.Path, "no database at all");
        Assert.Equal(FaultKind.Internal, NodeLedger.Open(folder.Options, LedgerFolder.Me).Fault?.Kind);

        RebuildReport report = new LedgerRebuild(folder.Options, LedgerFolder.Me).Run(force: false, isDryRun: false).Value;

        folder.Reopen();
        Assert.Empty(report.Kept);
        Assert.Equal("no database at all", File.ReadAllText(report.Aside));
        Assert.Contains(report.Lost, loss => loss.Contains("history cannot be read", StringComparison.Ordinal));
        Assert.Empty(Verify(folder).Problems);
    }

    [Fact]
    public void ADryRunTellsTheSameAndChangesNothing()
    {
        using LedgerFolder folder = Used();
        Damage(folder, 5, 0xA5);
        string[] before = Files(folder);
        byte[] bytes = File.ReadAllBytes(folder.Options.Path);
        LedgerRebuild rebuild = new(folder.Options, LedgerFolder.Me);
        RebuildReport planned = rebuild.Run(force: true, isDryRun: true).Value;

        Assert.Equal(before, Files(folder));
        Assert.Equal(bytes, File.ReadAllBytes(folder.Options.Path));
        RebuildReport done = rebuild.Run(force: true, isDryRun: false).Value;
        Assert.Equal((planned.Kept, planned.Quarantined, planned.Lost), (done.Kept, done.Quarantined, done.Lost), ReportComparer);
    }

    [Fact]
    public void AWholeLedgerIsLeftAloneAndByForceKeepsEverything()
    {
        using LedgerFolder folder = Used();
        IReadOnlyList<LedgerVf> before = Rows(folder);
        IReadOnlyList<HistoryRow> history = folder.Ledger.Read(view => view.History()).Value;
        LedgerRebuild rebuild = new(folder.Options, LedgerFolder.Me);
        Assert.Equal(FaultKind.TimedOut, rebuild.Run(force: true, isDryRun: false).Fault?.Kind);
        folder.Ledger.Dispose();
        Assert.Equal(FaultKind.Refused, rebuild.Run(force: false, isDryRun: false).Fault?.Kind);

        RebuildReport report = rebuild.Run(force: true, isDryRun: false).Value;

        folder.Reopen();
        Assert.Empty(report.Lost);
        Assert.Equal(before.Select(Words), Rows(folder).Select(Words));
        Assert.Equal(history.Select(row => Convert.ToHexString(row.Hash)),
            folder.Ledger.Read(view => view.History(0, history.Count)).Value.Select(row => Convert.ToHexString(row.Hash)));
        Assert.Empty(Verify(folder).Problems);
    }

    [Fact]
    public void AnAttachedVfWhoseAllocationIsUnreadableGetsAnOwnerFromItsRecord()
    {
        using LedgerFolder folder = Used();
        folder.Tamper("UPDATE allocation SET owner_data = '{' WHERE number <= 2");
        folder.Ledger.Dispose();

        RebuildReport report = new LedgerRebuild(folder.Options, LedgerFolder.Me).Run(force: false, isDryRun: false).Value;

        folder.Reopen();
        LedgerVf attached = Rows(folder).Single(row => row.Vf == LedgerFolder.Vf(0));
        Assert.Equal(VfState.Attached, attached.State);
        Assert.Equal("blue", folder.Ledger.Read(view => view.Allocation(attached.Allocation!)).Value!.Owner.Name);
        Assert.Equal("eth0v0", attached.Record!.Baseline.Name);
        // The second one was only held: nothing in the kernel tells for whom.
        Assert.Equal(VfState.Quarantined, Rows(folder).Single(row => row.Vf == LedgerFolder.Vf(1)).State);
        Assert.Contains(report.Quarantined, line => line.StartsWith(LedgerFolder.Vf(1), StringComparison.Ordinal));
        Assert.Empty(Verify(folder).Problems);
    }

    private static readonly Func<(IReadOnlyList<string>, IReadOnlyList<string>, IReadOnlyList<string>),
        (IReadOnlyList<string>, IReadOnlyList<string>, IReadOnlyList<string>), bool> ReportComparer =
        (one, other) => one.Item1.SequenceEqual(other.Item1) && one.Item2.SequenceEqual(other.Item2)
            && one.Item3.Count == other.Item3.Count;

    private static IReadOnlyList<LedgerVf> Rows(LedgerFolder folder) => folder.Ledger.Read(view => view.Vfs()).Value;

    private static string Words(LedgerVf row) =>
        $"{row.Vf} {row.Pf} {row.Index} {row.Pool} {row.State} {row.Allocation} {row.Since:O} {row.Record?.NamespacePath} {row.Clean?.Name}";

    private static string[] Files(LedgerFolder folder) => [.. Directory.GetFileSystemEntries(folder.Options.StateDirectory).Order()];

    private static LedgerVerdict Verify(LedgerFolder folder) =>
        LedgerVerifier.Verify(folder.Ledger, new LedgerAnchors(folder.Options)
            .Read().Value, CheckpointSigner.Open(folder.Options).Value).Value;

    /// <summary>A ledger of many pages: VFs attached, held and released, and an anchor.</summary>
    private static LedgerFolder Used()
    {
        LedgerFolder folder = new(Vfs);
        for (int index = 0; index < Vfs / 2; index++)
        {
            string vf = LedgerFolder.Vf(index);
            LedgerAllocation held = folder.Allocate(vf).Value;
            if (index % 2 == 0)
            {
                _ = folder.Ledger.Change(LedgerStep.Attaching, change => change.SetRecord(vf, Record(vf, index))).Value;
                _ = folder.Move(vf, VfState.Attaching).Value;
                _ = folder.Move(vf, VfState.Attached).Value;
            }
            if (index % 5 == 4)
            {
                _ = folder.Move(vf, VfState.Releasing).Value;
                _ = folder.Move(vf, VfState.Scrubbing).Value;
                _ = folder.Ledger.Change(LedgerStep.Free, change =>
                {
                    change.SetRecord(vf, null);
                    change.Close(held, "release");
                    return change.Move(change.Vf(vf)!, VfState.Free, "clean");
                }).Value;
            }
        }
        _ = new LedgerAnchors(folder.Options).Write(folder.Ledger).Value;
        return folder;
    }

    private static AttachmentRecord Record(string vf, int index) => new()
    {
        Vf = vf,
        Pf = "eth0",
        Index = index,
        NamespacePath = "/run/netns/blue",
        NamespaceInode = 4026532000,
        RequestedAt = DateTimeOffset.UnixEpoch,
        Baseline = new Baseline { Name = $"eth0v{index}", Driver = "igbvf", Vlan = 0 },
    };

    /// <summary>Closes the ledger and overwrites one page of its file.</summary>
    private static void Damage(LedgerFolder folder, int place, byte filler)
    {
        folder.Ledger.Dispose();
        using FileStream file = new(folder.Options.Path, FileMode.Open);
        long pages = file.Length / PageSize;
        Assert.True(pages > 20, $"{pages} pages");
        file.Position = place % pages * PageSize;
        file.Write([.. Enumerable.Repeat(filler, PageSize)]);
    }
}
