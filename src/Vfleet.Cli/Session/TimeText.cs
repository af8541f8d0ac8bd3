using System.Globalization;
using Vfleet.Linux;

namespace Vfleet.Cli.Session;

/// <summary>
/// A time as people write it: ISO 8601, or a day and a time of day in the local time zone. A day is a date, <c>today</c>,
/// <c>yesterday</c>, or a weekday, which is the last one that is over.
/// </summary>
internal static class TimeText
{
    private static readonly string[] Dates = ["yyyy-MM-dd"];
    private static readonly string[] Times = ["HH:mm", "H:mm", "HH:mm:ss", "H:mm:ss", "HH:mm:ss.FFF"];

    /// <summary>Reads a time.</summary>
    /// <param name="option">The option it was given for.</param>
    /// <param name="text">What was written.</param>
    /// <param name="time">The clock and its time zone.</param>
    /// <returns>Usage for what cannot be meant, and for times to come.</returns>
    public static Outcome<DateTimeOffset> Read(string option, string text, TimeProvider time)
    {
        DateTimeOffset now = TimeZoneInfo.ConvertTime(time.GetUtcNow(), time.LocalTimeZone);
        if (Parse(text.Trim(), now, time.LocalTimeZone) is not { } meant)
        {
            return Fault.Usage($"{option} \"{text}\" is not a time",
                "write 2026-01-06T14:03:00+01:00, \"2026-01-06 14:03\", 14:03, \"yesterday 14:03\" or \"Tuesday 14:03\"");
        }
        return meant <= now
            ? meant
            : Fault.Usage($"{option} \"{text}\" is {Words(meant)}, which is still to come", "name a time in the past");
    }

    /// <summary>A time in words that leave no doubt.</summary>
    public static string Words(DateTimeOffset time) => time.ToString("dddd yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    private static DateTimeOffset? Parse(string text, DateTimeOffset now, TimeZoneInfo zone)
    {
        DateTime today = now.Date;
        string[] words = text.Split([' '], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 1 && TimeOf(words[0]) is { } only)
        {
            // A time of day that is still to come today was meant for yesterday.
            DateTimeOffset at = In(zone, today + only);
            return at <= now ? at : In(zone, today.AddDays(-1) + only);
        }
        if (words.Length == 1 && DayOf(words[0], today) is { } day)
            return In(zone, day);
        if (words.Length == 2 && TimeOf(words[1]) is { } clock)
        {
            if (DayOf(words[0], today) is not { } date)
                return null;
            DateTimeOffset at = In(zone, date + clock);
            return at > now && IsWeekday(words[0], out _) ? In(zone, date.AddDays(-7) + clock) : at;
        }
        return Iso(text, zone);
    }

    private static DateTimeOffset? Iso(string text, TimeZoneInfo zone)
    {
        // Without an offset it is local time, and an offset that is given is kept.
        const DateTimeStyles styles = DateTimeStyles.RoundtripKind;
        string[] without = ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF"];
        if (DateTime.TryParseExact(text, without, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime local))
            return In(zone, local);
        string[] with = [.. without.Select(form => $"{form}K")];
        return DateTimeOffset.TryParseExact(text, with, CultureInfo.InvariantCulture, styles, out DateTimeOffset exact) ? exact : null;
    }

    private static DateTimeOffset In(TimeZoneInfo zone, DateTime local)
    {
        DateTime plain = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        return new DateTimeOffset(plain, zone.GetUtcOffset(plain));
    }

    private static TimeSpan? TimeOf(string word) =>
        DateTime.TryParseExact(word, Times, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime clock) ? clock.TimeOfDay : null;

    private static DateTime? DayOf(string word, DateTime today)
    {
        if (DateTime.TryParseExact(word, Dates, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime date))
            return date;
        if (IsWeekday(word, out DayOfWeek weekday))
            return today.AddDays(-((7 + (int)today.DayOfWeek - (int)weekday) % 7));
        return word.ToLowerInvariant() switch { "today" => today, "yesterday" => today.AddDays(-1), _ => null };
    }

    private static bool IsWeekday(string word, out DayOfWeek day)
    {
        foreach (DayOfWeek each in Enum.GetValues<DayOfWeek>())
        {
            string name = each.ToString();
            if (word.Equals(name, StringComparison.OrdinalIgnoreCase) || word.Equals(name[..3], StringComparison.OrdinalIgnoreCase))
            {
                day = each;
                return true;
            }
        }
        day = default;
        return false;
    }
}
