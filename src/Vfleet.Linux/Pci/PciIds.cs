using System.Buffers;

namespace Vfleet.Linux.Pci;

/// <summary>A device as the machine names it.</summary>
/// <param name="Vendor">Vendor id.</param>
/// <param name="Device">Device id.</param>
public readonly record struct PciId(ushort Vendor, ushort Device);

/// <summary>A device as people name it; null where the list does not have it, or there is no list.</summary>
/// <param name="Vendor">Such as <c>Intel Corporation</c>.</param>
/// <param name="Device">Such as <c>82576 Gigabit Network Connection</c>.</param>
public readonly record struct PciIdNames(string? Vendor, string? Device);

/// <summary>
/// Names from pci.ids (pciids.sourceforge.net). The file has 1.5 MB: it is searched as bytes for the ids in question, and nothing
/// of it is kept.
/// </summary>
/// <param name="files">The kernel's files.</param>
public sealed class PciIds(IFileTree files)
{
    private const int UsualSize = 2 << 20;
    private const int LargestSize = 16 << 20;

    /// <summary>Where distributions put the list, in the order they are tried.</summary>
    public static IReadOnlyList<string> Paths { get; } = ["/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids"];

    /// <summary>Names of some ids, in one pass over the file. Equivalent to <c>lspci -d VENDOR:DEVICE</c>.</summary>
    /// <returns>One entry per different id; all its names are null without a list.</returns>
    public IReadOnlyDictionary<PciId, PciIdNames> Find(IEnumerable<PciId> ids)
    {
        Dictionary<PciId, PciIdNames> names = ids.Distinct().ToDictionary(id => id, _ => default(PciIdNames));
        if (names.Count > 0 && Paths.FirstOrDefault(files.Exists) is string path)
            Search(path, names, UsualSize);
        return names;
    }

    private void Search(string path, Dictionary<PciId, PciIdNames> names, int size)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            // A list that cannot be read is a list that is not there: names are a courtesy.
            if (!files.ReadBytes(path, buffer).Try(out int length, out _))
                return;
            if (length < buffer.Length || size >= LargestSize)
            {
                PciIdsText.Search(buffer.AsSpan(0, length), names);
                return;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        Search(path, names, size * 2);
    }
}
