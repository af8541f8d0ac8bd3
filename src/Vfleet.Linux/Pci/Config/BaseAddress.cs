namespace Vfleet.Linux.Pci.Config;

/// <summary>A base address register as it reads (7.5.1.2.1). Its size cannot be read: see the resources of the device.</summary>
/// <param name="Index">Which register it is, 0 to 5; a 64-bit one takes two.</param>
/// <param name="Address">Where the region starts; 0 when none was given.</param>
/// <param name="IsIo">True for I/O ports, false for memory.</param>
/// <param name="Is64Bit">True where it takes two registers.</param>
/// <param name="IsPrefetchable">True where reads have no side effects.</param>
public readonly record struct BaseAddress(int Index, ulong Address, bool IsIo, bool Is64Bit, bool IsPrefetchable)
{
    private const uint IoBit = 0x1;
    private const uint TypeMask = 0x6;
    private const uint Type64 = 0x4;
    private const uint PrefetchBit = 0x8;

    /// <summary>The registers from an offset on; those that read 0 (not there, or a 32-bit one without an address) are left out.</summary>
    internal static IReadOnlyList<BaseAddress> Parse(ConfigBytes config, int offset, int count)
    {
        List<BaseAddress> found = [];
        for (int index = 0; index < count; index++)
        {
            uint low = config.Dword(offset + (index * 4)) ?? 0;
            if (low == 0)
                continue;
            if ((low & IoBit) != 0)
            {
                found.Add(new BaseAddress(index, low & ~0x3u, true, false, false));
                continue;
            }

            bool is64 = (low & TypeMask) == Type64 && index + 1 < count;
            ulong high = is64 ? config.Dword(offset + (index * 4) + 4) ?? 0 : 0;
            found.Add(new BaseAddress(index, (high << 32) | (low & ~0xfu), false, is64, (low & PrefetchBit) != 0));
            if (is64)
                index++;
        }

        return found;
    }
}
