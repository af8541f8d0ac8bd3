using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic.Devlink;

/// <content>The eswitch, and what a reload did.</content>
internal sealed partial class DevlinkParser
{
    /// <summary>DEVLINK_CMD_ESWITCH_GET. Source: net/devlink/dev.c devlink_nl_eswitch_fill.</summary>
    public EswitchInfo? Eswitch(in NetlinkMessage message)
    {
        if (!TryBegin(message, DevlinkCommand.EswitchGet, out AttributeReader reader))
            return null;
        HandleFields handle = default;
        EswitchMode? mode = null;
        EswitchInlineMode? inline = null;
        bool? encapsulation = null;
        while (reader.Read())
        {
            switch (reader.Type)
            {
                case DevlinkAttribute.EswitchMode: mode = (EswitchMode)reader.AsUInt16(); break;
                case DevlinkAttribute.EswitchInlineMode: inline = (EswitchInlineMode)reader.AsByte(); break;
                case DevlinkAttribute.EswitchEncapMode: encapsulation = reader.AsByte() != 0; break;
                default: Take(ref reader, ref handle); break;
            }
        }
        return TryEnd(reader, handle, out DevlinkHandle found) ? new EswitchInfo(found, mode, inline, encapsulation) : null;
    }

    /// <summary>DEVLINK_CMD_RELOAD. Source: net/devlink/dev.c devlink_nl_reload_actions_performed_snd.</summary>
    public ReloadResult? Reload(in NetlinkMessage message)
    {
        if (!TryBegin(message, DevlinkCommand.Reload, out AttributeReader reader))
            return null;
        HandleFields handle = default;
        BitField32 performed = default;
        while (reader.Read())
        {
            if (reader.Type == DevlinkAttribute.ReloadActionsPerformed)
                performed = reader.AsStruct<BitField32>();
            else
                Take(ref reader, ref handle);
        }
        if (!TryEnd(reader, handle, out DevlinkHandle found))
            return null;
        return new ReloadResult(found, performed.Has((int)ReloadAction.DriverReinit), performed.Has((int)ReloadAction.FirmwareActivate));
    }
}
