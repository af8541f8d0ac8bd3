using System.Runtime.InteropServices;
using System.Text;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Tests.Netlink;

/// <summary>Builds what a kernel would send.</summary>
internal static class Datagram
{
    public const ushort SomeType = 100;

    public static byte[] Message(ushort type, uint sequence, ReadOnlySpan<byte> payload, NetlinkFlags flags = NetlinkFlags.None)
    {
        byte[] bytes = new byte[NetlinkControl.Align(16 + payload.Length)];
        MemoryMarshal.Write(bytes, 16 + payload.Length);
        MemoryMarshal.Write(bytes.AsSpan(4), type);
        MemoryMarshal.Write(bytes.AsSpan(6), (ushort)flags);
        MemoryMarshal.Write(bytes.AsSpan(8), sequence);
        payload.CopyTo(bytes.AsSpan(16));
        return bytes;
    }

    public static byte[] Text(uint sequence, string text, NetlinkFlags flags = NetlinkFlags.None) =>
        Message(SomeType, sequence, Encoding.UTF8.GetBytes(text), flags);

    public static byte[] Ack(uint sequence) => Error(sequence, Errno.None);

    /// <summary>An acknowledgement with the request's header, or where <paramref name="request"/> is given with all of it.</summary>
    public static byte[] Error(uint sequence, Errno errno, string? words = null, byte[]? request = null)
    {
        NetlinkFlags flags = request is null ? NetlinkFlags.Capped : NetlinkFlags.None;
        List<byte> payload = [.. BitConverter.GetBytes(-(int)errno)];
        payload.AddRange(request ?? Message(SomeType, sequence, []));
        if (words is not null)
        {
            flags |= NetlinkFlags.AckAttributes;
            payload.AddRange(Attribute(1, Encoding.UTF8.GetBytes(words + "\0")));
        }
        return Message(NetlinkControl.Error, sequence, CollectionsMarshal.AsSpan(payload), flags);
    }

    public static byte[] Done(uint sequence, Errno errno = Errno.None, NetlinkFlags flags = NetlinkFlags.Multi) =>
        Message(NetlinkControl.Done, sequence, BitConverter.GetBytes(-(int)errno), flags);

    public static byte[] Attribute(int type, ReadOnlySpan<byte> value)
    {
        byte[] bytes = new byte[NetlinkControl.Align(4 + value.Length)];
        MemoryMarshal.Write(bytes, (ushort)(4 + value.Length));
        MemoryMarshal.Write(bytes.AsSpan(2), (ushort)type);
        value.CopyTo(bytes.AsSpan(4));
        return bytes;
    }

    public static byte[] Join(params byte[][] messages) => [.. messages.SelectMany(message => message)];

    public static string? Words(in NetlinkMessage message) =>
        message.Type == SomeType ? Encoding.UTF8.GetString(message.Payload) : null;
}
