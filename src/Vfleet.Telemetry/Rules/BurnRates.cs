namespace Vfleet.Telemetry.Rules;

/// <summary>An alert for a budget that burns too fast over two windows at once.</summary>
/// <param name="Factor">How many times faster than a budget that lasts 30 days.</param>
/// <param name="Short">The short window: the alert ends soon after the errors do.</param>
/// <param name="Long">The long window: a few errors do not fire it.</param>
/// <param name="Pages">True where somebody is to look at once.</param>
internal sealed record BurnRate(decimal Factor, string Short, string Long, bool Pages);

/// <summary>
/// Windows and factors as sloth has them for 30 days: 2 % of the budget in an hour, 5 % in 6 hours, 10 % in a day and in 3 days. A budget
/// that burns at three times its rate or faster pages; at its rate, it makes a ticket.
/// </summary>
internal static class BurnRates
{
    /// <summary>From the fastest to the slowest.</summary>
    public static readonly IReadOnlyList<BurnRate> All =
    [
        new(14.4m, "5m", "1h", Pages: true),
        new(6, "30m", "6h", Pages: true),
        new(3, "2h", "1d", Pages: true),
        new(1, "6h", "3d", Pages: false),
    ];

    /// <summary>Windows over which errors are recorded, from short to long.</summary>
    public static readonly IReadOnlyList<string> Windows = ["5m", "30m", "1h", "2h", "6h", "1d", "3d", Period];

    /// <summary>The window of the objective itself.</summary>
    public const string Period = "30d";

    /// <summary>The largest factor.</summary>
    public static decimal Fastest => All[0].Factor;
}
