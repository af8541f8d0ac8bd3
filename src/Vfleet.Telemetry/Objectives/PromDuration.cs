using System.Globalization;
using System.Text.RegularExpressions;

namespace Vfleet.Telemetry.Objectives;

/// <summary>
/// Durations as Prometheus writes them: whole numbers with units from large to small, each at most once, such as <c>1h30m</c>
/// (model.ParseDuration in prometheus/common).
/// </summary>
internal static partial class PromDuration
{
    private static readonly (string Unit, double Milliseconds)[] Units =
    [
        ("y", 365 * 86_400_000d), ("w", 7 * 86_400_000d), ("d", 86_400_000d), ("h", 3_600_000d), ("m", 60_000d), ("s", 1000d), ("ms", 1d),
    ];

    /// <summary>Reads one.</summary>
    /// <returns>False for what Prometheus would refuse, what is longer than it can hold included.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        Match match = Shape().Match(text.ToString());
        if (text.Length == 0 || !match.Success)
            return false;
        double sum = 0;
        foreach ((string unit, double milliseconds) in Units)
        {
            if (match.Groups[unit] is { Success: true } group)
                sum += double.Parse(group.ValueSpan, CultureInfo.InvariantCulture) * milliseconds;
        }
        // Nanoseconds in 64 bits.
        if (sum > long.MaxValue / 1e6)
            return false;
        duration = TimeSpan.FromMilliseconds(sum);
        return true;
    }

    [GeneratedRegex(
        @"^((?<y>\d+)y)?((?<w>\d+)w)?((?<d>\d+)d)?((?<h>\d+)h)?((?<m>\d+)m)?((?<s>\d+)s)?((?<ms>\d+)ms)?\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();
}
