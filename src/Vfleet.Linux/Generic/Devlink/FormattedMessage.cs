using System.Globalization;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic.Devlink;

/// <summary>An item of devlink's tree of text (DEVLINK_ATTR_FMSG_*).</summary>
/// <param name="Kind">The attribute.</param>
/// <param name="Text">The name or the value.</param>
internal readonly record struct FormattedItem(ushort Kind, string? Text);

/// <summary>The items of one message, in order.</summary>
internal sealed class FormattedMessagePart
{
    private byte _type;

    /// <summary>The items.</summary>
    public List<FormattedItem> Items { get; } = [];

    /// <summary>Takes the items of one DEVLINK_ATTR_FMSG.</summary>
    public void Read(AttributeReader reader)
    {
        while (reader.Read())
        {
            switch (reader.Type)
            {
                case DevlinkAttribute.FmsgObjectValueType: _type = reader.AsByte(); break;
                case DevlinkAttribute.FmsgObjectValueData: Items.Add(new(reader.Type, ValueOf(ref reader, _type))); break;
                case DevlinkAttribute.FmsgObjectName: Items.Add(new(reader.Type, reader.AsText())); break;
                default: Items.Add(new(reader.Type, null)); break;
            }
        }
    }

    /// <summary>The value by the kernel's NLA_* number (include/net/netlink.h); one it does not fit is shown as bytes.</summary>
    private static string ValueOf(ref AttributeReader reader, byte type)
    {
        const byte Byte = 1, UInt32 = 3, UInt64 = 4, Flag = 6, Text = 10;
        return (type, reader.Value.Length) switch
        {
            (Flag, >= 1) => reader.AsByte() != 0 ? "true" : "false",
            (Byte, >= 1) => reader.AsByte().ToString(CultureInfo.InvariantCulture),
            (UInt32, >= 4) => reader.AsUInt32().ToString(CultureInfo.InvariantCulture),
            (UInt64, >= 8) => reader.AsUInt64().ToString(CultureInfo.InvariantCulture),
            (Text, _) => reader.AsText(),
            _ => Convert.ToHexStringLower(reader.Value),
        };
    }
}
