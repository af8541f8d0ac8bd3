using System.Globalization;

namespace Vfleet.Cli.Views;

/// <summary>Rates for people; a dash for what is not known, which is not zero.</summary>
internal static class RateText
{
    public const string Unknown = "-";
    private const double BitsOfByte = 8, Mega = 1e6, Milli = 1e-3, Micro = 1e-6;

    /// <summary>Bytes each second as Mbit/s.</summary>
    public static string Mbits(double? bytes) => Text(bytes * BitsOfByte / Mega, "0.00");

    /// <summary>Something each second.</summary>
    public static string Each(double? rate) => Text(rate, rate is > 0 and < 10 ? "0.0" : "0");

    /// <summary>Seconds in the unit that is read easily.</summary>
    public static string Latency(double? seconds) => seconds switch
    {
        null => Unknown,
        < Milli => $"{Text(seconds / Micro, "0")} µs",
        < 1 => $"{Text(seconds / Milli, "0.00")} ms",
        _ => $"{Text(seconds, "0.00")} s",
    };

    /// <summary>A length of time in its largest whole unit.</summary>
    public static string Length(double seconds) => seconds switch
    {
        >= 3600 when seconds % 3600 == 0 => Text(seconds / 3600, "0") + " h",
        >= 60 when seconds % 60 == 0 => Text(seconds / 60, "0") + " min",
        _ => Text(seconds, "0") + " s",
    };

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? Unknown;
}
