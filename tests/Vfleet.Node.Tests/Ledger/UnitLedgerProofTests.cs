using Vfleet.Node.Ledger;

namespace Vfleet.Node.Tests.Ledger;

/// <summary>Whoever changes history behind the ledger's back is found out.</summary>
public sealed class UnitLedgerProofTests
{
    public static TheoryData<string, string> Tampering() => new()
    {
        { "UPDATE history SET owner = 'green' WHERE seq = 4", "row 4" },
        { "UPDATE history SET reason = '' WHERE seq = 1", "row 1" },
        { "UPDATE history SET at = at + 1 WHERE seq = 3", "row 3" },
        { "DELETE FROM history WHERE seq = 3", "rows 3 to 3" },
        { "DELETE FROM history WHERE seq <= 2", "rows 1 to 2" },
        { "DELETE FROM history WHERE seq >= 5", "row 5, which was anchored" },
        { "INSERT INTO history SELECT seq + 10, at, vf, allocation, from_state, to_state, front_door, user, owner, tenant, reason, detail, hash FROM history WHERE seq = 5", "missing" },
        { "UPDATE vf SET state = 'Free', allocation = NULL WHERE idx = 0", "is Free, and history says Releasing" },
    };

    [Fact]
    public void AnUntouchedHistoryIsVouchedForUpToTheLastAnchor()
    {
        using LedgerFolder folder = Anchored();
        _ = folder.Allocate(LedgerFolder.Vf(1)).Value;
        LedgerVerdict verdict = Verify(folder);
        Assert.Empty(verdict.Problems);
        Assert.Equal((6, 5), (verdict.Rows, verdict.AnchoredTo));
    }

    [Theory]
    [MemberData(nameof(Tampering))]
    public void WhateverIsChangedByHandIsFound(string sql, string told)
    {
        using LedgerFolder folder = Anchored();
        folder.Tamper(sql);
        Assert.Contains(Verify(folder).Problems, problem => problem.Contains(told, StringComparison.Ordinal));
    }

    [Fact]
    public void AWholeHistoryWrittenAnewDoesNotFitTheAnchors()
    {
        using LedgerFolder folder = Anchored();
        folder.Ledger.Dispose();
        foreach (string file in Directory.GetFiles(folder.Options.StateDirectory, "ledger.db*"))
            File.Delete(file);
        folder.Reopen();
        _ = folder.Ledger.Change(LedgerStep.Census, change =>
        {
            for (int index = 0; index < 6; index++)
                change.AddVf(LedgerFolder.Vf(index), "eth0", index, "fast", null);
        }).Value;
        Assert.Contains(Verify(folder).Problems, problem => problem.Contains("history was rewritten", StringComparison.Ordinal));
    }

    [Fact]
    public void WhatIsPrunedLeavesASignedCheckpoint()
    {
        using LedgerFolder folder = Anchored();
        folder.Clock.Advance(TimeSpan.FromDays(10));
        _ = folder.Allocate(LedgerFolder.Vf(1)).Value;
        RetentionRule week = new(TimeSpan.FromDays(7), 1_000);
        Assert.Equal(5, LedgerRetention.Prune(folder.Ledger, week, Signer(folder), folder.Clock.GetUtcNow()).Value);
        Assert.Empty(Verify(folder).Problems);
        _ = folder.Allocate(LedgerFolder.Vf(2)).Value;
        Assert.Empty(Verify(folder).Problems);
        folder.Tamper("UPDATE checkpoint SET signature = zeroblob(32)");
        Assert.Contains(Verify(folder).Problems, problem => problem.Contains("wrong signature", StringComparison.Ordinal));
    }

    [Fact]
    public void HistoryIsBoundedByRowsToo()
    {
        using LedgerFolder folder = Anchored();
        Assert.Equal(3, LedgerRetention.Prune(folder.Ledger, new RetentionRule(TimeSpan.FromDays(365), 2), Signer(folder), folder.Clock.GetUtcNow()).Value);
        Assert.Equal([4L, 5L], folder.Ledger.Read(view => view.History().Select(row => row.Sequence).ToArray()).Value);
    }

    [Fact]
    public void AnAnchorThatIsCutSaysSo()
    {
        using LedgerFolder folder = Anchored();
        string path = Path.Combine(folder.Options.StateDirectory, "anchors.jsonl");
        File.WriteAllText(path, File.ReadAllText(path)[..20]);
        Assert.Contains(path, new LedgerAnchors(folder.Options).Read().Fault?.Error, StringComparison.Ordinal);
    }

    /// <summary>Three VFs found, the first allocated and on its way back: five rows, anchored.</summary>
    private static LedgerFolder Anchored()
    {
        LedgerFolder folder = new(vfs: 3);
        _ = folder.Allocate(LedgerFolder.Vf(0)).Value;
        _ = folder.Move(LedgerFolder.Vf(0), VfState.Releasing).Value;
        Assert.Equal(5, new LedgerAnchors(folder.Options).Write(folder.Ledger).Value!.Sequence);
        Assert.Null(new LedgerAnchors(folder.Options).Write(folder.Ledger).Value);
        return folder;
    }

    private static CheckpointSigner Signer(LedgerFolder folder) => CheckpointSigner.Open(folder.Options).Value;

    private static LedgerVerdict Verify(LedgerFolder folder) =>
        LedgerVerifier.Verify(folder.Ledger, new LedgerAnchors(folder.Options).Read().Value, Signer(folder)).Value;
}
