using Vfleet.Linux.Netlink;
using Vfleet.Simulation.Generic;

namespace Vfleet.Simulation.Netlink;

/// <summary>Carries out one request and answers it; the kernel's netlink_rcv_skb. Runs under the machine's gate.</summary>
internal static class RequestProcessor
{
    private const int ErrorText = 1;
    private const int ErrorHeaderSize = sizeof(int) + NetlinkControl.HeaderSize;

    public static void Process(SimulatedMachine machine, SimulatedNetlinkSocket socket, NetlinkProtocol protocol, in NetlinkMessage message)
    {
        if (!message.Flags.HasFlag(NetlinkFlags.Request) || message.Type < NetlinkControl.HeaderSize)
        {
            if (message.Flags.HasFlag(NetlinkFlags.Ack))
                Acknowledge(socket, message, Refusal.None);
            return;
        }
        Reply reply = new(socket, message.Sequence);
        Refusal refusal = protocol switch
        {
            NetlinkProtocol.Route => RouteService.Handle(machine, reply, message),
            NetlinkProtocol.Generic => GenericService.Handle(machine, reply, message),
            _ => Errno.EOPNOTSUPP,
        };
        if (reply.IsDump && !refusal.IsRefused)
            reply.EndDump(machine);
        else if (refusal.IsRefused || message.Flags.HasFlag(NetlinkFlags.Ack))
            Acknowledge(socket, message, refusal);
    }

    private static void Acknowledge(SimulatedNetlinkSocket socket, in NetlinkMessage message, Refusal refusal)
    {
        // Sockets ask for NETLINK_CAP_ACK and NETLINK_EXT_ACK: the request's header alone comes back, with the words after it.
        NetlinkFlags flags = NetlinkFlags.Capped | (refusal.Text is null ? 0 : NetlinkFlags.AckAttributes);
        MessageWriter writer = new(NetlinkControl.Error, flags, message.Sequence, 0);
        Span<byte> body = stackalloc byte[ErrorHeaderSize];
        BitConverter.TryWriteBytes(body, -(int)refusal.Errno);
        BitConverter.TryWriteBytes(body[4..], NetlinkControl.HeaderSize + message.Payload.Length);
        BitConverter.TryWriteBytes(body[8..], message.Type);
        BitConverter.TryWriteBytes(body[10..], (ushort)message.Flags);
        BitConverter.TryWriteBytes(body[12..], message.Sequence);
        writer.Bytes(body);
        if (refusal.Text is not null)
            writer.Put(ErrorText, refusal.Text);
        socket.Deliver(writer.Finish());
    }
}
