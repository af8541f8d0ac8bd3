namespace Vfleet.Linux.Pci.Config;

/// <summary>Message signalled interrupts (7.7.1).</summary>
/// <param name="Control">Message control, register 0x02.</param>
public sealed record MsiCapability(ushort Control)
{
    private const int Size = 10;
    private const ushort EnableBit = 0x0001;
    private const ushort Address64Bit = 0x0080;
    private const ushort MaskBit = 0x0100;

    /// <summary>True while in use.</summary>
    public bool IsEnabled => (Control & EnableBit) != 0;

    /// <summary>Vectors the function can have, 1 to 32; bits 3:1 are their binary logarithm.</summary>
    public int Vectors => 1 << Math.Min((Control >> 1) & 0x7, 5);

    /// <summary>True where message addresses have 64 bits.</summary>
    public bool Is64Bit => (Control & Address64Bit) != 0;

    /// <summary>True where each vector can be masked.</summary>
    public bool IsMaskable => (Control & MaskBit) != 0;

    internal static MsiCapability? Parse(ConfigBytes config, int offset) =>
        config.TryCapability(offset, Size, out ConfigBytes registers) ? new MsiCapability(registers.Word(0x02) ?? 0) : null;
}

/// <summary>MSI-X (7.7.2).</summary>
/// <param name="Control">Message control, register 0x02.</param>
/// <param name="Table">Table offset and BAR, register 0x04.</param>
/// <param name="PendingBits">Pending bit array's offset and BAR, register 0x08.</param>
public sealed record MsixCapability(ushort Control, uint Table, uint PendingBits)
{
    private const int Size = 12;
    private const ushort EnableBit = 0x8000;
    private const ushort FunctionMaskBit = 0x4000;
    private const ushort TableSizeMask = 0x07ff;

    /// <summary>True while in use.</summary>
    public bool IsEnabled => (Control & EnableBit) != 0;

    /// <summary>True while all vectors are masked.</summary>
    public bool IsMasked => (Control & FunctionMaskBit) != 0;

    /// <summary>Vectors of the function, 1 to 2048; the register holds one less.</summary>
    public int Vectors => (Control & TableSizeMask) + 1;

    /// <summary>Number of the BAR that holds the table, 0 to 5 (6 and 7 are reserved).</summary>
    public int TableBar => (int)(Table & 0x7);

    /// <summary>Where the table starts in its BAR, in bytes.</summary>
    public uint TableOffset => Table & ~0x7u;

    internal static MsixCapability? Parse(ConfigBytes config, int offset) =>
        config.TryCapability(offset, Size, out ConfigBytes registers)
            ? new MsixCapability(registers.Word(0x02) ?? 0, registers.Dword(0x04) ?? 0, registers.Dword(0x08) ?? 0)
            : null;
}
