using System.Runtime.InteropServices;

namespace Vfleet.Linux.Netlink;

/// <summary>NLMSG_ERROR and NLMSG_DONE with the extended acknowledgement (NETLINK_EXT_ACK).</summary>
internal static class Acknowledgement
{
    private const int AttributeMessage = 1;

    /// <summary>Null on success, else the refusal with the kernel's words.</summary>
    public static Fault? Parse(in NetlinkMessage message, NetlinkRequest request)
    {
        if (!MemoryMarshal.TryRead(message.Payload, out int error))
            return message.Type == NetlinkControl.Done ? null : Fault.FromErrno(Errno.EBADMSG, request.Operation, request.Target);
        if (error >= 0)
            return null;
        return Fault.FromErrno((Errno)(-(long)error), request.Operation, request.Target, Text(message));
    }

    private static string? Text(in NetlinkMessage message)
    {
        if (!message.Flags.HasFlag(NetlinkFlags.AckAttributes))
            return null;
        int skip = sizeof(int);
        if (message.Type == NetlinkControl.Error)
        {
            // The request's header follows, and without the capped flag its payload too.
            if (!MemoryMarshal.TryRead(message.Payload[sizeof(int)..], out uint requestLength))
                return null;
            skip += message.Flags.HasFlag(NetlinkFlags.Capped)
                ? NetlinkControl.HeaderSize
                : NetlinkControl.Align((int)Math.Min(requestLength, int.MaxValue / 2));
        }
        if (skip > message.Payload.Length)
            return null;
        AttributeReader reader = new(message.Payload[skip..]);
        while (reader.Read())
        {
            if (reader.Type == AttributeMessage)
                return reader.AsText();
        }
        return null;
    }
}
