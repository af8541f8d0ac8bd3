using System.Text.Json.Nodes;
using Vfleet.Node.Ledger;

namespace Vfleet.Telemetry.Tracing;

/// <summary>The last trace of each VF and kind, kept in the ledger for an hour so that dashboards can show it.</summary>
public static class TraceResults
{
    /// <summary>How long one is told.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private const string Prefix = "trace/";

    /// <summary>Most histograms and counts of one that are kept: a VF has 2 to 64 interrupts, the kernel about 120 reasons for drops.</summary>
    private const int Most = 256;

    /// <summary>Those that ended within the last hour, by VF.</summary>
    /// <param name="view">The ledger.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<TraceResult> Read(LedgerView view, DateTimeOffset now) =>
        [.. view.MetaOf(Prefix).Select(TraceJson.Read).OfType<TraceResult>().Where(result => IsFresh(result, now))];

    /// <summary>Keeps one in the place of the last of its VF and kind, and forgets those that are an hour old.</summary>
    /// <param name="change">The change of the ledger it is part of.</param>
    /// <param name="result">The trace.</param>
    public static void Keep(LedgerChange change, TraceResult result)
    {
        foreach ((string key, string value) in change.MetaPairs(Prefix))
        {
            if (TraceJson.Read(value) is not { } old || !IsFresh(old, change.Now))
                change.SetMeta(key, null);
        }
        TraceResult bounded = result with { Histograms = [.. result.Histograms.Take(Most)], Counts = [.. result.Counts.Take(Most)] };
        JsonObject json = TraceJson.Of(bounded);
        change.SetMeta($"{Prefix}{result.Vf}/{TraceJson.Word(result.Kind)}", json.ToJsonString());
    }

    /// <summary>One from a time that has not come is from before the clock was put back.</summary>
    private static bool IsFresh(TraceResult result, DateTimeOffset now) => now - result.To < Kept && result.To - now < Kept;
}
