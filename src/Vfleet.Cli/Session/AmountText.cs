using System.Globalization;
using System.Text.RegularExpressions;
using Vfleet.Linux;

namespace Vfleet.Cli.Session;

/// <summary>Reads how long and how much, as people write it: <c>10s</c>, <c>2m</c>, <c>100MB</c>, <c>1GiB</c>.</summary>
internal static partial class AmountText
{
    /// <summary>A time: a number with <c>ms</c>, <c>s</c>, <c>m</c> or <c>h</c>; seconds without.</summary>
    /// <param name="option">The option it was given to.</param>
    /// <param name="text">What was given.</param>
    /// <param name="least">The shortest that makes sense.</param>
    /// <param name="most">The longest.</param>
    public static Outcome<TimeSpan> Duration(string option, string text, TimeSpan least, TimeSpan most)
    {
        double? unit = null;
        Match parts = Amount().Match(text);
        if (parts.Success)
        {
            unit = parts.Groups["unit"].Value switch
            {
                "ms" => 0.001,
                "" or "s" => 1,
                "m" or "min" => 60,
                "h" => 3600,
                _ => null,
            };
        }
        double seconds = unit is { } each ? Number(parts) * each : double.NaN;
        return seconds >= least.TotalSeconds && seconds <= most.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : Fault.Usage($"{option} \"{text}\" is not a time from {Words(least)} to {Words(most)}", "write it as 500ms, 10s, 2m or 1h");
    }

    /// <summary>An amount of bytes: a number with <c>kB</c>, <c>MB</c>, <c>GB</c>, <c>KiB</c>, <c>MiB</c> or <c>GiB</c>; bytes without.</summary>
    /// <param name="option">The option it was given to.</param>
    /// <param name="text">What was given.</param>
    /// <param name="least">The smallest that makes sense.</param>
    /// <param name="most">The largest.</param>
    public static Outcome<long> Bytes(string option, string text, long least, long most)
    {
        double? unit = null;
        Match parts = Amount().Match(text);
        if (parts.Success)
        {
            unit = parts.Groups["unit"].Value.ToUpperInvariant() switch
            {
                "" or "B" => 1,
                "K" or "KB" => 1e3,
                "M" or "MB" => 1e6,
                "G" or "GB" => 1e9,
                "KIB" => 1L << 10,
                "MIB" => 1L << 20,
                "GIB" => 1L << 30,
                _ => null,
            };
        }
        double bytes = unit is { } each ? Number(parts) * each : double.NaN;
        return bytes >= least && bytes <= most
            ? (long)bytes
            : Fault.Usage($"{option} \"{text}\" is not an amount from {Words(least)} to {Words(most)}", "write it as 500kB, 100MB or 2GiB");
    }

    /// <summary>Bytes in a word, such as <c>1.5 MB</c>.</summary>
    public static string Words(long bytes) => bytes switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.#} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.#} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.#} GB"),
    };

    /// <summary>A time in a word, such as <c>2.5 s</c>.</summary>
    public static string Words(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.##} h")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s");

    private static double Number(Match parts) =>
        double.Parse(parts.Groups["number"].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A(?<number>[0-9]{1,15}(\.[0-9]{1,9})?) ?(?<unit>[a-zA-Z]{0,3})\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Amount();
}
