using Vfleet.Linux.Probes;

namespace Vfleet.Telemetry.Probes;

/// <summary>What a target answered over a VF for one owner. Safe for concurrent use.</summary>
public sealed class ProbeSeries
{
    /// <summary>Answers that the newest percentiles are of.</summary>
    private const int Newest = 128;

    private readonly Lock _gate = new();
    private readonly ulong[] _buckets = new ulong[Bounds.Count + 1];
    private readonly Dictionary<string, ulong> _failures = new(StringComparer.Ordinal);
    private readonly float[] _newest = new float[Newest];
    private ulong _count;
    private DateTimeOffset _answered;
    private double _sum, _overhead;

    /// <summary>Upper bounds of the histogram's buckets, seconds: from what a switch takes to what people notice.</summary>
    public static IReadOnlyList<double> Bounds { get; } =
        [0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

    /// <summary>How many questions in a row got no answer.</summary>
    public int Silent { get; private set; }

    /// <summary>Adds an answer, or why there was none.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="at">When it came.</param>
    public void Add(Outcome<ProbeReply> answer, DateTimeOffset at)
    {
        lock (_gate)
        {
            if (!answer.Try(out ProbeReply reply, out Fault? fault))
            {
                string reason = ReasonOf(fault);
                _failures[reason] = _failures.GetValueOrDefault(reason) + 1;
                Silent++;
                return;
            }
            (Silent, _answered) = (0, at);
            double seconds = reply.RoundTrip.TotalSeconds;
            int bucket = 0;
            while (bucket < Bounds.Count && seconds > Bounds[bucket])
                bucket++;
            _buckets[bucket]++;
            _newest[_count % Newest] = (float)seconds;
            _count++;
            _sum += seconds;
            _overhead += reply.Overhead.TotalSeconds;
        }
    }

    /// <summary>What came so far.</summary>
    public ProbeCounts Read()
    {
        lock (_gate)
        {
            return new ProbeCounts([.. _buckets], _count, _sum, _overhead, new Dictionary<string, ulong>(_failures, StringComparer.Ordinal));
        }
    }

    /// <summary>99th percentile of the newest answers, up to 128, seconds; null without one since a time.</summary>
    /// <param name="since">The time.</param>
    public double? NewestP99(DateTimeOffset since)
    {
        lock (_gate)
            return _answered >= since ? PercentileOf(0.99) : null;
    }

    /// <summary>Of the newest answers; null before the first.</summary>
    private double? PercentileOf(double share)
    {
        int count = (int)Math.Min(_count, Newest);
        if (count == 0)
            return null;
        float[] sorted = _newest[..count];
        Array.Sort(sorted);
        return sorted[(int)Math.Ceiling(share * count) - 1];
    }

    private static string ReasonOf(Fault fault) => fault switch
    {
        { Kind: FaultKind.TimedOut } => "timed_out",
        { Errno: Errno.ECONNREFUSED } => "refused",
        { Errno: Errno.ENETUNREACH or Errno.EHOSTUNREACH or Errno.ENETDOWN } => "unreachable",
        { Kind: FaultKind.NotFound } or { Errno: Errno.ENODEV } => "no_interface",
        { Kind: FaultKind.NotPermitted } => "not_permitted",
        _ => "kernel",
    };
}

/// <summary>What a target answered over a VF.</summary>
/// <param name="Buckets">Answers by <see cref="ProbeSeries.Bounds"/>, the last for those above.</param>
/// <param name="Count">Answers.</param>
/// <param name="Sum">Their round trips together, seconds.</param>
/// <param name="Overhead">What measuring added to them, seconds.</param>
/// <param name="Failures">Questions without an answer, by reason.</param>
public sealed record ProbeCounts(
    IReadOnlyList<ulong> Buckets, ulong Count, double Sum, double Overhead, IReadOnlyDictionary<string, ulong> Failures);
