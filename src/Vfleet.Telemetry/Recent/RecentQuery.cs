using System.Globalization;

namespace Vfleet.Telemetry.Recent;

/// <summary>How much of recent history is wanted.</summary>
public readonly record struct RecentQuery
{
    /// <summary>More than is kept, in any unit.</summary>
    private const uint Beyond = 100_000;

    private const string Lengths = "write it as 90s, 10m, 2h or 1d";
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1), Minute = TimeSpan.FromMinutes(1), Day = TimeSpan.FromDays(1);

    /// <summary>Steps that people read easily.</summary>
    private static readonly TimeSpan[] Plain =
        [.. new[] { 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600 }.Select(seconds => TimeSpan.FromSeconds(seconds))];

    private RecentQuery(TimeSpan since, TimeSpan step) => (Since, Step) = (since, step);

    /// <summary>How long ago it begins, 5 s to 1 day.</summary>
    public TimeSpan Since { get; }

    /// <summary>How much time a sample stands for: whole steps of 5 s, and of a minute where more than an hour is wanted.</summary>
    public TimeSpan Step { get; }

    /// <summary>True where the ring of minutes answers.</summary>
    internal bool IsOfMinutes => Since > Hour;

    /// <summary>Checks what is wanted: the answer has 1440 samples at most.</summary>
    /// <param name="since">How long ago it begins, such as <c>10m</c>; 10 minutes when null.</param>
    /// <param name="step">Time of a sample, such as <c>30s</c>; the shortest that is kept when null.</param>
    /// <returns>Usage for what is no length of time, or is not kept.</returns>
    public static Outcome<RecentQuery> Parse(string? since, string? step)
    {
        if (!Length("since", since ?? "10m").Try(out TimeSpan from, out Fault? fault))
            return fault;
        if (from < RecentHistory.Step || from > Day)
            return Fault.Usage($"since={since} is not kept", "recent history goes back one day: take 5s to 1d", since);
        TimeSpan shortest = from > Hour ? Minute : RecentHistory.Step;
        if (step is null)
            return new RecentQuery(from, shortest);
        if (!Length("step", step).Try(out TimeSpan wanted, out fault))
            return fault;
        if (wanted < shortest || wanted.Ticks % shortest.Ticks != 0)
        {
            return Fault.Usage($"step={step} is not kept for since={since ?? "10m"}", from > Hour
                ? "what is older than an hour is kept by the minute: take whole minutes, such as 1m"
                : "an hour is kept at 5 s: take a multiple of it, such as 5s or 30s", step);
        }
        return wanted <= from ? new RecentQuery(from, wanted) : Fault.Usage($"step={step} is longer than since={since ?? "10m"}", target: step);
    }

    /// <summary>The shortest plain step with which there are so many samples at most.</summary>
    public static string StepFor(TimeSpan since, int most)
    {
        TimeSpan step = Plain.FirstOrDefault(plain => (since <= Hour || plain >= Minute) && since / plain <= most, Hour);
        return string.Create(CultureInfo.InvariantCulture, $"{step.TotalSeconds:0}s");
    }

    private static Outcome<TimeSpan> Length(string name, string text)
    {
        TimeSpan? unit = text.Length < 2 ? null : text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => Minute,
            'h' => Hour,
            'd' => Day,
            _ => null,
        };
        return unit is { } each && uint.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
                && number > 0
            ? Math.Min(number, Beyond) * each
            : Fault.Usage($"{name}={text} is no length of time", Lengths, text);
    }
}
