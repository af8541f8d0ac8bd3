using Vfleet.Node.Counters;

namespace Vfleet.Telemetry.Recent;

/// <summary>
/// Rates of one VF from its counters, however often they begin anew (<see cref="VfMeter"/>). It is kept in memory alone: what owners have
/// counted in all is the ledger's.
/// </summary>
internal sealed class RateMeter
{
    /// <summary>The counters that are kept, each at the place of its column.</summary>
    private static readonly VfCounter[] Counters =
    [
        VfCounter.ReceiveBytes, VfCounter.TransmitBytes, VfCounter.ReceivePackets, VfCounter.TransmitPackets,
        VfCounter.ReceiveDropped, VfCounter.TransmitDropped, VfCounter.ReceiveErrors, VfCounter.TransmitErrors,
    ];

    private VfMeter? _meter;
    private VfCounts? _before;
    private TimeSpan _at;

    /// <summary>Rates since the reading before.</summary>
    /// <param name="now">What is counted now.</param>
    /// <param name="at">When, by the clock that is never set.</param>
    /// <param name="longest">A reading that is further away than this tells no rate: the mean over a gap would hide what happened in it.</param>
    /// <returns>
    /// All unknown after the first reading, and after a gap. A counter that was not there in both readings is unknown.
    /// </returns>
    public RateValues Next(VfCounts now, TimeSpan at, TimeSpan longest)
    {
        RateValues rates = RateValues.Unknown;
        TimeSpan passed = at - _at;
        if (_before is not null && passed <= TimeSpan.Zero)
            return rates;
        // The meter's clock is the one that is never set, so no reading is older than the one before.
        VfMeter meter = VfMeter.Next(_meter, now.Vf, now.Counters, allocation: null, DateTimeOffset.UnixEpoch + at);
        if (_before is { } before && _meter is { } last && passed <= longest)
        {
            for (int i = 0; i < Counters.Length; i++)
            {
                if (before.Counters[Counters[i]] is not null && now.Counters[Counters[i]] is not null)
                    rates[i] = Rate(meter.Total[Counters[i]]!.Value - last.Total[Counters[i]]!.Value, passed);
            }
            // A CPU or a vector that went away takes what it counted with it: how many came meanwhile nobody knows.
            if (before.Interrupts is { } old && now.Interrupts >= old)
                rates[(int)RecentColumn.Interrupts] = Rate(now.Interrupts.Value - old, passed);
        }
        if (now.LatencyP99 is { } latency)
            rates[(int)RecentColumn.LatencyP99] = (float)latency;
        (_meter, _before, _at) = (meter, now, at);
        return rates;
    }

    private static float Rate(ulong moved, TimeSpan passed) => (float)(moved / passed.TotalSeconds);
}
