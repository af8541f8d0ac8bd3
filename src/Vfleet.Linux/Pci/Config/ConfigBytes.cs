using System.Buffers.Binary;

namespace Vfleet.Linux.Pci.Config;

/// <summary>Little-endian registers of a configuration space; null for what lies past the bytes at hand.</summary>
/// <param name="bytes">The configuration space, from offset 0.</param>
internal readonly ref struct ConfigBytes(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Number of bytes at hand.</summary>
    public int Length => _bytes.Length;

    /// <summary>8 bits at an offset.</summary>
    public byte? Byte(int offset) => Has(offset, 1) ? _bytes[offset] : null;

    /// <summary>16 bits at an offset.</summary>
    public ushort? Word(int offset) => Has(offset, 2) ? BinaryPrimitives.ReadUInt16LittleEndian(_bytes[offset..]) : null;

    /// <summary>32 bits at an offset.</summary>
    public uint? Dword(int offset) => Has(offset, 4) ? BinaryPrimitives.ReadUInt32LittleEndian(_bytes[offset..]) : null;

    /// <summary>The registers of a capability, when all of them are at hand.</summary>
    public bool TryCapability(int offset, int size, out ConfigBytes registers)
    {
        bool has = Has(offset, size);
        registers = has ? new ConfigBytes(_bytes.Slice(offset, size)) : default;
        return has;
    }

    private bool Has(int offset, int size) => offset >= 0 && offset <= _bytes.Length - size;
}
