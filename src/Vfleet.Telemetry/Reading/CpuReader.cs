using System.Globalization;

namespace Vfleet.Telemetry.Reading;

/// <summary>What CPUs did, from /proc/stat (proc_stat(5)), in ticks of 1/100 s (USER_HZ).</summary>
internal static class CpuReader
{
    /// <summary>Ticks in a second of the kernel's files (include/asm-generic/param.h).</summary>
    public const double TicksPerSecond = 100;

    private const int Softirq = 7, Steal = 8;

    /// <summary>Each CPU's times; none where the file cannot be read.</summary>
    public static IReadOnlyList<CpuTimes> Read(IFileTree files)
    {
        List<CpuTimes> found = [];
        foreach (string line in (files.ReadText("/proc/stat").Or(null) ?? "").Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > Steal && words[0].StartsWith("cpu", StringComparison.Ordinal)
                && int.TryParse(words[0].AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out int cpu)
                && TryTicks(words[Softirq], out ulong softirq) && TryTicks(words[Steal], out ulong steal))
                found.Add(new CpuTimes(cpu, softirq, steal));
        }
        return found;
    }

    private static bool TryTicks(string word, out ulong ticks) => ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out ticks);
}

/// <summary>Times of a CPU since boot, ticks.</summary>
/// <param name="Cpu">Its number.</param>
/// <param name="Softirq">In soft interrupts, where packets are taken from NICs.</param>
/// <param name="Steal">Taken away by a hypervisor below.</param>
public readonly record struct CpuTimes(int Cpu, ulong Softirq, ulong Steal);

/// <summary>
/// Estimates the time that soft interrupts took for each VF: the kernel counts it for each CPU alone, so between two readings each CPU's share goes
/// to the VFs by their part of the numbered interrupts it took. Begins at 0 with the process. Not safe for concurrent use.
/// </summary>
internal sealed class SoftirqShares
{
    private readonly Dictionary<string, double> _seconds = new(StringComparer.Ordinal);
    private Dictionary<string, ulong[]> _vfs = new(StringComparer.Ordinal);
    private Dictionary<int, (ulong Softirq, ulong Interrupts)> _cpus = [];

    /// <summary>Seconds of each VF so far.</summary>
    /// <param name="interrupts">A reading of interrupts; null where there is none, and then they stay.</param>
    /// <param name="cpus">CPUs' times of the same instant.</param>
    public IReadOnlyDictionary<string, double> Advance(InterruptReading? interrupts, IReadOnlyList<CpuTimes> cpus)
    {
        if (interrupts is null)
            return new Dictionary<string, double>(_seconds, StringComparer.Ordinal);
        InterruptTable table = interrupts.Table;
        Dictionary<int, CpuTimes> times = cpus.ToDictionary(each => each.Cpu);
        Dictionary<int, (ulong Softirq, ulong Interrupts)> now = [];
        double[] secondsPerInterrupt = new double[table.Cpus.Count];
        for (int column = 0; column < table.Cpus.Count; column++)
        {
            int cpu = table.Cpus[column];
            if (!times.TryGetValue(cpu, out CpuTimes time))
                continue;
            ulong all = table.Counts.Values.Aggregate(0UL, (sum, row) => sum + row[column]);
            now[cpu] = (time.Softirq, all);
            if (_cpus.TryGetValue(cpu, out var before) && all > before.Interrupts && time.Softirq > before.Softirq)
                secondsPerInterrupt[column] = (time.Softirq - before.Softirq) / CpuReader.TicksPerSecond / (all - before.Interrupts);
        }
        Dictionary<string, ulong[]> vfs = interrupts.OfVfs.ToDictionary(each => each.Key, each => SumOf(each.Value, table.Cpus.Count), StringComparer.Ordinal);
        foreach ((string vf, ulong[] counts) in vfs)
        {
            double sum = _seconds.GetValueOrDefault(vf);
            if (_vfs.TryGetValue(vf, out ulong[]? last) && last.Length == counts.Length)
            {
                for (int column = 0; column < counts.Length; column++)
                    sum += counts[column] > last[column] ? (counts[column] - last[column]) * secondsPerInterrupt[column] : 0;
            }
            _seconds[vf] = sum;
        }
        foreach (string gone in _seconds.Keys.Except(vfs.Keys).ToArray())
            _seconds.Remove(gone);
        (_vfs, _cpus) = (vfs, now);
        return new Dictionary<string, double>(_seconds, StringComparer.Ordinal);
    }

    private static ulong[] SumOf(IReadOnlyList<VectorInterrupts> vectors, int columns)
    {
        ulong[] sum = new ulong[columns];
        foreach (VectorInterrupts vector in vectors)
        {
            for (int column = 0; column < columns; column++)
                sum[column] += vector.Counts[column];
        }
        return sum;
    }
}
