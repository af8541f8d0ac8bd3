namespace Vfleet.Node.Ledger;

/// <summary>How much history is kept.</summary>
/// <param name="Longest">Rows and ended allocations older than this are pruned.</param>
/// <param name="MostRows">Rows kept at most, whatever their age.</param>
public sealed record RetentionRule(TimeSpan Longest, long MostRows)
{
    /// <summary>A year, and a million rows: some 300 MB.</summary>
    public static readonly RetentionRule Default = new(TimeSpan.FromDays(365), 1_000_000);
}

/// <summary>Bounds the ledger's size: old history goes, a signed checkpoint stays.</summary>
public static class LedgerRetention
{
    /// <summary>Prunes what the rule does not keep.</summary>
    /// <returns>Rows of history removed.</returns>
    public static Outcome<long> Prune(NodeLedger ledger, RetentionRule rule, CheckpointSigner signer, DateTimeOffset now) =>
        ledger.Change(LedgerStep.Repair, change =>
        {
            long last = change.LastRowToPrune(now - rule.Longest, rule.MostRows);
            if (last == 0)
                return Outcome<long>.Of(0);
            HistoryRow row = change.History(last - 1, 1)[0];
            return change.Prune(signer.Sign(row.Sequence, row.Hash, now), now - rule.Longest);
        });
}
