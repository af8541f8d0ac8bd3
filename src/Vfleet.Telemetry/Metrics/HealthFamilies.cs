using Vfleet.Host.Health;
using Vfleet.Node.Health;
using Vfleet.Telemetry.Exposition;
using Vfleet.Telemetry.Reading;

namespace Vfleet.Telemetry.Metrics;

/// <summary>Errors of PFs as their hardware and drivers count them, and how VFs fare.</summary>
internal static class HealthFamilies
{
    public static IEnumerable<MetricFamily> Of(TelemetryReading reading)
    {
        (PfHealthReading Health, LabelSet Labels)[] pfs = [.. reading.PfHealth.Select(pf =>
            (pf, LabelSet.Of(("host", reading.Host), ("pf", pf.Label), ("bdf", pf.Address?.ToString()))))];
        yield return MetricFamily.Counter("vfleet_pf_pcie_errors", "PCIe errors of the PF since it was found (AER).",
        [
            .. from pf in pfs
               from each in ((string Severity, ulong? Count)[])[
                   ("correctable", pf.Health.CorrectableErrors), ("nonfatal", pf.Health.NonFatalErrors), ("fatal", pf.Health.FatalErrors)]
               where each.Count is not null
               select new Sample(pf.Labels.With(("severity", each.Severity)), each.Count!.Value),
        ]);
        yield return MetricFamily.Counter("vfleet_pf_spoofed_packets",
            "Frames that VFs sent with a forged source, where the PF's driver counts them.",
            [.. pfs.Where(pf => pf.Health.SpoofedPackets is not null)
                .Select(pf => new Sample(pf.Labels, pf.Health.SpoofedPackets!.Value))]);
        yield return MetricFamily.Counter("vfleet_pf_carrier_losses",
            "How often the PF's interface lost its carrier since its driver made it.",
            [.. pfs.Where(pf => pf.Health.CarrierLosses is not null)
                .Select(pf => new Sample(pf.Labels, (ulong)pf.Health.CarrierLosses!.Value))]);
        yield return MetricFamily.Counter("vfleet_pf_reporter_errors", "Errors of a devlink health reporter since the driver began.",
            [.. pfs.SelectMany(pf => pf.Health.Reporters
                .Select(each => new Sample(pf.Labels.With(("reporter", each.Name)), each.Errors)))]);
        yield return MetricFamily.Gauge("vfleet_pf_reporter_healthy", "0 while the driver has not recovered from an error.",
            [.. pfs.SelectMany(pf => pf.Health.Reporters
                .Select(each => new Sample(pf.Labels.With(("reporter", each.Name)), each.Healthy)))]);
        yield return MetricFamily.Gauge("vfleet_vf_health", "How the VF fares as passes have judged it: 0 healthy, 1 degraded, 2 failed.",
        [
            .. from vf in reading.Node.Machine.Vfs
               let row = reading.Node.Vfs.GetValueOrDefault(vf.Label)
               where row is not null
               select new Sample(reading.Labels.Of(reading.Host, vf), ValueOf(row.Health)),
        ]);
        yield return MetricFamily.Gauge("vfleet_telemetry_skipped",
            "What could not be read and is missing here, as behind a driver that hangs.",
            [.. reading.Skipped.Select(part => new Sample(LabelSet.Of(("host", reading.Host), ("what", part.What), ("bdf", part.Device)), 1))]);
    }

    private static int ValueOf(HealthLevel level) => level switch
    {
        HealthLevel.Degraded => 1,
        HealthLevel.Failed => 2,
        _ => 0,
    };
}
