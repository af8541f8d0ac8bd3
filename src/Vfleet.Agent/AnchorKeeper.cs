using Vfleet.Agent.Log;
using Vfleet.Node.Ledger;

namespace Vfleet.Agent;

/// <summary>
/// Writes anchors of the history, at most one a minute, to their file and to the log: whoever rewrites history later has to rewrite the
/// journal
/// too, which the ledger's file does not lead to.
/// </summary>
/// <param name="ledger">The ledger.</param>
/// <param name="place">Where anchors are kept.</param>
/// <param name="time">Clock.</param>
/// <param name="log">The log.</param>
internal sealed class AnchorKeeper(NodeLedger ledger, LedgerOptions place, TimeProvider time, AgentLog log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(60);
    private readonly LedgerAnchors _anchors = new(place);
    private long? _lastAt;
    private long _sequence;

    /// <summary>Writes one where a minute has passed.</summary>
    public void WriteWhenDue()
    {
        if (_lastAt is { } last && time.GetElapsedTime(last) < Interval)
            return;
        _lastAt = time.GetTimestamp();
        Write();
    }

    /// <summary>Writes one where history has grown.</summary>
    public void Write()
    {
        // The file of anchors is read to its end for each: not where nothing has happened.
        if (ledger.Read(view => view.Head().Sequence).Or(0) == _sequence)
            return;
        if (!_anchors.Write(ledger).Try(out LedgerAnchor? anchor, out Fault? fault))
        {
            log.Error("anchor not written", fault);
            return;
        }
        if (anchor is null)
            return;
        _sequence = anchor.Sequence;
        log.Info("anchor", ("sequence", anchor.Sequence), ("hash", anchor.Hash));
    }
}
