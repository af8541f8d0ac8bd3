using System.Globalization;

namespace Vfleet.Simulation.Links;

/// <summary>An Ethernet address as a number of 48 bits, its first byte on top.</summary>
internal readonly record struct MacAddress(ulong Bits)
{
    public const int Size = 6;

    public static readonly MacAddress Broadcast = new(0xffff_ffff_ffff);

    public bool IsZero => Bits == 0;

    /// <summary>Group addresses: multicast and broadcast.</summary>
    public bool IsGroup => (Bits >> 40 & 1) != 0;

    /// <summary>The kernel's is_valid_ether_addr.</summary>
    public bool IsValid => !IsZero && !IsGroup;

    /// <summary>A locally administered address that is the same in every run.</summary>
    public static MacAddress Local(int first, int second, int third) =>
        new(0x0200_0000_0000 | ((ulong)(byte)first << 32) | ((ulong)(ushort)second << 16) | (ushort)third);

    public static MacAddress Read(ReadOnlySpan<byte> bytes)
    {
        ulong bits = 0;
        for (int i = 0; i < Size; i++)
            bits = (bits << 8) | bytes[i];
        return new MacAddress(bits);
    }

    public void Write(Span<byte> destination)
    {
        for (int i = 0; i < Size; i++)
            destination[i] = (byte)(Bits >> (8 * (Size - 1 - i)));
    }

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[Size];
        Write(bytes);
        return bytes;
    }

    public override string ToString()
    {
        string hex = Bits.ToString("x12", CultureInfo.InvariantCulture);
        return string.Join(':', Enumerable.Range(0, Size).Select(i => hex.Substring(2 * i, 2)));
    }
}
