using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic.Devlink;

/// <content>Device information.</content>
internal sealed partial class DevlinkParser
{
    /// <summary>DEVLINK_CMD_INFO_GET. Source: net/devlink/dev.c devlink_nl_info_fill.</summary>
    public DevlinkInfo? Info(in NetlinkMessage message)
    {
        if (!TryBegin(message, DevlinkCommand.InfoGet, out AttributeReader reader))
            return null;
        HandleFields handle = default;
        string? driver = null;
        string? serial = null;
        string? boardSerial = null;
        List<DevlinkVersion>? @fixed = null;
        List<DevlinkVersion>? running = null;
        List<DevlinkVersion>? stored = null;
        while (reader.Read())
        {
            switch (reader.Type)
            {
                case DevlinkAttribute.InfoDriverName: driver = reader.AsText(); break;
                case DevlinkAttribute.InfoSerialNumber: serial = reader.AsText(); break;
                case DevlinkAttribute.InfoBoardSerialNumber: boardSerial = reader.AsText(); break;
                case DevlinkAttribute.InfoVersionFixed: Add(ref @fixed, reader.AsNested()); break;
                case DevlinkAttribute.InfoVersionRunning: Add(ref running, reader.AsNested()); break;
                case DevlinkAttribute.InfoVersionStored: Add(ref stored, reader.AsNested()); break;
                default: Take(ref reader, ref handle); break;
            }
        }
        if (!TryEnd(reader, handle, out DevlinkHandle found))
            return null;
        return new DevlinkInfo
        {
            Handle = found,
            Driver = driver,
            SerialNumber = serial,
            BoardSerialNumber = boardSerial,
            Fixed = (IReadOnlyList<DevlinkVersion>?)@fixed ?? [],
            Running = (IReadOnlyList<DevlinkVersion>?)running ?? [],
            Stored = (IReadOnlyList<DevlinkVersion>?)stored ?? [],
        };
    }

    private static void Add(ref List<DevlinkVersion>? list, AttributeReader reader)
    {
        string? name = null;
        string? value = null;
        while (reader.Read())
        {
            if (reader.Type == DevlinkAttribute.InfoVersionName)
                name = reader.AsText();
            else if (reader.Type == DevlinkAttribute.InfoVersionValue)
                value = reader.AsText();
        }
        if (name is not null && value is not null)
            (list ??= []).Add(new DevlinkVersion(name, value));
    }
}
