using System.Buffers.Binary;

namespace Vfleet.Linux.Tests.Pci;

/// <summary>Builds configuration spaces register by register; lists are linked in the order of the calls.</summary>
internal sealed class ConfigBuilder
{
    private readonly byte[] _bytes;
    private int _capabilityLink = 0x34;
    private int _extendedLink;

    public ConfigBuilder(ushort vendor, ushort device, uint classCode = 0x020000, byte headerType = 0, int size = 4096)
    {
        _bytes = new byte[size];
        Word(0x00, vendor).Word(0x02, device).Word(0x04, 0x0406).Word(0x06, 0x0010).Dword(0x08, (classCode << 8) | 0x01).Byte(0x0e, headerType);
    }

    /// <summary>The 82576 as QEMU emulates it: VF offset 128, stride 2, 8 VFs in the capability.</summary>
    public static ConfigBuilder IgbPhysicalFunction(int vfs = 0) => new ConfigBuilder(0x8086, 0x10c9)
        .Dword(0x10, 0xfe860000).Dword(0x18, 0x0000c001).Word(0x2c, 0x8086).Word(0x2e, 0xa03c)
        .Capability(0x01, 0x40, 8).Word(0x42, 0xc823).Word(0x44, 0x2008)
        .Capability(0x05, 0x50, 24).Word(0x52, 0x0180)
        .Capability(0x11, 0x70, 12).Word(0x72, 0x8009).Dword(0x74, 0x00000003).Dword(0x78, 0x00002003)
        .Capability(0x10, 0xa0, 60).Word(0xa2, 0x0002).Dword(0xa4, 0x10008cc2).Dword(0xac, 0x00036c42).Word(0xb2, 0x1041)
        .Extended(0x0001, 2, 0x100).Dword(0x104, 0x00004000)
        .Extended(0x000e, 1, 0x150)
        .Extended(0x0010, 1, 0x160).Dword(0x164, 2).Word(0x168, (ushort)(vfs > 0 ? 0x0019 : 0x0010)).Word(0x16c, 8).Word(0x16e, 8)
        .Word(0x170, (ushort)vfs).Word(0x174, 128).Word(0x176, 2).Word(0x17a, 0x10ca).Dword(0x17c, 0x553).Dword(0x180, 1)
        .Dword(0x184, 0xfe80000c).Dword(0x188, 0x1).Dword(0x190, 0xfe82000c);

    /// <summary>A root port with ACS; the services the kernel asks for are on unless told otherwise.</summary>
    public static ConfigBuilder RootPort(ushort acsControl = 0x001d) => new ConfigBuilder(0x1b36, 0x000c, 0x060400, 0x01)
        .Byte(0x19, 1).Byte(0x1a, 1)
        .Capability(0x10, 0x54, 60).Word(0x56, 0x0142)
        .Extended(0x0001, 2, 0x100)
        .Extended(0x000d, 1, 0x148).Word(0x14c, 0x005f).Word(0x14e, acsControl);

    public ConfigBuilder Byte(int offset, byte value)
    {
        _bytes[offset] = value;
        return this;
    }

    public ConfigBuilder Word(int offset, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(offset), value);
        return this;
    }

    public ConfigBuilder Dword(int offset, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(offset), value);
        return this;
    }

    public ConfigBuilder Capability(byte id, byte offset, int size)
    {
        Assert.InRange(offset + size, 0x40, 0x100);
        _bytes[_capabilityLink] = offset;
        _capabilityLink = offset + 1;
        return Byte(offset, id);
    }

    public ConfigBuilder Extended(ushort id, byte version, ushort offset)
    {
        Assert.True(_extendedLink != 0 || offset == 0x100, "the extended list starts at 0x100");
        if (_extendedLink != 0)
            Dword(_extendedLink, BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(_extendedLink)) | ((uint)offset << 20));
        _extendedLink = offset;
        return Dword(offset, (uint)id | ((uint)version << 16));
    }

    public byte[] Build() => [.. _bytes];
}
