namespace Vfleet.Node.Counters;

/// <summary>
/// What a VF has counted so far, however often its counters began anew: by a driver that was reloaded, a reset, a VF that was made again.
/// Pure: a meter and a reading make the next meter.
/// </summary>
public sealed record VfMeter
{
    /// <summary>
    /// A reading that is older than the one before by no more than this comes from another process that read before; an older one says
    /// that the clock was set.
    /// </summary>
    private static readonly TimeSpan LongestOvertaking = TimeSpan.FromMinutes(1);

    /// <summary>The VF as it is called.</summary>
    public required string Vf { get; init; }

    /// <summary>When its counters were read last.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The newest values of the kernel, each as it was when it was last there.</summary>
    public required CounterValues Last { get; init; }

    /// <summary>Totals of the VF since it was first seen; they never go down.</summary>
    public required CounterValues Total { get; init; }

    /// <summary>The allocation whose totals these are, which may have ended; null before the first.</summary>
    public string? Allocation { get; init; }

    /// <summary>Totals of that allocation from its beginning, and to its end; they never go down. Empty before the first.</summary>
    public CounterValues Owned { get; init; } = CounterValues.None;

    /// <summary>True where a counter began, or began anew: no older meter would come to the same by the next reading.</summary>
    public bool IsNewBeginning { get; private init; }

    /// <summary>The next meter.</summary>
    /// <param name="before">The meter so far; null for a VF that is seen first: its total begins with what the kernel counted.</param>
    /// <param name="vf">The VF as it is called.</param>
    /// <param name="now">What the kernel says. A counter that is not there now goes on where it was when it comes back.</param>
    /// <param name="allocation">Who has the VF; null for nobody, and then what was counted meanwhile is nobody's.</param>
    /// <param name="at">When the reading began.</param>
    public static VfMeter Next(VfMeter? before, string vf, CounterValues now, string? allocation, DateTimeOffset at)
    {
        if (before is null)
        {
            return new VfMeter
            {
                Vf = vf, At = at, Last = now, Total = now, Allocation = allocation, Owned = Zero(now, allocation), IsNewBeginning = true,
            };
        }
        if (at < before.At && before.At - at < LongestOvertaking)
            return before with { IsNewBeginning = false };
        bool isReset = IsReset(before.Last, now, ofInterface: false), isOwnReset = IsReset(before.Last, now, ofInterface: true);
        CounterValues moved = CounterValues.Of(counter => (before.Last[counter], now[counter]) switch
        {
            (_, null) => 0,
            // It was not there before, so nobody knows since when it counts.
            (null, _) => 0,
            ({ } last, { } value) => (CounterReading.IsOfInterface(counter) ? isOwnReset : isReset) ? value : value - last,
        });
        bool isOthers = allocation is not null && allocation != before.Allocation;
        CounterValues owned = isOthers ? Zero(now, allocation) : allocation is null ? before.Owned : CounterValues.Of(counter =>
            before.Owned[counter] is { } so ? Sum(so, moved[counter]) : now[counter] is null ? null : 0);
        return before with
        {
            At = at,
            Last = CounterValues.Of(counter => now[counter] ?? before.Last[counter]),
            Total = CounterValues.Of(counter => before.Total[counter] is { } total ? Sum(total, moved[counter]) : now[counter]),
            Allocation = allocation ?? before.Allocation,
            Owned = owned,
            IsNewBeginning = isReset || isOwnReset || isOthers || IsMore(before.Last, now) || IsMore(before.Owned, owned),
        };
    }

    /// <summary>
    /// True where counters began anew: one of those that are reset together went down. One that caught up unseen is taken for one that
    /// went on, which counts too little and never too much.
    /// </summary>
    private static bool IsReset(CounterValues last, CounterValues now, bool ofInterface) =>
        CounterValues.Any(counter => CounterReading.IsOfInterface(counter) == ofInterface && now[counter] < last[counter]);

    private static bool IsMore(CounterValues last, CounterValues now) =>
        CounterValues.Any(counter => last[counter] is null && now[counter] is not null);

    private static CounterValues Zero(CounterValues now, string? allocation) =>
        allocation is null ? CounterValues.None : CounterValues.Of(counter => now[counter] is null ? null : 0);

    private static ulong Sum(ulong total, ulong? more) => more > ulong.MaxValue - total ? ulong.MaxValue : total + (more ?? 0);
}
