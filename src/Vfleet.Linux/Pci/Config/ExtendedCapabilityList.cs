using System.Collections;

namespace Vfleet.Linux.Pci.Config;

/// <summary>
/// Walks the extended capability list (7.6.3), which starts at 0x100: bits 15:0 the id, 19:16 the version, 31:20 the next offset.
/// Circles and garbage end the walk.
/// </summary>
internal sealed class ExtendedCapabilityList
{
    private readonly List<ExtendedCapability> _items = [];

    /// <summary>The entries found.</summary>
    public IReadOnlyList<ExtendedCapability> Items => _items;

    /// <summary>True where the bytes at hand ended before the list did.</summary>
    public bool IsCut { get; private set; }

    /// <summary>True where an entry was met twice, or an offset was no offset of a capability.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Offset of the first entry with an id, or -1.</summary>
    public int Find(ExtendedCapabilityId id)
    {
        int index = _items.FindIndex(item => item.Id == id);
        return index < 0 ? -1 : _items[index].Offset;
    }

    /// <summary>Walks the list of a configuration space; only PCI Express functions have one.</summary>
    public static ExtendedCapabilityList Walk(ConfigBytes config, CapabilityList capabilities)
    {
        ExtendedCapabilityList list = new();
        if (config.Length > ConfigSpace.ConventionalSize)
            list.Follow(config);
        else
            list.IsCut = capabilities.Find(CapabilityId.Express) >= 0;
        return list;
    }

    private void Follow(ConfigBytes config)
    {
        BitArray seen = new(ConfigSpace.ExtendedSize / 4);
        for (int offset = ConfigSpace.ConventionalSize; offset != 0;)
        {
            if (offset < ConfigSpace.ConventionalSize || seen[offset / 4])
            {
                IsMalformed = true;
                return;
            }

            seen[offset / 4] = true;
            if (config.Dword(offset) is not uint header)
            {
                IsCut = true;
                return;
            }

            // All zeroes at 0x100 is an empty list; all ones is a space that is not there.
            if (header is 0 or uint.MaxValue)
            {
                IsMalformed = header != 0 && _items.Count > 0;
                return;
            }

            _items.Add(new ExtendedCapability((ExtendedCapabilityId)(ushort)header, (byte)((header >> 16) & 0xf), (ushort)offset));
            offset = (int)(header >> 20) & 0xffc;
        }
    }
}
