using System.Globalization;

namespace Vfleet.Bench.Measurement;

/// <summary>How the ratio of a row is read, and what is promised of it.</summary>
/// <param name="Limit">The number promised; null where the row is only shown.</param>
/// <param name="IsSpeedUp">True: peer ÷ ours, and at least the limit. False: ours ÷ peer, and at most the limit.</param>
internal readonly record struct Promise(double? Limit, bool IsSpeedUp)
{
    /// <summary>Shown beside its peer, nothing promised.</summary>
    public static Promise None => new(null, false);

    /// <summary>Ours takes at most so many times the peer's time.</summary>
    public static Promise AtMost(double limit) => new(limit, false);

    /// <summary>The peer takes at least so many times our time.</summary>
    public static Promise AtLeast(double limit) => new(limit, true);

    public double Ratio(double ours, double peer) => IsSpeedUp ? peer / ours : ours / peer;

    public bool? Holds(double ratio) => Limit is { } limit ? IsSpeedUp ? ratio >= limit : ratio <= limit : null;

    public override string ToString() => Limit is { } limit
        ? string.Create(CultureInfo.InvariantCulture, $"{(IsSpeedUp ? "≥" : "≤")} {limit}×")
        : "-";
}
