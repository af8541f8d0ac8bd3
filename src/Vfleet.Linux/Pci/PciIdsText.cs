using System.Globalization;
using System.Text;

namespace Vfleet.Linux.Pci;

/// <summary>
/// The format of pci.ids: a vendor's line starts with four hex digits and two spaces, its devices' lines follow with a tab before,
/// subsystems' with two. Vendors stand in ascending order, but that is not relied on.
/// </summary>
internal static class PciIdsText
{
    /// <summary>Fills in the names the text has.</summary>
    public static void Search(ReadOnlySpan<byte> text, Dictionary<PciId, PciIdNames> names)
    {
        foreach (IGrouping<ushort, PciId> vendor in names.Keys.ToArray().GroupBy(id => id.Vendor))
        {
            ReadOnlySpan<byte> block = Block(text, vendor.Key, out string? vendorName);
            foreach (PciId id in vendor)
                names[id] = new PciIdNames(vendorName, Device(block, id.Device));
        }
    }

    // From the end of the vendor's line to the next line that starts with neither a tab nor a remark.
    private static ReadOnlySpan<byte> Block(ReadOnlySpan<byte> text, ushort vendor, out string? name)
    {
        name = null;
        ReadOnlySpan<byte> rest = After(text, Key("\n", vendor), Key("", vendor));
        if (rest.IsEmpty)
            return rest;
        name = Line(rest);
        int end = 0;
        while (rest[end..].IndexOf((byte)'\n') is var next and >= 0)
        {
            end += next + 1;
            if (end >= rest.Length || rest[end] is not ((byte)'\t' or (byte)'#'))
                break;
        }

        return rest[..end];
    }

    private static string? Device(ReadOnlySpan<byte> block, ushort device)
    {
        ReadOnlySpan<byte> rest = After(block, Key("\n\t", device), default);
        return rest.IsEmpty ? null : Line(rest);
    }

    private static ReadOnlySpan<byte> After(ReadOnlySpan<byte> text, ReadOnlySpan<byte> key, ReadOnlySpan<byte> keyAtStart)
    {
        if (!keyAtStart.IsEmpty && text.StartsWith(keyAtStart))
            return text[keyAtStart.Length..];
        int found = text.IndexOf(key);
        return found < 0 ? default : text[(found + key.Length)..];
    }

    private static byte[] Key(string before, ushort id) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{before}{id:x4}  "));

    private static string? Line(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)'\n');
        string name = Encoding.UTF8.GetString(end < 0 ? text : text[..end]).Trim();
        return name.Length == 0 ? null : name;
    }
}
