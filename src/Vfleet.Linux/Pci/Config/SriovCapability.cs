namespace Vfleet.Linux.Pci.Config;

/// <summary>SR-IOV extended capability of a PF (9.3.3; SR-IOV specification 1.1, 3.3).</summary>
/// <param name="Capabilities">Register 0x04: bit 0 VF migration, bit 1 ARI hierarchy preserved, bits 31:21 migration interrupt.</param>
/// <param name="Control">Register 0x08.</param>
/// <param name="Status">Register 0x0a: bit 0 VF migration.</param>
/// <param name="InitialVfs">Register 0x0c: VFs there from the start; equals TotalVFs without migration.</param>
/// <param name="TotalVfs">Register 0x0e: most VFs of the device; its driver may allow fewer.</param>
/// <param name="NumVfs">Register 0x10: VFs that were asked for.</param>
/// <param name="FunctionDependency">Register 0x12: the PF this one's VFs depend on; its own function number when none.</param>
/// <param name="FirstVfOffset">Register 0x14: routing id of VF 0 less the PF's; may change with NumVFs and ARI.</param>
/// <param name="VfStride">Register 0x16: distance of consecutive VFs' routing ids.</param>
/// <param name="VfDeviceId">Register 0x1a.</param>
/// <param name="SupportedPageSizes">Register 0x1c: bit n set for pages of 2^(n+12) bytes.</param>
/// <param name="SystemPageSize">Register 0x20: the one in use, same coding.</param>
public sealed record SriovCapability(
    uint Capabilities,
    ushort Control,
    ushort Status,
    ushort InitialVfs,
    ushort TotalVfs,
    ushort NumVfs,
    byte FunctionDependency,
    ushort FirstVfOffset,
    ushort VfStride,
    ushort VfDeviceId,
    uint SupportedPageSizes,
    uint SystemPageSize)
{
    private const int Size = 0x40;
    private const ushort VfEnableBit = 0x0001;
    private const ushort VfMemoryBit = 0x0008;
    private const ushort AriHierarchyBit = 0x0010;

    /// <summary>VF Enable: VFs exist.</summary>
    public bool IsEnabled => (Control & VfEnableBit) != 0;

    /// <summary>VF MSE: VFs answer to memory accesses.</summary>
    public bool IsMemoryEnabled => (Control & VfMemoryBit) != 0;

    /// <summary>ARI Capable Hierarchy: VFs may have function numbers above 7 on the PF's own bus.</summary>
    public bool IsAriHierarchy => (Control & AriHierarchyBit) != 0;

    /// <summary>VF BAR 0 to 5 as they read, registers 0x24 to 0x38: where the region of VF 0 starts.</summary>
    public IReadOnlyList<BaseAddress> VfBaseAddresses { get; private init; } = [];

    /// <summary>The supported page sizes in bytes, ascending.</summary>
    public IEnumerable<ulong> PageSizes =>
        Enumerable.Range(0, 32).Where(bit => (SupportedPageSizes & (1u << bit)) != 0).Select(bit => 1UL << (bit + 12));

    internal static SriovCapability? Parse(ConfigBytes config, int offset)
    {
        if (!config.TryCapability(offset, Size, out ConfigBytes registers))
            return null;
        return new SriovCapability(
            registers.Dword(0x04) ?? 0,
            registers.Word(0x08) ?? 0,
            registers.Word(0x0a) ?? 0,
            registers.Word(0x0c) ?? 0,
            registers.Word(0x0e) ?? 0,
            registers.Word(0x10) ?? 0,
            registers.Byte(0x12) ?? 0,
            registers.Word(0x14) ?? 0,
            registers.Word(0x16) ?? 0,
            registers.Word(0x1a) ?? 0,
            registers.Dword(0x1c) ?? 0,
            registers.Dword(0x20) ?? 0)
        {
            VfBaseAddresses = BaseAddress.Parse(registers, 0x24, 6),
        };
    }
}
