using Vfleet.Linux.Netlink;
using Vfleet.Simulation.Faults;

namespace Vfleet.Simulation.Netlink;

/// <summary>What answers one request. Messages of a dump are packed into datagrams, as the kernel does.</summary>
internal sealed class Reply(SimulatedNetlinkSocket socket, uint sequence)
{
    /// <summary>About what the kernel packs into one datagram (NLMSG_GOODSIZE); a larger message gets its own.</summary>
    private const int DatagramSize = 8192;

    private List<byte[]>? _dump;

    public uint Sequence => sequence;

    /// <summary>The namespace the request was made in.</summary>
    public Namespaces.SimulatedNamespace Within => socket.Within;

    public bool IsDump => _dump is not null;

    public void BeginDump() => _dump = [];

    /// <summary>Begins a message of the reply.</summary>
    public MessageWriter Begin(ushort type, NetlinkFlags flags = NetlinkFlags.None) =>
        new(type, IsDump ? flags | NetlinkFlags.Multi : flags, sequence, 0);

    public void Add(MessageWriter message)
    {
        if (_dump is null)
            socket.Deliver(message.Finish());
        else
            _dump.Add(message.Finish());
    }

    public void EndDump(SimulatedMachine machine)
    {
        bool interrupted = machine.Faults.IsHit(SimulatedFault.DumpInterrupted, "dump");
        MessageWriter done = Begin(NetlinkControl.Done);
        done.Struct(0);
        _dump!.Add(done.Finish());
        List<byte> datagram = [];
        foreach (byte[] message in _dump)
        {
            if (interrupted)
                message[6] |= (byte)NetlinkFlags.DumpInterrupted;
            if (datagram.Count > 0 && datagram.Count + message.Length > DatagramSize)
                Flush(datagram);
            datagram.AddRange(message);
        }
        Flush(datagram);
    }

    private void Flush(List<byte> datagram)
    {
        socket.Deliver([.. datagram]);
        datagram.Clear();
    }
}
