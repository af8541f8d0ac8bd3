namespace Vfleet.Telemetry.Tracing;

/// <summary>A bucket of a histogram.</summary>
/// <param name="From">Least value in it, nanoseconds.</param>
/// <param name="To">Greatest value in it, nanoseconds.</param>
/// <param name="Count">Values in it.</param>
public readonly record struct TraceBucket(long From, long To, long Count);

/// <summary>How long something took.</summary>
/// <param name="Name">What: <c>interrupt_to_poll</c>, <c>poll</c>, <c>poll_to_stack</c>, <c>softirq_to_socket</c>, <c>between</c>, <c>handler</c>.</param>
/// <param name="Vector">Of this interrupt; null for all together.</param>
/// <param name="Buckets">Buckets, ascending, each twice as wide as the one before.</param>
/// <param name="Total">Sum of the values, nanoseconds.</param>
public sealed record TraceHistogram(string Name, int? Vector, IReadOnlyList<TraceBucket> Buckets, long Total)
{
    /// <summary>Values in it.</summary>
    public long Count => Buckets.Sum(bucket => bucket.Count);

    /// <summary>The greatest value of the bucket that a share of the values does not exceed, nanoseconds; 0 without values.</summary>
    /// <param name="share">0 to 1.</param>
    public long Quantile(double share)
    {
        long left = (long)Math.Ceiling(Count * share);
        foreach (TraceBucket bucket in Buckets)
        {
            left -= bucket.Count;
            if (left <= 0 && bucket.Count > 0)
                return bucket.To;
        }
        return 0;
    }
}

/// <summary>Something that was counted.</summary>
/// <param name="Name">A drop's reason as the kernel names it, or an interrupt's number.</param>
/// <param name="Count">How often.</param>
public sealed record TraceCount(string Name, long Count);

/// <summary>Where in the kernel something happened.</summary>
/// <param name="Frames">Functions, the outermost first.</param>
/// <param name="Count">How often.</param>
public sealed record TraceStack(IReadOnlyList<string> Frames, long Count)
{
    /// <summary>As flamegraph.pl reads it: frames with semicolons, a space, the count.</summary>
    public string Folded => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{string.Join(';', Frames)} {Count}");
}

/// <summary>What a trace of a VF showed.</summary>
public sealed record TraceResult
{
    /// <summary>What was traced.</summary>
    public required TraceKind Kind { get; init; }

    /// <summary>The VF.</summary>
    public required string Vf { get; init; }

    /// <summary>Its PF.</summary>
    public required string Pf { get; init; }

    /// <summary>Its index.</summary>
    public required int Index { get; init; }

    /// <summary>Its PCI address; null for none.</summary>
    public string? Bdf { get; init; }

    /// <summary>The allocation that had it then; null for none.</summary>
    public string? Allocation { get; init; }

    /// <summary>When all probes were attached.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>How long things took.</summary>
    public IReadOnlyList<TraceHistogram> Histograms { get; init; } = [];

    /// <summary>Drops by reason, or interrupts by number; the most first.</summary>
    public IReadOnlyList<TraceCount> Counts { get; init; } = [];

    /// <summary>Kernel stacks; not kept in the ledger.</summary>
    public IReadOnlyList<TraceStack> Stacks { get; init; } = [];

    /// <summary>What the kernel or the VF lacks, and what was left out for it.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Events that bpftrace had no room for.</summary>
    public long Lost { get; init; }
}
