using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Route;

/// <summary>
/// Reads IFLA_VFINFO_LIST by count. The kernel writes the list whole, but its own length field has 16 bits and wraps at 222 VFs with
/// counters, 335 without; each entry's length is right. Source: net/core/rtnetlink.c rtnl_fill_vf.
/// </summary>
internal static class VfListParser
{
    /// <param name="list">From the list's first entry to the end of the message.</param>
    /// <param name="count">IFLA_NUM_VF, which the kernel writes before the list.</param>
    /// <param name="rest">What follows the list.</param>
    public static List<VfInfo> Parse(ReadOnlySpan<byte> list, int count, out ReadOnlySpan<byte> rest)
    {
        List<VfInfo> found = new(Math.Min(count, list.Length / AttributeReader.HeaderSize));
        VfEntryLayout layout = new();
        AttributeReader reader = new(list);
        rest = list;
        while (found.Count < count && reader.Read() && reader.Type == VfAttribute.Info)
        {
            if (!layout.Fits(reader.Value))
                layout.Learn(reader.Value);
            // The index stands in every entry; one that does not continue the count is not an entry of this list.
            if (layout.Index(reader.Value) is { } index && index != found.Count)
                break;
            found.Add(layout.Read(reader.Value, found.Count));
            rest = reader.Rest;
        }
        return found;
    }
}
