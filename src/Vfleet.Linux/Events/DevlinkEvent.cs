using Vfleet.Linux.Generic;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Events;

/// <summary>Something of devlink changed.</summary>
/// <param name="Command">DEVLINK_CMD_* of the announcement (include/uapi/linux/devlink.h).</param>
public sealed record DevlinkEvent(byte Command)
{
    /// <summary>Reads every announcement of a datagram; what is none is left out.</summary>
    public static void ParseAll(ReadOnlySpan<byte> datagram, List<DevlinkEvent> found)
    {
        NetlinkReader reader = new(datagram);
        while (reader.Read())
        {
            NetlinkMessage message = reader.Current;
            if (GenericMessage.TryRead(message, out byte command, out _))
                found.Add(new DevlinkEvent(command));
        }
    }
}
