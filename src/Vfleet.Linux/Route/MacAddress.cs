using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vfleet.Linux.Route;

/// <summary>A 48-bit MAC address.</summary>
/// <param name="Value">The address as a number, first byte highest.</param>
public readonly record struct MacAddress(ulong Value)
{
    /// <summary>All zero: "none set" in VF lists.</summary>
    public static readonly MacAddress Zero;

    /// <summary>ff:ff:ff:ff:ff:ff.</summary>
    public static readonly MacAddress Broadcast = new(0xffff_ffff_ffff);

    /// <summary>True for all zero.</summary>
    public bool IsZero => Value == 0;

    /// <summary>True for group addresses, broadcast included: no station may have one.</summary>
    public bool IsMulticast => (Value >> 40 & 1) != 0;

    /// <summary>Reads the first six bytes; null where there are fewer.</summary>
    public static MacAddress? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 6)
            return null;
        ulong high = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return new MacAddress((high << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]));
    }

    /// <summary>Writes the six bytes.</summary>
    public void Write(Span<byte> destination)
    {
        for (int i = 0; i < 6; i++)
            destination[i] = (byte)(Value >> (40 - (8 * i)));
    }

    /// <summary>Parses <c>02:00:00:00:00:01</c>, with colons or hyphens throughout.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out MacAddress address)
    {
        address = default;
        if (text is not { Length: 17 } || text[2] is not (':' or '-'))
            return false;
        ulong value = 0;
        for (int i = 0; i < 17; i += 3)
        {
            if (i > 0 && text[i - 1] != text[2])
                return false;
            if (!byte.TryParse(text.AsSpan(i, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte part))
                return false;
            value = value << 8 | part;
        }
        address = new MacAddress(value);
        return true;
    }

    /// <summary>As <c>ip</c> writes it.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Value >> 40 & 0xff:x2}:{Value >> 32 & 0xff:x2}:{Value >> 24 & 0xff:x2}"
        + $":{Value >> 16 & 0xff:x2}:{Value >> 8 & 0xff:x2}:{Value & 0xff:x2}");
}
