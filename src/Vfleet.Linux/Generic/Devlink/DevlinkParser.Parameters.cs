using System.Globalization;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic.Devlink;

/// <content>Parameters.</content>
internal sealed partial class DevlinkParser
{
    /// <summary>DEVLINK_CMD_PARAM_GET. Source: net/devlink/param.c devlink_nl_param_fill.</summary>
    public DevlinkParameter? Parameter(in NetlinkMessage message)
    {
        if (!TryBegin(message, DevlinkCommand.ParamGet, out AttributeReader reader))
            return null;
        HandleFields handle = default;
        ParameterFields fields = default;
        uint? port = null;
        while (reader.Read())
        {
            switch (reader.Type)
            {
                case DevlinkAttribute.PortIndex: port = reader.AsUInt32(); break;
                case DevlinkAttribute.Param: Read(reader.AsNested(), ref fields); break;
                default: Take(ref reader, ref handle); break;
            }
        }
        if (!TryEnd(reader, handle, out DevlinkHandle found) || fields.Malformed || fields.Name is null || fields.Type == 0)
            return null;
        return new DevlinkParameter(
            found, port, fields.Name, fields.IsGeneric, fields.Type, (IReadOnlyList<ParameterValue>?)fields.Values ?? []);
    }

    private static void Read(AttributeReader reader, ref ParameterFields fields)
    {
        while (reader.Read())
        {
            switch (reader.Type)
            {
                case DevlinkAttribute.ParamName: fields.Name = reader.AsText(); break;
                case DevlinkAttribute.ParamGeneric: fields.IsGeneric = true; break;
                case DevlinkAttribute.ParamType: fields.Type = (ParameterType)reader.AsByte(); break;
                // The kernel writes the type before the values, which cannot be read without it.
                case DevlinkAttribute.ParamValuesList: fields.Values = ValuesOf(reader.AsNested(), fields.Type); break;
            }
        }
        fields.Malformed |= reader.Malformed;
    }

    private static List<ParameterValue> ValuesOf(AttributeReader list, ParameterType type)
    {
        List<ParameterValue> values = [];
        while (list.Read())
        {
            if (list.Type != DevlinkAttribute.ParamValue)
                continue;
            AttributeReader reader = list.AsNested();
            ParameterMode? mode = null;
            // A flag says false by its absence.
            string? value = type == ParameterType.Boolean ? "false" : null;
            while (reader.Read())
            {
                if (reader.Type == DevlinkAttribute.ParamValueCmode)
                    mode = (ParameterMode)reader.AsByte();
                else if (reader.Type == DevlinkAttribute.ParamValueData)
                    value = ValueOf(ref reader, type);
            }
            if (mode is { } known && value is not null && !reader.Malformed)
                values.Add(new ParameterValue(known, value));
        }
        return values;
    }

    private static string? ValueOf(ref AttributeReader reader, ParameterType type) => type switch
    {
        ParameterType.Byte => reader.AsByte().ToString(CultureInfo.InvariantCulture),
        ParameterType.UInt16 => reader.AsUInt16().ToString(CultureInfo.InvariantCulture),
        ParameterType.UInt32 => reader.AsUInt32().ToString(CultureInfo.InvariantCulture),
        ParameterType.UInt64 => reader.AsUInt64().ToString(CultureInfo.InvariantCulture),
        ParameterType.Text => reader.AsText(),
        ParameterType.Boolean => "true",
        _ => null,
    };

    private struct ParameterFields
    {
        public string? Name;
        public bool IsGeneric;
        public ParameterType Type;
        public List<ParameterValue>? Values;
        public bool Malformed;
    }
}
