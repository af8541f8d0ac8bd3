using System.Globalization;

namespace Vfleet.Linux.Pci;

/// <summary>What a resource is, from its place in the <c>resource</c> file (include/linux/pci.h, with CONFIG_PCI_IOV).</summary>
public enum PciResourceKind
{
    /// <summary>A base address register, 0 to 5.</summary>
    Bar,

    /// <summary>The expansion ROM.</summary>
    Rom,

    /// <summary>A PF's room for one BAR of all its VFs.</summary>
    VfBar,

    /// <summary>What a bridge passes on.</summary>
    BridgeWindow,
}

/// <summary>An address range of a device.</summary>
/// <param name="Index">Its line in the <c>resource</c> file, 0-based.</param>
/// <param name="Start">First address.</param>
/// <param name="End">Last address.</param>
/// <param name="Flags">IORESOURCE_ bits. Source: include/linux/ioport.h.</param>
public readonly record struct PciResource(int Index, ulong Start, ulong End, ulong Flags)
{
    private const ulong IoBit = 0x100;
    private const ulong PrefetchBit = 0x2000;
    private const ulong Memory64Bit = 0x100000;
    private const ulong UnsetBit = 0x20000000;

    /// <summary>What it is.</summary>
    public PciResourceKind Kind => Index switch
    {
        < 6 => PciResourceKind.Bar,
        6 => PciResourceKind.Rom,
        < 13 => PciResourceKind.VfBar,
        _ => PciResourceKind.BridgeWindow,
    };

    /// <summary>Length in bytes; 0 for one the kernel could not place.</summary>
    public ulong Size => End >= Start ? unchecked(End - Start + 1) : 0;

    /// <summary>True for I/O ports, false for memory.</summary>
    public bool IsIo => (Flags & IoBit) != 0;

    /// <summary>True for memory that may lie above 4 GiB.</summary>
    public bool Is64Bit => (Flags & Memory64Bit) != 0;

    /// <summary>True for memory whose reads have no side effects.</summary>
    public bool IsPrefetchable => (Flags & PrefetchBit) != 0;

    /// <summary>True for one the kernel found no room for (IORESOURCE_UNSET).</summary>
    public bool IsUnassigned => (Flags & UnsetBit) != 0;

    /// <summary>Parses the file: lines of start, end and flags; unused ones have flags 0 and are left out.</summary>
    internal static IReadOnlyList<PciResource> Parse(string text)
    {
        List<PciResource> resources = [];
        string[] lines = text.Split('\n');
        for (int index = 0; index < lines.Length; index++)
        {
            string[] fields = lines[index].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 3
                && Hex(fields[0]) is ulong start && Hex(fields[1]) is ulong end && Hex(fields[2]) is ulong flags && flags != 0)
                resources.Add(new PciResource(index, start, end, flags));
        }

        return resources;
    }

    private static ulong? Hex(string text) =>
        text.StartsWith("0x", StringComparison.Ordinal)
        && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value)
            ? value
            : null;
}
