using System.Globalization;
using System.Text;

namespace Vfleet.Node.Counters;

/// <summary>How long a stage of hand-outs took.</summary>
/// <param name="Stage"><c>allocate</c>: a VF is chosen and held; <c>attach</c>: it is configured and moved; <c>tune</c>: it is
/// tuned.</param>
/// <param name="Buckets">Hand-outs in each bucket of <see cref="HandOutCounts.Bounds"/>, not those in the ones before; the last has no
/// bound.</param>
/// <param name="Sum">All durations together.</param>
public sealed record StageTimes(string Stage, IReadOnlyList<long> Buckets, TimeSpan Sum)
{
    /// <summary>The newest hand-out of each bucket; null where there was none.</summary>
    public required IReadOnlyList<StageExample?> Examples { get; init; }

    /// <summary>A stage that nothing went through.</summary>
    internal static StageTimes Empty(string stage) =>
        new(stage, new long[HandOutCounts.Bounds.Count + 1], TimeSpan.Zero) { Examples = new StageExample?[HandOutCounts.Bounds.Count + 1] };

    /// <summary>The same with one more.</summary>
    internal StageTimes With(StageExample example)
    {
        int place = HandOutCounts.Bounds.Count(bound => example.Took.TotalSeconds > bound);
        long[] buckets = [.. Buckets];
        buckets[place]++;
        StageExample?[] examples = [.. Examples];
        examples[place] = example;
        return new StageTimes(Stage, buckets, Sum + example.Took) { Examples = examples };
    }

    /// <summary>As the ledger keeps it: the sum in microseconds, and each bucket as <c>COUNT</c> or <c>COUNT,ID,MICROSECONDS,AT</c>, AT in Unix milliseconds.</summary>
    internal string Write()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{(long)Sum.TotalMicroseconds}");
        for (int i = 0; i < Buckets.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $" {Buckets[i]}");
            if (Examples[i] is { } example)
                text.Append(CultureInfo.InvariantCulture, $",{example.Allocation},{(long)example.Took.TotalMicroseconds},{example.At.ToUnixTimeMilliseconds()}");
        }
        return text.ToString();
    }

    /// <summary>What <see cref="Write"/> wrote; null for anything else.</summary>
    internal static StageTimes? TryRead(string stage, string text)
    {
        string[] parts = text.Split(' ');
        StageTimes read = Empty(stage);
        if (parts.Length != read.Buckets.Count + 1 || !TryNumber(parts[0], out long sum))
            return null;
        long[] buckets = [.. read.Buckets];
        StageExample?[] examples = [.. read.Examples];
        for (int i = 0; i < buckets.Length; i++)
        {
            string[] words = parts[i + 1].Split(',');
            if (!TryNumber(words[0], out buckets[i]))
                return null;
            if (words is [_, { Length: > 0 } id, var took, var at] && TryNumber(took, out long microseconds) && TryNumber(at, out long milliseconds)
                && milliseconds <= LastMillisecond)
                examples[i] = new StageExample(id, TimeSpan.FromMicroseconds(microseconds), DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
        }
        return new StageTimes(stage, buckets, TimeSpan.FromMicroseconds(sum)) { Examples = examples };
    }

    private static readonly long LastMillisecond = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>Within half of what a <see cref="TimeSpan"/> of microseconds holds, so that one more can be added.</summary>
    private static bool TryNumber(string word, out long number) =>
        long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= long.MaxValue / TimeSpan.TicksPerMicrosecond / 2;
}

/// <summary>A hand-out as an example of how long a stage takes.</summary>
/// <param name="Allocation">Its id.</param>
/// <param name="Took">How long it took.</param>
/// <param name="At">When it ended.</param>
public sealed record StageExample(string Allocation, TimeSpan Took, DateTimeOffset At);
