using Vfleet.Linux.Route;
using Vfleet.Node.Reconcile;
using Vfleet.Telemetry.Drivers;
using Vfleet.Telemetry.Exposition;
using Vfleet.Telemetry.Reading;

namespace Vfleet.Telemetry.Metrics;

/// <summary>Signs that a VF is not kept from others, maintenance, and migrations.</summary>
internal static class IsolationFamilies
{
    public static IEnumerable<MetricFamily> Of(TelemetryReading reading)
    {
        yield return MetricFamily.Counter("vfleet_isolation_breaches",
            "Signs that VFs are not kept from each other, by kind.", [.. Breaches(reading)]);
        yield return MetricFamily.Gauge("vfleet_maintenance", "1 while the PF, or without one the whole machine, is under maintenance.",
            [.. reading.Maintenance.Select(window => new Sample(LabelSet.Of(("host", reading.Host), ("pf", NameOf(reading, window))), 1))]);
        LabelSet host = LabelSet.Of(("host", reading.Host));
        yield return MetricFamily.Counter("vfleet_migrations", "Migrations of VMs with VFs.", [new Sample(host, 0UL)]);
        yield return MetricFamily.Counter("vfleet_migration_failures", "Migrations of VMs with VFs that failed.", [new Sample(host, 0UL)]);
    }

    private static IEnumerable<Sample> Breaches(TelemetryReading reading)
    {
        foreach (var pf in reading.Node.Machine.Pfs)
        {
            LabelSet labels = VfLabels.Of(reading.Host, pf);
            foreach (string kind in (string[])[IsolationWatch.Mac, IsolationWatch.Vlan])
                yield return Breach(labels, kind, reading.Collisions.GetValueOrDefault((pf.DeviceName, kind)));
            if (reading.PfHealth.FirstOrDefault(health => health.Label == pf.Label)?.SpoofedPackets is { } spoofed)
                yield return Breach(labels, "spoof", spoofed);
            foreach (DeviceCounter counter in reading.Devices.GetValueOrDefault(pf.DeviceName) ?? [])
            {
                if (counter is { Group: CounterGroup.Hardware, Name: "malicious_driver" })
                    yield return Breach(labels, counter.Name, counter.Value);
            }
        }
        foreach (var vf in reading.Node.Machine.Vfs)
        {
            if (vf.Link?.Statistics?.Causes.GetValueOrDefault(LinkErrorCause.RxOtherHost) is > 0 and { } foreign)
                yield return Breach(reading.Labels.Of(reading.Host, vf), "foreign_frames", foreign);
        }
        if (reading.Drifts is { } drifts)
            yield return Breach(LabelSet.Of(("host", reading.Host)), "drift", drifts);
    }

    private static Sample Breach(LabelSet labels, string kind, ulong count) => new(labels.With(("kind", kind)), count);

    /// <summary>The ledger names a PF by its device.</summary>
    private static string? NameOf(TelemetryReading reading, MaintenanceWindow window) =>
        reading.Node.Machine.Pfs.FirstOrDefault(pf => pf.DeviceName == window.Pf)?.Label ?? window.Pf;
}
