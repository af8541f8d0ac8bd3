using System.Globalization;

namespace Vfleet.Linux.Pci;

/// <summary>
/// How often a device saw one kind of error since it was found. Source: Documentation/ABI/testing/sysfs-bus-pci-devices-aer_stats.
/// </summary>
/// <param name="Name">The kernel's short name, such as <c>BadTLP</c>.</param>
/// <param name="Count">How often.</param>
public readonly record struct PciErrorCounter(string Name, ulong Count);

/// <summary>A device's AER counters of one severity.</summary>
/// <param name="Counters">One per kind of error, in the kernel's order.</param>
/// <param name="Total">All of them; the kernel's own sum where it gives one.</param>
public sealed record PciErrorCounters(IReadOnlyList<PciErrorCounter> Counters, ulong Total)
{
    private const string TotalPrefix = "TOTAL_ERR";

    /// <summary>
    /// Reads one of <c>aer_dev_correctable</c>, <c>aer_dev_nonfatal</c>, <c>aer_dev_fatal</c>; null where the device or kernel has
    /// none.
    /// </summary>
    public static PciErrorCounters? Read(IFileTree files, PciAddress address, string attribute) =>
        files.TextOrNull(PciPath.Attribute(address, attribute)) is string text ? Parse(text) : null;

    /// <summary>Parses lines of a name, a space and a count; other lines are passed over.</summary>
    internal static PciErrorCounters Parse(string text)
    {
        List<PciErrorCounter> counters = [];
        ulong? total = null;
        foreach (string line in text.Split('\n'))
        {
            int space = line.LastIndexOf(' ');
            if (space <= 0 || !ulong.TryParse(line.AsSpan(space + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ulong count))
                continue;
            string name = line[..space];
            if (name.StartsWith(TotalPrefix, StringComparison.Ordinal))
                total = count;
            else
                counters.Add(new PciErrorCounter(name, count));
        }

        return new PciErrorCounters(counters, total ?? counters.Aggregate(0UL, (sum, counter) => unchecked(sum + counter.Count)));
    }
}
