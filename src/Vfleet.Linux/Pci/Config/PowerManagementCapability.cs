namespace Vfleet.Linux.Pci.Config;

/// <summary>Power management (7.5.2).</summary>
/// <param name="Capabilities">PMC, register 0x02.</param>
/// <param name="ControlStatus">PMCSR, register 0x04.</param>
public sealed record PowerManagementCapability(ushort Capabilities, ushort ControlStatus)
{
    private const int Size = 8;
    private const ushort StateMask = 0x0003;
    private const ushort NoSoftResetBit = 0x0008;

    /// <summary>Power state as it reads: 0 for D0 to 3 for D3hot.</summary>
    public int State => ControlStatus & StateMask;

    /// <summary>True where leaving D3hot does not reset the function: the reset method "pm" is then of no use.</summary>
    public bool NoSoftReset => (ControlStatus & NoSoftResetBit) != 0;

    internal static PowerManagementCapability? Parse(ConfigBytes config, int offset) =>
        config.TryCapability(offset, Size, out ConfigBytes registers)
            ? new PowerManagementCapability(registers.Word(0x02) ?? 0, registers.Word(0x04) ?? 0)
            : null;
}
