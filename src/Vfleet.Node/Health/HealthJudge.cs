using System.Collections.Immutable;
using System.Globalization;
using Vfleet.Host.Health;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Health;

/// <summary>
/// Judges how functions fare, from readings in the order of their times. Pure: it reads no clock and keeps nothing. It gets worse at once
/// and better only after everything was well for <see cref="HealthThresholds.Recovery"/>: a function at the edge does not come and go.
/// </summary>
public static class HealthJudge
{
    /// <summary>Takes the next reading of a PF or VF into account.</summary>
    /// <param name="state">What <see cref="Step"/> gave for the one before; <see cref="HealthState.Begin"/> for the first.</param>
    /// <param name="reading">The reading.</param>
    /// <param name="thresholds">When it counts as degraded or failed.</param>
    /// <param name="now">When it was read; not before the last one.</param>
    public static (HealthState State, HealthVerdict Health) Step(
        HealthState state, FunctionHealthReading reading, HealthThresholds thresholds, DateTimeOffset now)
    {
        HealthState next = Count(state, reading, thresholds, now);
        List<HealthEvidence> evidence = Evidence(next, reading, thresholds, now);
        HealthLevel seen = evidence.Count == 0 ? HealthLevel.Healthy : evidence.Max(one => one.Level);
        if (seen >= state.Level)
            next = next with { Level = seen, LastBad = now };
        else if (now - state.LastBad >= thresholds.Recovery)
            next = next with { Level = seen, LastBad = now };
        else
        {
            double well = (now - state.LastBad).TotalSeconds, needed = thresholds.Recovery.TotalSeconds;
            evidence.Add(new HealthEvidence(state.Level, string.Create(
                CultureInfo.InvariantCulture, $"was {Word(state.Level)}, and is better for {well:0.#} s of {needed:0.#} s")));
        }
        return (next, new HealthVerdict(next.Level, [.. evidence.OrderByDescending(one => one.Level)]));
    }

    /// <summary>Turns counters into events, and lets those outside the window go.</summary>
    private static HealthState Count(HealthState state, FunctionHealthReading reading, HealthThresholds thresholds, DateTimeOffset now)
    {
        // A driver that is bound anew counts from zero: what came before says nothing of it. PCIe errors are counted by the device.
        bool isBoundAnew = (state.InterfaceIndex is { } before && reading.InterfaceIndex is { } after && before != after)
            || (state.Driver is { } had && reading.Driver is { } has && had != has);
        ImmutableList<HealthEvent> events = isBoundAnew ? [] : state.Events.RemoveAll(one => one.At <= now - thresholds.Window);
        ImmutableDictionary<string, ulong> counters = state.Counters;
        foreach ((string name, HealthEventKind? kind, ulong value) in Counters(reading))
        {
            if (state.Counters.TryGetValue(name, out ulong last))
            {
                bool isOfDevice = kind is HealthEventKind.CorrectableError or HealthEventKind.NonFatalError or HealthEventKind.FatalError;
                if (value < last && !isBoundAnew)
                    events = events.Add(new HealthEvent(now, HealthEventKind.Backwards, 1, name));
                else if (value > last && kind is { } counted && (!isBoundAnew || isOfDevice))
                    events = events.Add(new HealthEvent(now, counted, value - last, name));
            }
            counters = counters.SetItem(name, value);
        }
        bool isWithoutCarrier = reading is VfHealthReading { IsCarrierExpected: true, HasCarrier: false };
        return state with
        {
            Driver = reading.Driver ?? state.Driver,
            InterfaceIndex = reading.InterfaceIndex ?? state.InterfaceIndex,
            WithoutCarrierSince = isWithoutCarrier ? isBoundAnew ? now : state.WithoutCarrierSince ?? now : null,
            Counters = counters,
            Events = events,
        };
    }

    /// <summary>Every counter the reading has; those without a kind must only not go down.</summary>
    private static IEnumerable<(string Name, HealthEventKind? Kind, ulong Value)> Counters(FunctionHealthReading reading)
    {
        (string, HealthEventKind?, ulong?)[] known =
        [
            ("carrier losses", HealthEventKind.CarrierLoss, reading.CarrierLosses),
            ("correctable PCIe errors", HealthEventKind.CorrectableError, reading.CorrectableErrors),
            ("nonfatal PCIe errors", HealthEventKind.NonFatalError, reading.NonFatalErrors),
            ("fatal PCIe errors", HealthEventKind.FatalError, reading.FatalErrors),
            ("spoofed packets", HealthEventKind.SpoofedPacket, reading.SpoofedPackets),
            ("rx_packets", null, reading.Statistics?.RxPackets),
            ("tx_packets", null, reading.Statistics?.TxPackets),
            ("rx_bytes", null, reading.Statistics?.RxBytes),
            ("tx_bytes", null, reading.Statistics?.TxBytes),
        ];
        IEnumerable<(string, HealthEventKind?, ulong?)> reporters = (reading as PfHealthReading)?.Reporters.Select(
            reporter => ($"reporter {reporter.Name}", (HealthEventKind?)HealthEventKind.ReporterError, (ulong?)reporter.Errors)) ?? [];
        foreach ((string name, HealthEventKind? kind, ulong? value) in known.Concat(reporters))
        {
            if (value is { } told)
                yield return (name, kind, told);
        }
    }

    private static List<HealthEvidence> Evidence(
        HealthState state, FunctionHealthReading reading, HealthThresholds thresholds, DateTimeOffset now)
    {
        List<HealthEvidence> found = [];
        if (reading.Driver is null && state.Driver is { } driver)
            found.Add(new HealthEvidence(HealthLevel.Failed, $"no driver is bound, and {driver} was"));
        if (state.WithoutCarrierSince is { } since && now - since >= thresholds.Recovery)
            found.Add(new HealthEvidence(HealthLevel.Degraded, $"up without a carrier for {Seconds(now - since)}, and its PF has one"));
        foreach (ReporterReading reporter in (reading as PfHealthReading)?.Reporters ?? [])
        {
            if (!reporter.Healthy)
            {
                // mlx5 calls the reporter of errors that only a reset ends fw_fatal.
                bool isFatal = reporter.Name.Contains("fatal", StringComparison.Ordinal);
                HealthLevel level = isFatal ? HealthLevel.Failed : HealthLevel.Degraded;
                found.Add(new HealthEvidence(level, $"devlink's reporter {reporter.Name} is in state error"));
            }
        }
        foreach (IGrouping<(HealthEventKind Kind, string Name), HealthEvent> group in state.Events.GroupBy(one => (one.Kind, one.Name)))
        {
            ulong count = group.Aggregate(0UL, (sum, one) => unchecked(sum + one.Count));
            if (LevelOf(group.Key.Kind, count, thresholds) is var grade and not HealthLevel.Healthy)
                found.Add(new HealthEvidence(grade, Sentence(group.Key.Kind, group.Key.Name, count, thresholds)));
        }
        return found;
    }

    private static HealthLevel LevelOf(HealthEventKind kind, ulong count, HealthThresholds thresholds) => kind switch
    {
        HealthEventKind.CarrierLoss when Reaches(count, thresholds.FailedCarrierLosses) => HealthLevel.Failed,
        HealthEventKind.CarrierLoss => Degraded(count, thresholds.DegradedCarrierLosses),
        HealthEventKind.CorrectableError => Degraded(count, thresholds.DegradedCorrectableErrors),
        HealthEventKind.SpoofedPacket => Degraded(count, thresholds.DegradedSpoofedPackets),
        HealthEventKind.FatalError => HealthLevel.Failed,
        _ => HealthLevel.Degraded,
    };

    private static HealthLevel Degraded(ulong count, int threshold) =>
        Reaches(count, threshold) ? HealthLevel.Degraded : HealthLevel.Healthy;

    /// <summary>A threshold of 0 is never reached.</summary>
    private static bool Reaches(ulong count, int threshold) => threshold > 0 && count >= (ulong)threshold;

    private static string Sentence(HealthEventKind kind, string name, ulong count, HealthThresholds thresholds) => kind switch
    {
        HealthEventKind.Backwards => $"{name} went backwards {Times(count)} within {Seconds(thresholds.Window)}",
        HealthEventKind.ReporterError => $"devlink's {name} saw an error {Times(count)} within {Seconds(thresholds.Window)}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{count} {name} within {Seconds(thresholds.Window)}"),
    };

    private static string Times(ulong count) => count == 1 ? "once" : string.Create(CultureInfo.InvariantCulture, $"{count} times");

    private static string Seconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.#} s");

    private static string Word(HealthLevel level) => level == HealthLevel.Failed ? "failed" : "degraded";
}
