using System.Globalization;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Counters;

/// <summary>
/// How hand-outs went, since the ledger began: whichever process made them counts in the change that it makes anyhow, so they are as
/// durable as what they count. Only a failure costs a change of its own.
/// </summary>
public sealed record HandOutCounts
{
    private const string Prefix = "handout/";
    private const string SucceededKey = Prefix + "succeeded", FailedPrefix = Prefix + "failed/", StagePrefix = Prefix + "stage/";
    private const string Sum = "sum", Beyond = "inf";

    /// <summary>Upper bounds of the buckets of durations, seconds; the last bucket has none.</summary>
    public static IReadOnlyList<double> Bounds { get; } = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    /// <summary>Hand-outs that an owner could use.</summary>
    public long Succeeded { get; private init; }

    /// <summary>Requests that failed, by the kind of the fault.</summary>
    public IReadOnlyDictionary<FaultKind, long> Failed { get; private init; } = new Dictionary<FaultKind, long>();

    /// <summary>How long the stages of hand-outs took.</summary>
    public IReadOnlyList<StageTimes> Stages { get; private init; } = [];

    /// <summary>The counts as the ledger has them.</summary>
    public static HandOutCounts Read(LedgerView view)
    {
        long succeeded = 0;
        Dictionary<FaultKind, long> failed = [];
        Dictionary<string, (long[] Buckets, long Microseconds)> stages = new(StringComparer.Ordinal);
        foreach ((string key, string value) in view.MetaPairs(Prefix))
        {
            // What a newer program counts is passed over.
            if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long count))
                continue;
            if (key == SucceededKey)
                succeeded = count;
            else if (key.StartsWith(FailedPrefix, StringComparison.Ordinal)
                && Enum.TryParse(key[FailedPrefix.Length..], out FaultKind kind))
                failed[kind] = count;
            else if (key.StartsWith(StagePrefix, StringComparison.Ordinal) && key[StagePrefix.Length..].Split('/') is [var stage, var part])
            {
                (long[] buckets, long microseconds) = stages.GetValueOrDefault(stage, (new long[Bounds.Count + 1], 0));
                if (part == Sum)
                    microseconds = count;
                else if (BucketOf(part) is >= 0 and int place)
                    buckets[place] = count;
                stages[stage] = (buckets, microseconds);
            }
        }
        return new HandOutCounts
        {
            Succeeded = succeeded,
            Failed = failed,
            Stages = [.. stages.OrderBy(each => each.Key, StringComparer.Ordinal)
                .Select(each => new StageTimes(each.Key, each.Value.Buckets, TimeSpan.FromMicroseconds(each.Value.Microseconds)))],
        };
    }

    /// <summary>Counts a hand-out that its owner can use.</summary>
    internal static void AddSuccess(LedgerChange change) => change.AddToMeta(SucceededKey, 1);

    /// <summary>Counts a request that failed.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="outcome">How the request ended, which is given back as it is.</param>
    internal static Outcome<T> AddFailure<T>(NodeLedger ledger, Outcome<T> outcome)
    {
        // The fault of the request is what its caller has to know. One of the ledger's own cannot be counted there, and would be waited for twice.
        if (outcome.Fault is { Operation: not "ledger" } fault)
            _ = ledger.Change(LedgerStep.Counters, change => change.AddToMeta(FailedPrefix + fault.Kind, 1));
        return outcome;
    }

    /// <summary>Counts how long a stage of a hand-out took.</summary>
    internal static void AddTime(LedgerChange change, string stage, TimeSpan took)
    {
        int place = Bounds.Count(bound => took.TotalSeconds > bound);
        change.AddToMeta($"{StagePrefix}{stage}/{(place < Bounds.Count ? Name(Bounds[place]) : Beyond)}", 1);
        change.AddToMeta($"{StagePrefix}{stage}/{Sum}", (long)took.TotalMicroseconds);
    }

    private static int BucketOf(string name) =>
        name == Beyond ? Bounds.Count : Bounds.Select(Name).ToList().IndexOf(name);

    private static string Name(double bound) => bound.ToString(CultureInfo.InvariantCulture);
}

/// <summary>How long a stage of hand-outs took.</summary>
/// <param name="Stage"><c>allocate</c>: a VF is chosen and held; <c>attach</c>: it is configured and moved; <c>tune</c>: it is
/// tuned.</param>
/// <param name="Buckets">Hand-outs in each bucket of <see cref="HandOutCounts.Bounds"/>, not those in the ones before; the last has no
/// bound.</param>
/// <param name="Sum">All durations together.</param>
public sealed record StageTimes(string Stage, IReadOnlyList<long> Buckets, TimeSpan Sum);
