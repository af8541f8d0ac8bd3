using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Route;

/// <summary>
/// Where an entry of IFLA_VFINFO_LIST has its fields. The kernel writes every entry of a list alike, so one is walked attribute by
/// attribute and the others are read at its offsets, after a check that their attributes' headers stand at the same places.
/// Source: net/core/rtnetlink.c rtnl_fill_vfinfo.
/// </summary>
internal sealed class VfEntryLayout
{
    private const int MaxHeaders = 64;

    // An attribute's header comes before any value, so 0 is no offset of a value.
    private const int Absent = 0;

    private readonly (int Offset, uint Header)[] _headers = new (int, uint)[MaxHeaders];
    private readonly int[] _counters = new int[VfAttribute.StatsTxDropped + 1];
    private int _headerCount, _length = -1;
    private bool _isReusable, _hasCounters;
    private int _mac, _vlan, _vlanInfo, _vlanCount, _spoofCheck, _trust, _linkState, _rate, _nodeGuid, _portGuid;

    /// <summary>True when the entry's attributes have the types, lengths and places of the entry walked last.</summary>
    public bool Fits(ReadOnlySpan<byte> entry)
    {
        if (!_isReusable || entry.Length != _length)
            return false;
        foreach ((int offset, uint header) in _headers.AsSpan(0, _headerCount))
        {
            if (UInt32(entry, offset) != header)
                return false;
        }
        return true;
    }

    /// <summary>Walks an entry and remembers where its fields are.</summary>
    public void Learn(ReadOnlySpan<byte> entry)
    {
        _length = entry.Length;
        _isReusable = true;
        _hasCounters = false;
        _headerCount = 0;
        _mac = _vlan = _vlanInfo = _vlanCount = _spoofCheck = _trust = _linkState = _rate = _nodeGuid = _portGuid = Absent;
        Array.Clear(_counters);
        AttributeReader reader = new(entry);
        while (reader.Read())
            Place(reader, Note(reader, entry, entry.Length), entry);
        _isReusable &= !reader.Malformed;
    }

    /// <summary>The VF index that stands in the entry; null where there is none.</summary>
    public int? Index(ReadOnlySpan<byte> entry) => _mac == Absent ? null : (int)UInt32(entry, _mac);

    /// <summary>Reads an entry that <see cref="Fits"/> or was learned.</summary>
    /// <param name="entry">The entry's bytes, without its own header.</param>
    /// <param name="index">Index of the VF.</param>
    public VfInfo Read(ReadOnlySpan<byte> entry, int index)
    {
        int vlan = _vlanInfo != Absent ? _vlanInfo : _vlan;
        return new VfInfo
        {
            Index = index,
            Mac = _mac == Absent ? null : MacAddress.Read(entry[(_mac + sizeof(uint))..]),
            Vlan = vlan == Absent ? null : (int)UInt32(entry, vlan + 4),
            VlanQos = vlan == Absent ? null : (int)UInt32(entry, vlan + 8),
            VlanProtocol = _vlanInfo == Absent ? null : Protocol(entry),
            VlanCount = _vlanCount,
            SpoofCheck = Switch(entry, _spoofCheck),
            Trust = Switch(entry, _trust),
            LinkState = _linkState != Absent && UInt32(entry, _linkState + 4) is <= 2 and var state ? (VfLinkState)state : null,
            MinTxRateMbps = _rate == Absent ? null : UInt32(entry, _rate + 4),
            MaxTxRateMbps = _rate == Absent ? null : UInt32(entry, _rate + 8),
            NodeGuid = _nodeGuid == Absent ? null : UInt64(entry, _nodeGuid + 8),
            PortGuid = _portGuid == Absent ? null : UInt64(entry, _portGuid + 8),
            Counters = _hasCounters ? Counters(entry) : null,
        };
    }

    private static uint UInt32(ReadOnlySpan<byte> entry, int offset) => MemoryMarshal.Read<uint>(entry[offset..]);

    private static ulong UInt64(ReadOnlySpan<byte> entry, int offset) => MemoryMarshal.Read<ulong>(entry[offset..]);

    private static bool? Switch(ReadOnlySpan<byte> entry, int offset) =>
        offset != Absent && UInt32(entry, offset + 4) is not uint.MaxValue and var setting ? setting != 0 : null;

    private VlanProtocol? Protocol(ReadOnlySpan<byte> entry)
    {
        ushort protocol = BinaryPrimitives.ReadUInt16BigEndian(entry[(_vlanInfo + 12)..]);
        return protocol is 0x8100 or 0x88a8 ? (VlanProtocol)protocol : null;
    }

    private VfCounters Counters(ReadOnlySpan<byte> entry) => new(
        Counter(entry, VfAttribute.StatsRxPackets), Counter(entry, VfAttribute.StatsTxPackets),
        Counter(entry, VfAttribute.StatsRxBytes), Counter(entry, VfAttribute.StatsTxBytes),
        Counter(entry, VfAttribute.StatsBroadcast), Counter(entry, VfAttribute.StatsMulticast),
        Counter(entry, VfAttribute.StatsRxDropped), Counter(entry, VfAttribute.StatsTxDropped));

    private ulong Counter(ReadOnlySpan<byte> entry, int type) => _counters[type] is not Absent and int offset ? UInt64(entry, offset) : 0;

    /// <summary>Remembers the header of the reader's attribute.</summary>
    /// <returns>Offset of its value in the entry.</returns>
    private int Note(in AttributeReader reader, ReadOnlySpan<byte> entry, int end)
    {
        int value = end - reader.ValueAndRest.Length;
        if (_headerCount < MaxHeaders)
            _headers[_headerCount++] = (value - AttributeReader.HeaderSize, UInt32(entry, value - AttributeReader.HeaderSize));
        else
            _isReusable = false;
        return value;
    }

    private void Place(in AttributeReader reader, int value, ReadOnlySpan<byte> entry)
    {
        int length = reader.Value.Length;
        switch (reader.Type)
        {
            case VfAttribute.Mac when length >= 10: _mac = value; break;
            case VfAttribute.Vlan when length >= 12: _vlan = value; break;
            case VfAttribute.SpoofCheck when length >= 8: _spoofCheck = value; break;
            case VfAttribute.Trust when length >= 8: _trust = value; break;
            case VfAttribute.LinkState when length >= 8: _linkState = value; break;
            case VfAttribute.Rate when length >= 12: _rate = value; break;
            case VfAttribute.NodeGuid when length >= 16: _nodeGuid = value; break;
            case VfAttribute.PortGuid when length >= 16: _portGuid = value; break;
            case VfAttribute.VlanList: PlaceVlans(reader.AsNested(), value + length, entry); break;
            case VfAttribute.Stats: PlaceCounters(reader.AsNested(), value + length, entry); break;
        }
    }

    private void PlaceVlans(AttributeReader reader, int end, ReadOnlySpan<byte> entry)
    {
        while (reader.Read())
        {
            int value = Note(reader, entry, end);
            if (reader.Type == VfAttribute.VlanInfo && reader.Value.Length >= 14 && _vlanCount++ == 0)
                _vlanInfo = value;
        }
        _isReusable &= !reader.Malformed;
    }

    private void PlaceCounters(AttributeReader reader, int end, ReadOnlySpan<byte> entry)
    {
        _hasCounters = true;
        while (reader.Read())
        {
            int value = Note(reader, entry, end);
            if (reader.Type < _counters.Length && reader.Value.Length >= sizeof(ulong))
                _counters[reader.Type] = value;
        }
        _isReusable &= !reader.Malformed;
    }
}
