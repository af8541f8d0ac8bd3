using Vfleet.Node.Ledger;
using Vfleet.Telemetry.Exposition;
using Vfleet.Telemetry.Reading;

namespace Vfleet.Telemetry.Metrics;

/// <summary>What VFs cost in CPU time: in soft interrupts and in their owners' control groups.</summary>
internal static class CpuFamilies
{
    private const string Unit = "seconds";

    public static IEnumerable<MetricFamily> Of(TelemetryReading reading)
    {
        yield return Seconds("vfleet_vf_softirq_seconds", "Time in soft interrupts that is estimated to be the VF's.",
            [.. reading.Node.Machine.Vfs.Where(vf => reading.SoftirqSeconds.ContainsKey(vf.Label))
                .Select(vf => new Sample(reading.Labels.Of(reading.Host, vf), reading.SoftirqSeconds[vf.Label]))]);
        yield return Seconds("vfleet_owner_cpu_seconds", "CPU time of the control groups of who has VFs.", [.. OfOwners(reading)]);
        foreach ((string name, string help, Func<CpuTimes, ulong> ticks) in ((string, string, Func<CpuTimes, ulong>)[])[
            ("vfleet_cpu_softirq_seconds", "Time of the CPU in soft interrupts.", cpu => cpu.Softirq),
            ("vfleet_cpu_steal_seconds", "Time of the CPU that a hypervisor took away.", cpu => cpu.Steal)])
            yield return Seconds(name, help, [.. reading.Cpus.Select(cpu => new Sample(
                LabelSet.Of(("host", reading.Host), ("cpu", VfLabels.Text(cpu.Cpu))), ticks(cpu) / CpuReader.TicksPerSecond))]);
    }

    private static IEnumerable<Sample> OfOwners(TelemetryReading reading)
    {
        foreach (LedgerAllocation allocation in reading.Node.Allocations)
        {
            if (!reading.OwnerCpu.TryGetValue(allocation.Id, out GroupTimes times))
                continue;
            LabelSet labels = VfLabels.Of(reading.Host, allocation);
            yield return new Sample(labels.With(("mode", "user")), times.User);
            yield return new Sample(labels.With(("mode", "system")), times.System);
        }
    }

    private static MetricFamily Seconds(string name, string help, IReadOnlyList<Sample> samples) => new(name, MetricKind.Counter, help, Unit, samples);
}
