namespace Vfleet.Linux.Pci.Config;

/// <summary>Alternative routing id interpretation (7.8.7): one device with up to 256 functions.</summary>
/// <param name="Capabilities">Register 0x04: bit 0 MFVC groups, bit 1 ACS groups, bits 15:8 the next function.</param>
/// <param name="Control">Register 0x06.</param>
public sealed record AriCapability(ushort Capabilities, ushort Control)
{
    private const int Size = 8;

    /// <summary>The next function of the device; 0 ends the list.</summary>
    public int NextFunction => Capabilities >> 8;

    internal static AriCapability? Parse(ConfigBytes config, int offset) =>
        config.TryCapability(offset, Size, out ConfigBytes registers)
            ? new AriCapability(registers.Word(0x04) ?? 0, registers.Word(0x06) ?? 0)
            : null;
}

/// <summary>Address translation services (10.5.1): the device keeps a cache of the IOMMU's translations.</summary>
/// <param name="Capabilities">Register 0x04: bits 4:0 invalidate queue depth (0 is 32), bit 5 page aligned.</param>
/// <param name="Control">Register 0x06: bit 15 enable, bits 4:0 smallest unit.</param>
public sealed record AtsCapability(ushort Capabilities, ushort Control)
{
    private const int Size = 8;
    private const ushort EnableBit = 0x8000;

    /// <summary>True while in use.</summary>
    public bool IsEnabled => (Control & EnableBit) != 0;

    /// <summary>Invalidate requests it takes before it holds up the sender, 1 to 32.</summary>
    public int QueueDepth => (Capabilities & 0x1f) is var depth and not 0 ? depth : 32;

    internal static AtsCapability? Parse(ConfigBytes config, int offset) =>
        config.TryCapability(offset, Size, out ConfigBytes registers)
            ? new AtsCapability(registers.Word(0x04) ?? 0, registers.Word(0x06) ?? 0)
            : null;
}

/// <summary>Advanced error reporting (7.8.4): errors seen since they were last cleared, one bit each.</summary>
/// <param name="UncorrectableStatus">Register 0x04.</param>
/// <param name="UncorrectableMask">Register 0x08.</param>
/// <param name="UncorrectableSeverity">Register 0x0c: 1 is fatal.</param>
/// <param name="CorrectableStatus">Register 0x10.</param>
/// <param name="CorrectableMask">Register 0x14.</param>
public sealed record AerCapability(
    uint UncorrectableStatus, uint UncorrectableMask, uint UncorrectableSeverity, uint CorrectableStatus, uint CorrectableMask)
{
    private const int Size = 0x2c;

    internal static AerCapability? Parse(ConfigBytes config, int offset) =>
        config.TryCapability(offset, Size, out ConfigBytes registers)
            ? new AerCapability(
                registers.Dword(0x04) ?? 0,
                registers.Dword(0x08) ?? 0,
                registers.Dword(0x0c) ?? 0,
                registers.Dword(0x10) ?? 0,
                registers.Dword(0x14) ?? 0)
            : null;
}
