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
        List<StageTimes> stages = [];
        foreach ((string key, string value) in view.MetaPairs(Prefix))
        {
            // What a newer program counts is passed over.
            if (key.StartsWith(StagePrefix, StringComparison.Ordinal) && StageTimes.TryRead(key[StagePrefix.Length..], value) is { } stage)
                stages.Add(stage);
            else if (long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long count))
            {
                if (key == SucceededKey)
                    succeeded = count;
                else if (key.StartsWith(FailedPrefix, StringComparison.Ordinal)
                    && Enum.TryParse(key[FailedPrefix.Length..], out FaultKind kind))
                    failed[kind] = count;
            }
        }
        return new HandOutCounts { Succeeded = succeeded, Failed = failed, Stages = stages };
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
    internal static void AddTime(LedgerChange change, string stage, StageExample example)
    {
        string key = StagePrefix + stage;
        // Counts that are damaged begin anew.
        StageTimes before = change.Meta(key) is { } text && StageTimes.TryRead(stage, text) is { } read ? read : StageTimes.Empty(stage);
        change.SetMeta(key, before.With(example).Write());
    }
}
