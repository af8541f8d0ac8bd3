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
    public static InterruptReading? Read(IFileTree files, IEnumerable<VirtualFunction> vfs)
    {
        // Without the file nothing is known, which is not zero.
        if (files.ReadText("/proc/interrupts").Or(null) is not { } text)
            return InterruptReading.None;
        if (text.Length >= IFileTree.LongestText - 1)
            return null;
        InterruptTable table = Parse(text);
        PciInterrupts interrupts = new(files);
        Dictionary<string, IReadOnlyList<VectorInterrupts>> found = new(StringComparer.Ordinal);
        foreach (VirtualFunction vf in vfs)
        {
            if (vf.Address is not { } address || vf.Driver is null)
                continue;
            VectorInterrupts[] own =
            [
                .. (interrupts.Vectors(address).Or(null) ?? []).Select((number, vector) => (number, vector))
                    .Where(each => table.Counts.ContainsKey(each.number))
                    .Select(each => new VectorInterrupts(
                        each.vector, each.number, interrupts.Affinity(each.number).Or(null), table.Counts[each.number])),
            ];
            if (own.Length > 0)
                found[vf.Label] = own;
        }
        return new InterruptReading(found, table);
    }

    /// <summary>Interrupts of each number on each CPU. What is no line of a numbered interrupt is passed over.</summary>
    internal static InterruptTable Parse(string text)
    {
        Dictionary<int, ulong[]> counts = [];
        InterruptLines lines = new(text);
        while (lines.MoveNext())
        {
            ulong[] row = new ulong[lines.Cpus.Length];
            for (int i = 0; i < row.Length && lines.TryTakeCount(out row[i]); i++)
            {
            }
            counts[lines.Number] = row;
        }
        return new InterruptTable(lines.Cpus, counts);
    }
}

/// <summary>Interrupts of a machine since it was booted.</summary>
/// <param name="OfVfs">Vectors of each VF that has any, by VF.</param>
/// <param name="Table">All numbered interrupts.</param>
public sealed record InterruptReading(IReadOnlyDictionary<string, IReadOnlyList<VectorInterrupts>> OfVfs, InterruptTable Table)
{
    /// <summary>Nothing is known.</summary>
    public static InterruptReading None { get; } = new(new Dictionary<string, IReadOnlyList<VectorInterrupts>>(), new InterruptTable([], new Dictionary<int, ulong[]>()));
}

/// <summary>/proc/interrupts.</summary>
/// <param name="Cpus">The numbers of its columns.</param>
/// <param name="Counts">Interrupts in each column, by the interrupt's number.</param>
public sealed record InterruptTable(IReadOnlyList<int> Cpus, IReadOnlyDictionary<int, ulong[]> Counts);

/// <summary>A vector of a VF.</summary>
/// <param name="Vector">Its place among the function's vectors, from 0.</param>
/// <param name="Number">The kernel's number for it.</param>
/// <param name="Affinity">The CPUs it may go to; null where nobody has requested it.</param>
/// <param name="Counts">Interrupts in each column of the table.</param>
public sealed record VectorInterrupts(int Vector, int Number, CpuList? Affinity, ulong[] Counts)
{
    /// <summary>Over all CPUs.</summary>
    public ulong Total => Counts.Aggregate(0UL, (sum, count) => sum + count);
}
