using System.Runtime.InteropServices;
using System.Text;
using Vfleet.Linux.Netlink;

namespace Vfleet.Simulation.Netlink;

/// <summary>The attributes of a request, by type. The last one of a type counts, as in the kernel's nla_parse.</summary>
internal sealed class AttributeSet
{
    private readonly Dictionary<ushort, byte[]> _values = [];

    /// <summary>Null where the bytes are no attributes.</summary>
    public static AttributeSet? Parse(ReadOnlySpan<byte> bytes)
    {
        AttributeSet set = new();
        AttributeReader reader = new(bytes);
        while (reader.Read())
            set._values[reader.Type] = reader.Value.ToArray();
        return reader.Malformed ? null : set;
    }

    public bool Has(int type) => _values.ContainsKey((ushort)type);

    public ReadOnlySpan<byte> Bytes(int type) => _values.GetValueOrDefault((ushort)type);

    public uint? Number(int type) => MemoryMarshal.TryRead(Bytes(type), out uint value) ? value : null;

    public ushort? ShortNumber(int type) => MemoryMarshal.TryRead(Bytes(type), out ushort value) ? value : null;

    /// <summary>Text up to its zero byte; null where there is no such attribute.</summary>
    public string? Text(int type)
    {
        if (!_values.TryGetValue((ushort)type, out byte[]? bytes))
            return null;
        int end = Array.IndexOf(bytes, (byte)0);
        return Encoding.UTF8.GetString(bytes, 0, end < 0 ? bytes.Length : end);
    }
}
