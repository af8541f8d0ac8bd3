namespace Vfleet.Linux.Pci.Config;

/// <summary>The configuration space header (7.5.1). A VF's ids read 0xffff here (9.3.4.1.1): take those from sysfs.</summary>
/// <param name="VendorId">Register 0x00.</param>
/// <param name="DeviceId">Register 0x02.</param>
/// <param name="Command">Register 0x04: bit 1 memory space, bit 2 bus master, bit 10 INTx off.</param>
/// <param name="Status">Register 0x06: bit 4 capability list.</param>
/// <param name="Revision">Register 0x08.</param>
/// <param name="Class">Registers 0x09 to 0x0b: programming interface, sub-class, base class in the high byte.</param>
/// <param name="Layout">Register 0x0e, bits 6:0: 0 a device, 1 a bridge.</param>
/// <param name="IsMultiFunction">Register 0x0e, bit 7.</param>
public sealed record ConfigHeader(
    ushort VendorId, ushort DeviceId, ushort Command, ushort Status, byte Revision, uint Class, byte Layout, bool IsMultiFunction)
{
    private const ushort CommandMemory = 0x0002;
    private const ushort CommandMaster = 0x0004;

    /// <summary>True for a bridge: a root port, a switch port, a PCI bridge.</summary>
    public bool IsBridge => Layout == 1;

    /// <summary>True while the function answers to memory accesses.</summary>
    public bool IsMemoryEnabled => (Command & CommandMemory) != 0;

    /// <summary>True while the function may start transfers of its own.</summary>
    public bool IsBusMaster => (Command & CommandMaster) != 0;

    /// <summary>Subsystem vendor id, register 0x2c of a device; null for a bridge.</summary>
    public ushort? SubsystemVendorId { get; private init; }

    /// <summary>Subsystem id, register 0x2e of a device; null for a bridge.</summary>
    public ushort? SubsystemId { get; private init; }

    /// <summary>First bus behind a bridge, register 0x19; null for a device.</summary>
    public byte? SecondaryBus { get; private init; }

    /// <summary>Last bus behind a bridge, register 0x1a; null for a device.</summary>
    public byte? SubordinateBus { get; private init; }

    /// <summary>Base address registers as they read, from 0x10: six of a device, two of a bridge.</summary>
    public IReadOnlyList<BaseAddress> BaseAddresses { get; private init; } = [];

    internal static ConfigHeader? Parse(ConfigBytes config)
    {
        if (!config.TryCapability(0, ConfigSpace.HeaderSize, out ConfigBytes header))
            return null;
        uint classAndRevision = header.Dword(0x08) ?? 0;
        byte type = header.Byte(0x0e) ?? 0;
        ConfigHeader parsed = new(
            header.Word(0x00) ?? 0,
            header.Word(0x02) ?? 0,
            header.Word(0x04) ?? 0,
            header.Word(0x06) ?? 0,
            (byte)classAndRevision,
            classAndRevision >> 8,
            (byte)(type & 0x7f),
            (type & 0x80) != 0);
        return parsed.Layout switch
        {
            0 => parsed with
            {
                SubsystemVendorId = header.Word(0x2c),
                SubsystemId = header.Word(0x2e),
                BaseAddresses = BaseAddress.Parse(header, 0x10, 6),
            },
            1 => parsed with
            {
                SecondaryBus = header.Byte(0x19),
                SubordinateBus = header.Byte(0x1a),
                BaseAddresses = BaseAddress.Parse(header, 0x10, 2),
            },
            _ => parsed,
        };
    }
}
