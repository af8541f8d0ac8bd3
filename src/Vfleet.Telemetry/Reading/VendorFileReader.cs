using System.Globalization;
using Vfleet.Host.Inventory;

namespace Vfleet.Telemetry.Reading;

/// <summary>
/// Counters of VFs that vendors' own drivers show as files, <c>/sys/class/net/PF/device/sriov/VF/stats</c>: today's exporter tells each of them under its
/// own name.
/// </summary>
internal static class VendorFileReader
{
    private const int LongestName = 63, MostFiles = 256;

    /// <summary>Counters of each VF that has such files, by VF and name.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, ulong>> Read(IFileTree files, MachineInventory machine)
    {
        Dictionary<string, IReadOnlyDictionary<string, ulong>> found = new(StringComparer.Ordinal);
        HashSet<string> with = [.. machine.Pfs.Where(pf => files.Exists($"{pf.SysfsPath}/sriov")).Select(pf => pf.DeviceName)];
        foreach (VirtualFunction vf in machine.Vfs.Where(vf => with.Contains(vf.Pf.DeviceName)))
        {
            string folder = string.Create(CultureInfo.InvariantCulture, $"{vf.Pf.SysfsPath}/sriov/{vf.Index}/stats");
            Dictionary<string, ulong> counters = new(StringComparer.Ordinal);
            foreach (string name in (files.List(folder).Or(null) ?? []).Where(IsName).Take(MostFiles))
            {
                if (ulong.TryParse(files.ReadText($"{folder}/{name}").Or(null), NumberStyles.None, CultureInfo.InvariantCulture, out ulong value))
                    counters[name] = value;
            }
            if (counters.Count > 0)
                found[vf.Label] = counters;
        }
        return found;
    }

    private static bool IsName(string name) => name.Length <= LongestName && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');
}
