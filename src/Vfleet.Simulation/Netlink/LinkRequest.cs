using System.Runtime.InteropServices;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Namespaces;

namespace Vfleet.Simulation.Netlink;

/// <summary>A parsed request about interfaces: ifinfomsg and the attributes this kernel looks at. The last one of a type counts.</summary>
internal sealed class LinkRequest
{
    private readonly Dictionary<ushort, byte[]> _attributes = [];

    private LinkRequest(InterfaceMessage header) => Header = header;

    public InterfaceMessage Header { get; }

    /// <summary>Null where the message is no ifinfomsg with attributes.</summary>
    public static LinkRequest? Parse(in NetlinkMessage message)
    {
        if (!MemoryMarshal.TryRead(message.Payload, out InterfaceMessage header))
            return null;
        LinkRequest request = new(header);
        AttributeReader reader = new(message.Payload[16..]);
        while (reader.Read())
            request._attributes[reader.Type] = reader.Value.ToArray();
        return reader.Malformed ? null : request;
    }

    public bool Has(int type) => _attributes.ContainsKey((ushort)type);

    public ReadOnlySpan<byte> Bytes(int type) => _attributes.GetValueOrDefault((ushort)type);

    public uint? Number(int type) => MemoryMarshal.TryRead(Bytes(type), out uint value) ? value : null;

    public string? Text(int type)
    {
        if (!_attributes.TryGetValue((ushort)type, out byte[]? bytes))
            return null;
        int end = Array.IndexOf(bytes, (byte)0);
        return System.Text.Encoding.UTF8.GetString(bytes, 0, end < 0 ? bytes.Length : end);
    }

    /// <summary>The interface meant: by index, else by name or alternative name.</summary>
    public Refusal Find(SimulatedNamespace within, out SimulatedLink? link)
    {
        string? name = Text(LinkAttribute.Name) ?? Text(LinkAttribute.AlternativeName);
        link = null;
        if (Header.Index > 0)
            link = within.Links.GetValueOrDefault(Header.Index);
        else if (name is not null)
            link = within.ByName(name);
        else
            return Errno.EINVAL;
        return link is null ? Errno.ENODEV : Refusal.None;
    }
}
