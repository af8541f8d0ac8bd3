using System.Runtime.InteropServices;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic;

/// <summary>struct genlmsghdr. Source: include/uapi/linux/genetlink.h.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct GenericHeader
{
    /// <summary>The command of the family.</summary>
    public byte Command;

    /// <summary>Version of the family's interface.</summary>
    public byte Version;

    private readonly ushort _reserved;
}

/// <summary>Splits a generic netlink message into its command and its attributes.</summary>
public static class GenericMessage
{
    /// <summary>Size of genlmsghdr in bytes.</summary>
    public const int HeaderSize = 4;

    /// <summary>False when the message is too short to be one.</summary>
    public static bool TryRead(in NetlinkMessage message, out byte command, out AttributeReader attributes)
    {
        if (message.Payload.Length < HeaderSize)
        {
            command = 0;
            attributes = default;
            return false;
        }
        command = message.Payload[0];
        attributes = new AttributeReader(message.Payload[HeaderSize..]);
        return true;
    }
}
