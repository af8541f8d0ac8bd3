using System.Globalization;
using Vfleet.Host.Inventory;
using Vfleet.Linux.Pci;

namespace Vfleet.Telemetry.Reading;

/// <summary>
/// Interrupts of VFs: the lines of /proc/interrupts (proc_interrupts(5)) whose numbers the function lists as its vectors, because numbers
/// are given again and names can be alike in two namespaces.
/// </summary>
internal static class InterruptReader
{
    /// <summary>Interrupts of each VF that has vectors, by VF.</summary>
    /// <param name="files">The kernel's files.</param>
    /// <param name="vfs">The VFs.</param>
    /// <returns>Null where the file is longer than is read: sums of a part of it would be wrong.</returns>
    public static IReadOnlyDictionary<string, ulong>? Read(IFileTree files, IEnumerable<VirtualFunction> vfs)
    {
        Dictionary<string, ulong> found = new(StringComparer.Ordinal);
        // Without the file nothing is known, which is not zero.
        if (files.ReadText("/proc/interrupts").Or(null) is not { } text)
            return found;
        if (text.Length >= IFileTree.LongestText - 1)
            return null;
        Dictionary<int, ulong> counts = Parse(text);
        PciInterrupts interrupts = new(files);
        foreach (VirtualFunction vf in vfs)
        {
            if (vf.Address is not { } address || vf.Driver is null)
                continue;
            ulong[] own = [.. (interrupts.Vectors(address).Or(null) ?? []).Where(counts.ContainsKey).Select(number => counts[number])];
            if (own.Length > 0)
                found[vf.Label] = own.Aggregate(0UL, (sum, count) => sum + count);
        }
        return found;
    }

    /// <summary>Interrupts of each number over all CPUs. What is no line of a numbered interrupt is passed over.</summary>
    internal static Dictionary<int, ulong> Parse(string text)
    {
        Dictionary<int, ulong> counts = [];
        string[] lines = text.Split('\n');
        int cpus = lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
        foreach (string line in lines.Skip(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || !int.TryParse(line.AsSpan(0, colon).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                continue;
            ulong sum = 0;
            foreach (string word in line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(cpus))
            {
                if (!ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out ulong count))
                    break;
                sum += count;
            }
            counts[number] = sum;
        }
        return counts;
    }
}
