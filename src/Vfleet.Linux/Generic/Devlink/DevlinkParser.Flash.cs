using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic.Devlink;

/// <content>Progress of flash updates.</content>
internal sealed partial class DevlinkParser
{
    /// <summary>
    /// DEVLINK_CMD_FLASH_UPDATE_STATUS and _END, notifications only. Source: net/devlink/dev.c devlink_nl_flash_update_fill.
    /// </summary>
    public FlashProgress? Flash(in NetlinkMessage message)
    {
        if (!GenericMessage.TryRead(message, out byte command, out AttributeReader reader)
            || command is not (DevlinkCommand.FlashUpdateStatus or DevlinkCommand.FlashUpdateEnd))
            return null;
        HandleFields handle = default;
        string? status = null;
        string? component = null;
        ulong done = 0;
        ulong total = 0;
        ulong? timeout = null;
        while (reader.Read())
        {
            switch (reader.Type)
            {
                case DevlinkAttribute.FlashStatusMessage: status = reader.AsText(); break;
                case DevlinkAttribute.FlashComponent: component = reader.AsText(); break;
                case DevlinkAttribute.FlashStatusDone: done = reader.AsUInt64(); break;
                case DevlinkAttribute.FlashStatusTotal: total = reader.AsUInt64(); break;
                case DevlinkAttribute.FlashStatusTimeout: timeout = reader.AsUInt64(); break;
                default: Take(ref reader, ref handle); break;
            }
        }
        return TryEnd(reader, handle, out DevlinkHandle found)
            ? new FlashProgress(found, status, component, done, total, timeout) { IsEnd = command == DevlinkCommand.FlashUpdateEnd }
            : null;
    }
}
