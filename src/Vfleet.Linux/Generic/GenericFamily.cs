using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic;

/// <summary>A family of generic netlink as this kernel numbers it now.</summary>
/// <param name="Id">Message type of the family.</param>
/// <param name="Name">Such as <c>devlink</c>.</param>
/// <param name="Version">Version of its interface.</param>
/// <param name="Groups">Multicast groups, name to number.</param>
public sealed record GenericFamily(ushort Id, string Name, byte Version, IReadOnlyDictionary<string, uint> Groups)
{
    /// <summary>Parses CTRL_CMD_NEWFAMILY; null when it is another command or incomplete.</summary>
    public static GenericFamily? Parse(in NetlinkMessage message)
    {
        if (!GenericMessage.TryRead(message, out byte command, out AttributeReader reader) || command != ControlCommand.NewFamily)
            return null;
        ushort id = 0;
        string? name = null;
        uint version = 0;
        Dictionary<string, uint> groups = [];
        while (reader.Read())
        {
            switch (reader.Type)
            {
                case ControlAttribute.FamilyId: id = reader.AsUInt16(); break;
                case ControlAttribute.FamilyName: name = reader.AsText(); break;
                case ControlAttribute.Version: version = reader.AsUInt32(); break;
                case ControlAttribute.Groups: ParseGroups(reader.AsNested(), groups); break;
            }
        }
        return reader.Malformed || id == 0 || name is null ? null : new GenericFamily(id, name, (byte)version, groups);
    }

    private static void ParseGroups(AttributeReader list, Dictionary<string, uint> groups)
    {
        while (list.Read())
        {
            AttributeReader group = list.AsNested();
            string? name = null;
            uint id = 0;
            while (group.Read())
            {
                if (group.Type == ControlAttribute.GroupName)
                    name = group.AsText();
                else if (group.Type == ControlAttribute.GroupId)
                    id = group.AsUInt32();
            }
            if (name is not null && id != 0)
                groups[name] = id;
        }
    }
}

/// <summary>Commands of the controller, <c>nlctrl</c> (CTRL_CMD_*). Source: include/uapi/linux/genetlink.h.</summary>
public static class ControlCommand
{
#pragma warning disable CS1591 // the kernel's names are the documentation
    public const byte NewFamily = 1, GetFamily = 3;
#pragma warning restore CS1591
}

/// <summary>Attributes of the controller (CTRL_ATTR_*). Source: include/uapi/linux/genetlink.h.</summary>
public static class ControlAttribute
{
#pragma warning disable CS1591 // the kernel's names are the documentation
    public const int FamilyId = 1, FamilyName = 2, Version = 3, Groups = 7;
    public const int GroupName = 1, GroupId = 2;
#pragma warning restore CS1591
}
