using System.Globalization;
using Vfleet.Simulation.Drivers;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Files;

/// <summary>
/// VLAN trunks of VFs, which only vendors' own drivers offer: <c>device/sriov/N/trunk</c> takes <c>add</c> and <c>rem</c>,
/// with a list (Intel) or with the ends of a range (NVIDIA).
/// </summary>
internal static class TrunkFiles
{
    private const int HighestVlan = 4094;

    public static DirectoryNode? Directory(SimulatedMachine machine, PciDevice device)
    {
        if (device is not { Sriov: { } sriov, Traits: { Trunk: not TrunkStyle.None } traits } || device.Driver is null)
            return null;
        return new DirectoryNode(
            name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < sriov.Settings.Length
                ? DirectoryNode.Of(("trunk", Trunk(machine, sriov.Settings[index], traits.Trunk)))
                : null,
            () => Enumerable.Range(0, sriov.Settings.Length).Select(Text));
    }

    private static FileNode Trunk(SimulatedMachine machine, VfSettings vf, TrunkStyle style) => new(
        () => Content.Line(string.Join(',', Runs(vf.Trunk))),
        text =>
        {
            string[] words = text.TrimEnd('\n').Split(' ', StringSplitOptions.RemoveEmptyEntries);
            bool isList = style == TrunkStyle.List;
            if (words.Length != (isList ? 2 : 3) || words[0] is not ("add" or "rem"))
                return Errno.EINVAL;
            if (Parse(isList ? words[1] : $"{words[1]}-{words[2]}") is not { } vlans)
                return Errno.EINVAL;
            lock (machine.Gate)
            {
                if (words[0] == "add")
                    vf.Trunk.UnionWith(vlans);
                else
                    vf.Trunk.ExceptWith(vlans);
            }
            return Errno.None;
        });

    /// <summary>2,4,10-20 as numbers; null where it is no list of VLANs.</summary>
    private static SortedSet<int>? Parse(string list)
    {
        SortedSet<int> vlans = [];
        foreach (string part in list.Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TryVlan(ends[0], out int first) || !TryVlan(ends[^1], out int last) || first > last)
                return null;
            vlans.UnionWith(Enumerable.Range(first, last - first + 1));
        }
        return vlans;
    }

    private static IEnumerable<string> Runs(SortedSet<int> vlans)
    {
        int[] all = [.. vlans];
        for (int at = 0; at < all.Length;)
        {
            int end = at;
            while (end + 1 < all.Length && all[end + 1] == all[end] + 1)
                end++;
            yield return end == at ? Text(all[at]) : $"{Text(all[at])}-{Text(all[end])}";
            at = end + 1;
        }
    }

    private static bool TryVlan(string text, out int vlan) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out vlan) && vlan is > 0 and <= HighestVlan;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
