using System.Globalization;
using Vfleet.Agent.Api;
using Vfleet.Cli.Views;
using Vfleet.Linux;
using Vfleet.Node.Documents;

namespace Vfleet.Cli.Agent;

/// <summary>A column of the VFs that <c>vfleet top</c> shows.</summary>
/// <param name="Name">What <c>--sort</c> calls it.</param>
/// <param name="Title">Heading.</param>
/// <param name="Rank">The higher, the sooner it is left out of a narrow terminal; 0 never.</param>
/// <param name="Text">The cell; null prints as a dash.</param>
internal sealed record TopColumn(string Name, string Title, int Rank, Func<TopRow, string?> Text)
{
    /// <summary>The number it is sorted by, the largest first; by its text where null.</summary>
    public Func<TopRow, double?>? Number { get; init; }
}

/// <summary>The columns of VFs, their order, and what is left out.</summary>
internal static class TopColumns
{
    public static readonly IReadOnlyList<TopColumn> All =
    [
        new("vf", "VF", 0, row => row.Vf.Vf),
        new("pf", "PF", 6, row => $"{row.Vf.Pf}/{row.Vf.Index}"),
        new("pool", "POOL", 8, row => row.Vf.Pool),
        new("state", "STATE", 5, row => row.Vf.Stranger is null ? row.Vf.State : "stranger"),
        new("owner", "OWNER", 1, row => row.Vf.Owner),
        Rate("rx", "RX-MBIT/S", 0, sample => sample.ReceiveBytesPerSecond, RateText.Mbits),
        Rate("tx", "TX-MBIT/S", 0, sample => sample.TransmitBytesPerSecond, RateText.Mbits),
        Rate("packets", "PACKETS/S", 3, sample => sample.PacketsPerSecond, RateText.Each),
        Rate("drops", "DROPS/S", 2, sample => sample.DroppedPerSecond, RateText.Each),
        Rate("irq", "IRQ/S", 4, sample => sample.InterruptsPerSecond, RateText.Each),
        Rate("p99", "P99", 7, sample => sample.LatencyP99Seconds, RateText.Latency),
        new("tenant", "TENANT", 9, row => row.Vf.Tenant),
        new("allocation", "ALLOCATION", 11, row => row.Vf.Allocation),
        new("since", "SINCE", 10, row => row.Vf.Since.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
        new("why", "WHY", 12, row => row.Vf.Evidence ?? row.Vf.Stranger),
    ];

    /// <summary>Columns that a key goes through, one after the other.</summary>
    public static readonly IReadOnlyList<string> Cycle = ["rx", "tx", "packets", "drops", "irq", "p99", "owner", "vf"];

    /// <summary>A column by the name that <c>--sort</c> has; Usage for another.</summary>
    public static Outcome<string?> Named(string? name) =>
        name is null || All.Any(column => column.Name == name)
            ? Outcome<string?>.Of(name)
            : Fault.Usage($"--sort {name} is no column", Nearest.Hint(name, [.. All.Select(column => column.Name)]), name);

    /// <summary>The VFs that are wanted, in the order that is wanted, or as they came; what is not known comes last.</summary>
    public static IReadOnlyList<TopRow> Arrange(IReadOnlyList<TopRow> rows, string? sort, bool isReversed, string? filter)
    {
        IEnumerable<TopRow> wanted = filter is { Length: > 0 } text ? rows.Where(row => Has(row.Vf, text)) : rows;
        if (All.FirstOrDefault(column => column.Name == sort) is not { } by)
            return isReversed ? [.. wanted.Reverse()] : [.. wanted];
        if (by.Number is { } number)
        {
            return isReversed
                ? [.. wanted.OrderBy(row => number(row) is null).ThenBy(number)]
                : [.. wanted.OrderBy(row => number(row) is null).ThenByDescending(number)];
        }
        IOrderedEnumerable<TopRow> known = wanted.OrderBy(row => by.Text(row) is null);
        return isReversed ? [.. known.ThenByDescending(by.Text, StringComparer.Ordinal)] : [.. known.ThenBy(by.Text, StringComparer.Ordinal)];
    }

    /// <summary>The columns that fit: those of the highest rank are left out first.</summary>
    /// <param name="widths">Width of each column of <see cref="All"/>, in cells.</param>
    /// <param name="width">Cells of a line.</param>
    /// <param name="between">Cells between two columns.</param>
    public static IReadOnlyList<int> Fitting(IReadOnlyList<int> widths, int width, int between)
    {
        List<int> shown = [.. Enumerable.Range(0, All.Count)];
        while (shown.Sum(at => widths[at] + between) - between > width && shown.MaxBy(at => All[at].Rank) is var least && All[least].Rank > 0)
            shown.Remove(least);
        return shown;
    }

    private static bool Has(VfReport vf, string text) =>
        new[] { vf.Vf, $"{vf.Pf}/{vf.Index}", vf.Pool, vf.Owner, vf.Tenant }
            .Any(word => word?.Contains(text, StringComparison.OrdinalIgnoreCase) == true);

    private static TopColumn Rate(
        string name, string title, int rank, Func<RecentSampleReport, double?> value, Func<double?, string> text) =>
        new(name, title, rank, row => row.Sample is { } sample ? text(value(sample)) : null)
        {
            Number = row => row.Sample is { } sample ? value(sample) : null,
        };
}
