using System.Threading.Channels;
using Vfleet.Linux.Netlink;
using Vfleet.Simulation.Faults;
using Vfleet.Simulation.Namespaces;

namespace Vfleet.Simulation.Netlink;

/// <summary>A netlink socket of the simulated kernel: requests are carried out when they are sent, replies wait to be received.</summary>
internal sealed class SimulatedNetlinkSocket : INetlinkSocket
{
    /// <summary>RTNLGRP_LINK.</summary>
    public const uint GroupLink = 1;

    /// <summary>The kernel's group of uevents.</summary>
    public const uint GroupKernel = 1;

    private const uint CutStep = 37;

    private readonly Channel<byte[]> _replies = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SimulatedMachine _machine;
    private readonly NetlinkProtocol _protocol;
    private readonly uint[] _groups;
    private uint _cuts = 1;
    private bool _closed;

    /// <summary>Opens a socket; under the machine's gate.</summary>
    public SimulatedNetlinkSocket(SimulatedMachine machine, NetlinkProtocol protocol, SimulatedNamespace within, ReadOnlySpan<uint> groups)
    {
        _machine = machine;
        _protocol = protocol;
        _groups = groups.ToArray();
        Within = within;
        NamespaceTable.Hold(within);
        if (_groups.Length > 0)
            machine.Events.Join(this);
    }

    /// <summary>The namespace it lives in.</summary>
    public SimulatedNamespace Within { get; }

    public bool Hears(NetlinkProtocol protocol, uint group) => _protocol == protocol && Array.IndexOf(_groups, group) >= 0;

    public void Deliver(byte[] datagram) => _replies.Writer.TryWrite(datagram);

    public ValueTask<Outcome<Unit>> SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        lock (_machine.Gate)
        {
            if (_closed)
                return new(Fault.FromErrno(Errno.EBADF, "send to the kernel", "netlink"));
            NetlinkReader reader = new(datagram.Span);
            while (reader.Read())
                RequestProcessor.Process(_machine, this, _protocol, reader.Current);
        }
        return new(Unit.Done);
    }

    public async ValueTask<Outcome<Unit>> ReceiveAsync(NetlinkBuffer buffer, CancellationToken cancel)
    {
        byte[] datagram = await _replies.Reader.ReadAsync(cancel).ConfigureAwait(false);
        int length = datagram.Length;
        // Each cut falls somewhere else, so that a run of them meets every kind of place.
        if (_machine.Faults.IsHit(SimulatedFault.TruncatedReply, _protocol.ToString()))
            length = (int)(_cuts++ * CutStep % (uint)Math.Max(1, datagram.Length));
        datagram.AsSpan(0, length).CopyTo(buffer.Reset(length));
        return Unit.Done;
    }

    public void Dispose()
    {
        lock (_machine.Gate)
        {
            if (_closed)
                return;
            _closed = true;
            _machine.Events.Leave(this);
            _machine.Namespaces.Release(Within);
        }
        _replies.Writer.TryComplete();
    }
}
