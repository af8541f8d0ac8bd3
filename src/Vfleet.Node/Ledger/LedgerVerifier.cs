namespace Vfleet.Node.Ledger;

/// <summary>What a verification of the ledger found.</summary>
/// <param name="Rows">Rows of history looked at.</param>
/// <param name="AnchoredTo">Sequence of the newest anchor that fits; 0 for none. Later rows are chained, but no one outside vouches for them.</param>
/// <param name="Problems">What is wrong, in words; empty when everything fits.</param>
public sealed record LedgerVerdict(long Rows, long AnchoredTo, IReadOnlyList<string> Problems);

/// <summary>Finds rows of history that were altered, removed or inserted, and states that contradict it.</summary>
public static class LedgerVerifier
{
    private const int Page = 1_000;

    /// <summary>Reads the whole history.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="anchors">Points of history that were kept elsewhere.</param>
    /// <param name="signer">Knows the signature of checkpoints.</param>
    public static Outcome<LedgerVerdict> Verify(NodeLedger ledger, IReadOnlyList<LedgerAnchor> anchors, CheckpointSigner signer) =>
        ledger.Read(view =>
        {
            List<string> problems = [];
            (long sequence, byte[] hash) = Start(view, signer, problems);
            long first = sequence;
            Dictionary<long, LedgerAnchor> wanted = anchors.GroupBy(anchor => anchor.Sequence).ToDictionary(same => same.Key, same => same.Last());
            long anchored = 0;
            Dictionary<string, VfState?> states = new(StringComparer.Ordinal);
            while (view.History(sequence, Page) is { Count: > 0 } rows)
            {
                foreach (HistoryRow row in rows)
                {
                    if (row.Sequence != sequence + 1)
                        problems.Add($"rows {sequence + 1} to {row.Sequence - 1} of history are missing");
                    if (!row.HashAfter(hash).AsSpan().SequenceEqual(row.Hash))
                        problems.Add($"row {row.Sequence} of {row.At:yyyy-MM-dd HH:mm:ss}Z ({row.Reason} {row.Vf}) was altered, or one before it");
                    if (wanted.Remove(row.Sequence, out LedgerAnchor? anchor))
                        Compare(anchor, row.Hash, ref anchored, problems);
                    if (row.Vf is not null)
                        states[row.Vf] = row.To;
                    (sequence, hash) = (row.Sequence, row.Hash);
                }
            }
            foreach (LedgerAnchor missing in wanted.Values.Where(anchor => anchor.Sequence > first).OrderBy(anchor => anchor.Sequence))
                problems.Add($"row {missing.Sequence}, which was anchored on {missing.At:yyyy-MM-dd HH:mm:ss}Z, is missing");
            foreach (LedgerVf vf in view.Vfs())
            {
                if (states.TryGetValue(vf.Vf, out VfState? told) && told != vf.State)
                    problems.Add($"{vf.Vf} is {vf.State}, and history says {told?.ToString() ?? "gone"}");
            }
            return new LedgerVerdict(sequence - first, anchored, problems);
        });

    /// <summary>Where the chain begins: at its first row, or at the checkpoint it was pruned to.</summary>
    private static (long Sequence, byte[] Hash) Start(LedgerView view, CheckpointSigner signer, List<string> problems)
    {
        if (view.Checkpoint() is not { } checkpoint)
            return (0, []);
        if (!signer.IsGenuine(checkpoint))
            problems.Add($"the checkpoint at row {checkpoint.Sequence} has a wrong signature: what came before it may have been removed by somebody else");
        return (checkpoint.Sequence, checkpoint.Hash);
    }

    private static void Compare(LedgerAnchor anchor, byte[] hash, ref long anchored, List<string> problems)
    {
        if (anchor.Hash == Convert.ToHexStringLower(hash))
            anchored = Math.Max(anchored, anchor.Sequence);
        else
            problems.Add($"row {anchor.Sequence} is another one than was anchored on {anchor.At:yyyy-MM-dd HH:mm:ss}Z: history was rewritten");
    }
}
