using System.Globalization;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Isolation;

/// <summary>How well one end reaches another.</summary>
/// <param name="Sent">Echo requests sent.</param>
/// <param name="Received">Answers that came in time.</param>
/// <param name="PeerMac">The MAC that answered the ARP broadcast; null where none did.</param>
public sealed record Reachability(int Sent, int Received, MacAddress? PeerMac)
{
    /// <summary>Shortest round trip in microseconds; null without an answer.</summary>
    public double? MinMicroseconds { get; private init; }

    /// <summary>Median round trip in microseconds; null without an answer.</summary>
    public double? MedianMicroseconds { get; private init; }

    /// <summary>Longest round trip in microseconds; null without an answer.</summary>
    public double? MaxMicroseconds { get; private init; }

    /// <summary>True when anything came back.</summary>
    public bool IsReached => Received > 0 || PeerMac is not null;

    /// <summary>Builds it from the round trips.</summary>
    public static Reachability Of(int sent, IReadOnlyList<TimeSpan> roundTrips, MacAddress? peerMac)
    {
        if (roundTrips.Count == 0)
            return new Reachability(sent, 0, peerMac);
        double[] sorted = [.. roundTrips.Select(trip => trip.TotalMicroseconds).Order()];
        int middle = sorted.Length / 2;
        return new Reachability(sent, sorted.Length, peerMac)
        {
            MinMicroseconds = sorted[0],
            MedianMicroseconds = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2,
            MaxMicroseconds = sorted[^1],
        };
    }

    /// <summary>Compares it with a promise.</summary>
    /// <param name="name">The result's stable name.</param>
    /// <param name="promise">What the device says, such as <c>both on VLAN 100</c>.</param>
    /// <param name="isExpected">True when the ends should reach each other.</param>
    public ProbeResult Judge(string name, string promise, bool isExpected) => new(
        name,
        promise,
        isExpected ? "the peer answers" : "no answer",
        ToString(),
        isExpected ? Received > 0 : !IsReached);

    /// <summary>In words.</summary>
    public override string ToString()
    {
        string arp = PeerMac is null ? "no answer to ARP" : "ARP answered";
        return MedianMicroseconds is null
            ? $"{arp}, {Received} of {Sent} echoes answered"
            : string.Create(CultureInfo.InvariantCulture,
                $"{arp}, {Received} of {Sent} echoes answered in {MinMicroseconds:0}/{MedianMicroseconds:0}/{MaxMicroseconds:0} µs (min/median/max)");
    }
}
