namespace Vfleet.Linux.Pci.Config;

/// <summary>
/// Walks the capability list (7.5.1.1.11): byte 0 the id, byte 1 the next entry's offset. Circles and garbage end the walk.
/// </summary>
internal sealed class CapabilityList
{
    private const int StatusRegister = 0x06;
    private const int CapabilitiesPointer = 0x34;
    private const ushort StatusHasList = 0x0010;
    private readonly List<Capability> _items = [];

    /// <summary>The entries found.</summary>
    public IReadOnlyList<Capability> Items => _items;

    /// <summary>True where the bytes at hand ended before the list did.</summary>
    public bool IsCut { get; private set; }

    /// <summary>True where an entry was met twice, or an offset was no offset of a capability.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Offset of the first entry with an id, or -1.</summary>
    public int Find(CapabilityId id)
    {
        int index = _items.FindIndex(item => item.Id == id);
        return index < 0 ? -1 : _items[index].Offset;
    }

    /// <summary>Walks the list of a configuration space.</summary>
    public static CapabilityList Walk(ConfigBytes config)
    {
        CapabilityList list = new();
        if (config.Word(StatusRegister) is not ushort status || config.Byte(CapabilitiesPointer) is not byte pointer)
        {
            list.IsCut = true;
            return list;
        }

        if ((status & StatusHasList) != 0)
            list.Follow(config, pointer);
        return list;
    }

    private void Follow(ConfigBytes config, byte pointer)
    {
        ulong seen = 0;
        for (int offset = pointer & 0xfc; offset != 0;)
        {
            ulong mark = 1UL << (offset >> 2);
            if (offset < ConfigSpace.HeaderSize || (seen & mark) != 0)
            {
                IsMalformed = true;
                return;
            }

            seen |= mark;
            if (config.Word(offset) is not ushort header)
            {
                IsCut = true;
                return;
            }

            // An entry that reads all ones is a device that fell off the bus in mid-read.
            if ((header & 0xff) == 0xff)
            {
                IsMalformed = true;
                return;
            }

            _items.Add(new Capability((CapabilityId)(byte)header, (byte)offset));
            offset = (header >> 8) & 0xfc;
        }
    }
}
