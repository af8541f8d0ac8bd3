namespace Vfleet.Linux.Netlink;

/// <summary>Flags of nlmsghdr. Source: include/uapi/linux/netlink.h.</summary>
[Flags]
public enum NetlinkFlags : ushort
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>It is a request.</summary>
    Request = 0x1,

    /// <summary>Part of a reply of several messages, ended by NLMSG_DONE.</summary>
    Multi = 0x2,

    /// <summary>Reply with an acknowledgement.</summary>
    Ack = 0x4,

    /// <summary>Echo the resulting notification.</summary>
    Echo = 0x8,

    /// <summary>The dump was inconsistent because of a change in the meantime: ask again.</summary>
    DumpInterrupted = 0x10,

    /// <summary>Return every object.</summary>
    Dump = 0x300,

    /// <summary>Replace an existing object (new requests).</summary>
    Replace = 0x100,

    /// <summary>Fail when the object exists (new requests).</summary>
    Exclusive = 0x200,

    /// <summary>Create the object (new requests).</summary>
    Create = 0x400,

    /// <summary>On an acknowledgement: the request was cut from it.</summary>
    Capped = 0x100,

    /// <summary>On an acknowledgement: extended attributes follow.</summary>
    AckAttributes = 0x200,
}

/// <summary>Message types below the families' own.</summary>
public static class NetlinkControl
{
    /// <summary>NLMSG_NOOP.</summary>
    public const ushort Noop = 1;

    /// <summary>NLMSG_ERROR: an acknowledgement; error 0 is success.</summary>
    public const ushort Error = 2;

    /// <summary>NLMSG_DONE: the end of a dump; it may carry an error.</summary>
    public const ushort Done = 3;

    /// <summary>NLMSG_OVERRUN.</summary>
    public const ushort Overrun = 4;

    /// <summary>Size of nlmsghdr in bytes.</summary>
    public const int HeaderSize = 16;

    /// <summary>Rounds a length up to the 4-byte boundary of netlink.</summary>
    public static int Align(int length) => (length + 3) & ~3;
}

/// <summary>One message of a datagram.</summary>
/// <param name="type">nlmsg_type.</param>
/// <param name="flags">nlmsg_flags.</param>
/// <param name="sequence">nlmsg_seq.</param>
/// <param name="payload">What follows the header, without padding.</param>
public readonly ref struct NetlinkMessage(ushort type, NetlinkFlags flags, uint sequence, ReadOnlySpan<byte> payload)
{
    /// <summary>Message type.</summary>
    public ushort Type { get; } = type;

    /// <summary>Flags.</summary>
    public NetlinkFlags Flags { get; } = flags;

    /// <summary>Sequence number of the request it answers.</summary>
    public uint Sequence { get; } = sequence;

    /// <summary>The bytes after the header.</summary>
    public ReadOnlySpan<byte> Payload { get; } = payload;
}
