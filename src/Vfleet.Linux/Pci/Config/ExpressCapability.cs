namespace Vfleet.Linux.Pci.Config;

/// <summary>What kind of PCI Express function it is: register 0x02, bits 7:4 (7.5.3.2).</summary>
public enum ExpressPortType : byte
{
#pragma warning disable CS1591 // the names are those of the specification
    Endpoint = 0x0, LegacyEndpoint = 0x1, RootPort = 0x4, UpstreamPort = 0x5, DownstreamPort = 0x6, ExpressToPciBridge = 0x7,
    PciToExpressBridge = 0x8, RootComplexEndpoint = 0x9, RootComplexEventCollector = 0xa,
#pragma warning restore CS1591
}

/// <summary>PCI Express (7.5.3). Version 1 of the structure may end before the second set of registers: those read 0.</summary>
/// <param name="Flags">PCI Express capabilities, register 0x02.</param>
/// <param name="DeviceCapabilities">Register 0x04.</param>
/// <param name="LinkCapabilities">Register 0x0c; reserved in VFs.</param>
/// <param name="LinkStatus">Register 0x12; reserved in VFs.</param>
/// <param name="DeviceCapabilities2">Register 0x24.</param>
/// <param name="DeviceControl2">Register 0x28.</param>
/// <param name="LinkCapabilities2">Register 0x2c.</param>
public sealed record ExpressCapability(
    ushort Flags,
    uint DeviceCapabilities,
    uint LinkCapabilities,
    ushort LinkStatus,
    uint DeviceCapabilities2,
    ushort DeviceControl2,
    uint LinkCapabilities2)
{
    private const int Version1Size = 0x14;
    private const uint FunctionLevelResetBit = 1u << 28;
    private const uint AriForwardingBit = 1u << 5;

    /// <summary>What kind of function it is.</summary>
    public ExpressPortType PortType => (ExpressPortType)((Flags >> 4) & 0xf);

    /// <summary>True where the function can be reset alone (7.5.3.3). Every VF must (9.3.4).</summary>
    public bool HasFunctionLevelReset => (DeviceCapabilities & FunctionLevelResetBit) != 0;

    /// <summary>True where a port can forward to functions above 7 (7.5.3.15).</summary>
    public bool CanForwardAri => (DeviceCapabilities2 & AriForwardingBit) != 0;

    /// <summary>True where it does so (7.5.3.16).</summary>
    public bool ForwardsAri => (DeviceControl2 & AriForwardingBit) != 0;

    /// <summary>Speed now, in GT/s per lane; null where the link is not there.</summary>
    public double? Speed => PciLink.SpeedOfCode(LinkStatus & 0xf);

    /// <summary>Lanes now; null where the link is not there.</summary>
    public int? Width => PciLink.WidthOrNull((LinkStatus >> 4) & 0x3f);

    /// <summary>Highest speed, in GT/s per lane (7.5.3.6, 7.5.3.18).</summary>
    public double? MaxSpeed => LinkCapabilities2 == 0
        ? PciLink.SpeedOfCode((int)(LinkCapabilities & 0xf))
        : PciLink.SpeedOfCode(HighestBit((LinkCapabilities2 >> 1) & 0x7f)) ?? PciLink.SpeedOfCode((int)(LinkCapabilities & 0xf));

    /// <summary>Most lanes (7.5.3.6).</summary>
    public int? MaxWidth => PciLink.WidthOrNull((int)((LinkCapabilities >> 4) & 0x3f));

    internal static ExpressCapability? Parse(ConfigBytes config, int offset) =>
        config.TryCapability(offset, Version1Size, out ConfigBytes registers)
            ? new ExpressCapability(
                registers.Word(0x02) ?? 0,
                registers.Dword(0x04) ?? 0,
                registers.Dword(0x0c) ?? 0,
                registers.Word(0x12) ?? 0,
                Second(registers, config, offset + 0x24),
                (ushort)Second(registers, config, offset + 0x28),
                Second(registers, config, offset + 0x2c))
            : null;

    // Version 1 structures have no second set, and what follows them is another capability.
    private static uint Second(ConfigBytes registers, ConfigBytes config, int offset) =>
        (registers.Word(0x02) & 0xf) >= 2 && offset < ConfigSpace.ConventionalSize ? config.Dword(offset) ?? 0 : 0;

    private static int HighestBit(uint bits) => 32 - System.Numerics.BitOperations.LeadingZeroCount(bits);
}
