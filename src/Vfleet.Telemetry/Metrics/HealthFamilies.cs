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
        yield return new MetricFamily("vfleet_pf_pcie_errors", MetricKind.Counter, "PCIe errors of the PF since it was found (AER).", null,
        [
            .. from pf in pfs
               from each in ((string Severity, ulong? Count)[])[
                   ("correctable", pf.Health.CorrectableErrors), ("nonfatal", pf.Health.NonFatalErrors), ("fatal", pf.Health.FatalErrors)]
               where each.Count is not null
               select new Sample(pf.Labels.With(("severity", each.Severity)), each.Count!.Value),
        ]);
        yield return new MetricFamily("vfleet_pf_spoofed_packets", MetricKind.Counter, "Frames that VFs sent with a forged source, where the PF's driver counts them.", null,
            [.. pfs.Where(pf => pf.Health.SpoofedPackets is not null).Select(pf => new Sample(pf.Labels, pf.Health.SpoofedPackets!.Value))]);
        yield return new MetricFamily("vfleet_pf_carrier_losses", MetricKind.Counter, "How often the PF's interface lost its carrier since its driver made it.", null,
            [.. pfs.Where(pf => pf.Health.CarrierLosses is not null).Select(pf => new Sample(pf.Labels, (ulong)pf.Health.CarrierLosses!.Value))]);
        yield return new MetricFamily("vfleet_pf_reporter_errors", MetricKind.Counter, "Errors of a devlink health reporter since the driver began.", null,
            [.. pfs.SelectMany(pf => pf.Health.Reporters.Select(each => new Sample(pf.Labels.With(("reporter", each.Name)), each.Errors)))]);
        yield return new MetricFamily("vfleet_pf_reporter_healthy", MetricKind.Gauge, "0 while the driver has not recovered from an error.", null,
            [.. pfs.SelectMany(pf => pf.Health.Reporters.Select(each => new Sample(pf.Labels.With(("reporter", each.Name)), each.Healthy)))]);
        yield return new MetricFamily("vfleet_vf_health", MetricKind.Gauge, "How the VF fares as passes have judged it: 0 healthy, 1 degraded, 2 failed.", null,
        [
            .. from vf in reading.Node.Machine.Vfs
               let row = reading.Node.Vfs.GetValueOrDefault(vf.Label)
               where row is not null
               select new Sample(VfLabels.Of(reading.Host, vf), row.Health switch { HealthLevel.Degraded => 1, HealthLevel.Failed => 2, _ => 0 }),
        ]);
        yield return new MetricFamily("vfleet_telemetry_skipped", MetricKind.Gauge, "What could not be read and is missing here, as behind a driver that hangs.", null,
            [.. reading.Skipped.Select(what => new Sample(LabelSet.Of(("host", reading.Host), ("what", what)), 1))]);
    }
}
