using System.Globalization;
using Vfleet.Host.Inventory;
using Vfleet.Linux.Route;
using Vfleet.Node.Ledger;
using Vfleet.Telemetry.Exposition;
using Vfleet.Telemetry.Reading;

namespace Vfleet.Telemetry.Metrics;

/// <summary>What PFs and VFs are: whom a VF is for, its settings, carriers, interrupts.</summary>
internal static class DeviceFamilies
{
    public static IEnumerable<MetricFamily> Of(TelemetryReading reading)
    {
        (VirtualFunction Vf, LedgerAllocation? Owner, LabelSet Labels)[] vfs =
            [.. reading.VfsWithOwners().Select(each => (each.Vf, each.Allocation, reading.Labels.Of(reading.Host, each.Vf)))];
        yield return MetricFamily.Info("vfleet_vf", "A VF, its pool and whom it is for.",
            [.. vfs.Select(each => new Sample(Info(reading, each.Vf, each.Owner), 1))]);
        yield return MetricFamily.Info("vfleet_vf_settings", "A VF's settings as its PF's driver reports them.",
            [.. vfs.Where(each => each.Vf.Settings is not null).Select(each => new Sample(Settings(each.Labels, each.Vf.Settings!), 1))]);
        yield return MetricFamily.Gauge("vfleet_vf_carrier", "1 while the VF's interface has a carrier.",
            [.. vfs.Where(each => each.Vf.Link is not null).Select(each => new Sample(each.Labels, each.Vf.Link!.HasCarrier))]);
        yield return MetricFamily.Counter("vfleet_vf_carrier_losses",
            "How often the VF's interface lost its carrier since its driver made it.",
            [.. vfs.Where(each => each.Vf.Link?.CarrierLosses is not null)
                .Select(each => new Sample(each.Labels, (ulong)each.Vf.Link!.CarrierLosses!.Value))]);
        yield return MetricFamily.Counter("vfleet_vf_interrupts", "Interrupts of the VF's vectors over all CPUs.",
            [.. vfs.Where(each => reading.Interrupts.ContainsKey(each.Vf.Label))
                .Select(each => new Sample(each.Labels, reading.Interrupts[each.Vf.Label].Aggregate(0UL, (sum, vector) => sum + vector.Total)))]);
        yield return MetricFamily.Counter("vfleet_vf_vector_interrupts", "Interrupts of one of the VF's vectors over all CPUs.",
            [.. VectorsOf(reading, vfs).Select(each => new Sample(each.Labels, each.Vector.Total))]);
        yield return MetricFamily.Info("vfleet_vf_vector", "A vector of the VF: the kernel's number for it and the CPUs it may go to.",
            [.. VectorsOf(reading, vfs).Select(each => new Sample(
                each.Labels.With(("irq", VfLabels.Text(each.Vector.Number)), ("cpus", each.Vector.Affinity?.ToString())), 1))]);
        foreach (MetricFamily family in OfPfs(reading))
            yield return family;
    }

    private static IEnumerable<(LabelSet Labels, VectorInterrupts Vector)> VectorsOf(
        TelemetryReading reading, IEnumerable<(VirtualFunction Vf, LedgerAllocation? Owner, LabelSet Labels)> vfs) =>
        from vf in vfs
        from vector in reading.Interrupts.GetValueOrDefault(vf.Vf.Label) ?? []
        select (vf.Labels.With(("vector", VfLabels.Text(vector.Vector))), vector);

    private static IEnumerable<MetricFamily> OfPfs(TelemetryReading reading)
    {
        (PhysicalFunction Pf, LabelSet Labels)[] pfs = [.. reading.Node.Machine.Pfs.Select(pf => (pf, VfLabels.Of(reading.Host, pf)))];
        yield return MetricFamily.Info("vfleet_pf", "A PF with its driver and firmware.",
        [
            .. from each in pfs
               let versions = reading.Versions[each.Pf.DeviceName]
               select new Sample(each.Labels.With(("driver", each.Pf.Driver), ("driver_version", versions.Driver),
                   ("firmware_version", versions.Firmware), ("numa_node", VfLabels.Text(each.Pf.NumaNode))), 1),
        ]);
        yield return MetricFamily.Gauge("vfleet_pf_vfs", "VFs that exist on the PF.",
            [.. pfs.Select(each => new Sample(each.Labels, each.Pf.NumVfs))]);
        yield return MetricFamily.Gauge("vfleet_pf_speed_mbps", "Speed of the PF's link in Mbit/s, while it has a carrier.",
            [.. pfs.Where(each => each.Pf.LinkSpeedMbps is not null).Select(each => new Sample(each.Labels, each.Pf.LinkSpeedMbps!.Value))]);
        yield return MetricFamily.Gauge("vfleet_pf_carrier", "1 while the PF's interface has a carrier.",
            [.. pfs.Where(each => each.Pf.HasCarrier is not null).Select(each => new Sample(each.Labels, each.Pf.HasCarrier!.Value))]);
    }

    private static LabelSet Info(TelemetryReading reading, VirtualFunction vf, LedgerAllocation? owner)
    {
        LedgerVf? row = reading.Node.Vfs.GetValueOrDefault(vf.Label);
        return VfLabels.Of(reading.Host, vf, reading.Node.Pools.PoolOf(vf)?.Name ?? row?.Pool, owner)
            .With(("driver", vf.Driver), ("interface", vf.Link?.Name), ("state", row?.State.Name().ToLowerInvariant()));
    }

    private static LabelSet Settings(LabelSet labels, VfInfo settings) => labels.With(
        ("mac", settings.Mac?.ToString()),
        ("vlan", VfLabels.Text(settings.Vlan)),
        ("qos", VfLabels.Text(settings.VlanQos)),
        ("vlan_protocol", settings.VlanProtocol switch { VlanProtocol.Dot1Q => "802.1Q", VlanProtocol.Dot1Ad => "802.1ad", _ => null }),
        ("spoof_check", Switch(settings.SpoofCheck)),
        ("trust", Switch(settings.Trust)),
        ("link_state", settings.LinkState?.ToString().ToLowerInvariant()),
        ("min_tx_rate_mbps", settings.MinTxRateMbps?.ToString(CultureInfo.InvariantCulture)),
        ("max_tx_rate_mbps", settings.MaxTxRateMbps?.ToString(CultureInfo.InvariantCulture)));

    private static string? Switch(bool? setting) => setting switch { true => "on", false => "off", null => null };
}
