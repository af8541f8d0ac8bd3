using Vfleet.Host.Inventory;
using Vfleet.Linux.Pci;
using Vfleet.Telemetry.Reading;

namespace Vfleet.Telemetry.Recent;

/// <summary>
/// Interrupts of VFs every few seconds: sums over all CPUs, and each VF's vectors looked up anew only where they can have changed, with its driver or
/// interface, and each minute. Not safe for concurrent use.
/// </summary>
/// <param name="files">The kernel's files.</param>
/// <param name="time">Clock.</param>
internal sealed class InterruptCounts(IFileTree files, TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private readonly PciInterrupts _vectors = new(files);
    private readonly Dictionary<int, ulong> _counts = [];
    private Dictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>Interrupts of each VF since boot; none of a VF without vectors, and of no VF where the file cannot be read whole.</summary>
    public IReadOnlyDictionary<string, ulong> Read(IReadOnlyList<VirtualFunction> vfs)
    {
        Dictionary<string, ulong> found = new(StringComparer.Ordinal);
        Dictionary<string, Known> known = new(StringComparer.Ordinal);
        if (!vfs.Any(HasVectors) || files.ReadText("/proc/interrupts").Or(null) is not { Length: < IFileTree.LongestText - 1 } text)
            return found;
        Parse(text, _counts);
        foreach (VirtualFunction vf in vfs)
        {
            if (!HasVectors(vf))
                continue;
            Known of = known[vf.Label] = VectorsOf(vf);
            ulong sum = 0;
            int seen = 0;
            foreach (int number in of.Vectors)
            {
                if (_counts.TryGetValue(number, out ulong count))
                    (sum, seen) = (sum + count, seen + 1);
            }
            if (seen > 0)
                found[vf.Label] = sum;
        }
        _known = known;
        return found;
    }

    /// <summary>Interrupts of each number over all CPUs. What is no line of a numbered interrupt is passed over.</summary>
    internal static void Parse(ReadOnlySpan<char> text, Dictionary<int, ulong> counts)
    {
        counts.Clear();
        InterruptLines lines = new(text);
        while (lines.MoveNext())
        {
            ulong sum = 0;
            for (int cpu = 0; cpu < lines.Cpus.Length && lines.TryTakeCount(out ulong count); cpu++)
                sum += count;
            counts[lines.Number] = sum;
        }
    }

    private static bool HasVectors(VirtualFunction vf) => vf is { Address: not null, Driver: not null };

    private Known VectorsOf(VirtualFunction vf)
    {
        if (_known.TryGetValue(vf.Label, out Known? known) && known.Driver == vf.Driver && known.Interface == vf.Link?.Index
            && known.IsUp == vf.Link?.IsUp && time.GetElapsedTime(known.At) < Longest)
            return known;
        return new Known(vf.Driver, vf.Link?.Index, vf.Link?.IsUp, time.GetTimestamp(), _vectors.Vectors(vf.Address!.Value).Or(null) ?? []);
    }

    /// <param name="Driver">The driver that has them.</param>
    /// <param name="Interface">The index of its interface.</param>
    /// <param name="IsUp">Drivers take and give vectors as it goes up and down.</param>
    /// <param name="At">When they were looked up.</param>
    /// <param name="Vectors">Numbers of the vectors.</param>
    private sealed record Known(string? Driver, int? Interface, bool? IsUp, long At, IReadOnlyList<int> Vectors);
}
