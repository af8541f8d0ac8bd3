using System.Globalization;
using System.Text.RegularExpressions;
using Vfleet.Linux.Generic.Ethtool;

namespace Vfleet.Host.Health;

/// <summary>
/// Frames with a forged source, from the PF driver's own counters: those with "spoof" in their name. A name that holds a VF's number counts
/// that VF's, any other the whole PF's. Most drivers count none, and some only write to the kernel log.
/// </summary>
internal sealed partial class SpoofCounters
{
    private readonly Dictionary<int, ulong> _ofVfs = [];

    /// <summary>The whole PF's; null where the driver does not count them.</summary>
    public ulong? OfPf { get; private set; }

    /// <summary>A VF's; null where the driver does not count them for each VF.</summary>
    public ulong? OfVf(int index) => _ofVfs.TryGetValue(index, out ulong count) ? count : null;

    /// <summary>Equivalent to <c>ethtool -S PF</c>.</summary>
    public static SpoofCounters Read(EthtoolClient client, string pf)
    {
        SpoofCounters counters = new();
        // A driver without counters, or one that is leaving, tells nothing.
        if (client.OpenDriverStatistics(pf).Or(null) is not { } statistics || !statistics.Names.Any(IsSpoof))
            return counters;
        ulong[] values = new ulong[statistics.Names.Count];
        if (!statistics.Read(values).Succeeded)
            return counters;
        for (int i = 0; i < values.Length; i++)
        {
            string name = statistics.Names[i];
            if (IsSpoof(name))
                counters.Add(name, values[i]);
        }
        return counters;
    }

    private static bool IsSpoof(string name) => name.Contains("spoof", StringComparison.OrdinalIgnoreCase);

    private void Add(string name, ulong value)
    {
        OfPf = (OfPf ?? 0) + value;
        Match match = VfNumber().Match(name);
        if (match.Success && int.TryParse(match.Groups["index"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            _ofVfs[index] = _ofVfs.GetValueOrDefault(index) + value;
    }

    [GeneratedRegex(@"(^|[^a-zA-Z])vf[ _\[]?(?<index>\d{1,5})", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex VfNumber();
}
