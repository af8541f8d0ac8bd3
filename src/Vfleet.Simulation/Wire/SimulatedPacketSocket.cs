using System.Threading.Channels;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Namespaces;

namespace Vfleet.Simulation.Wire;

/// <summary>A packet(7) socket on one interface.</summary>
internal sealed class SimulatedPacketSocket : IPacketSocket
{
    /// <summary>About what the default receive buffer holds; later frames are lost.</summary>
    private const int MostWaiting = 256;

    private readonly Channel<byte[]> _frames = Channel.CreateBounded<byte[]>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly SimulatedMachine _machine;
    private readonly SimulatedNamespace _within;
    private readonly int _index;
    private bool _closed;

    /// <summary>Opens a socket; under the machine's gate.</summary>
    public SimulatedPacketSocket(SimulatedMachine machine, SimulatedLink link)
    {
        _machine = machine;
        _within = link.Namespace;
        _index = link.Index;
        NamespaceTable.Hold(_within);
        machine.Packets.Join(this);
    }

    /// <summary>The interface; null once it has left the namespace.</summary>
    public SimulatedLink? Link => _within.Links.GetValueOrDefault(_index);

    public void Deliver(byte[] frame) => _frames.Writer.TryWrite(frame);

    public ValueTask<Outcome<Unit>> SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        lock (_machine.Gate)
        {
            Errno refusal = Check(frame.Length);
            if (refusal != Errno.None)
                return new(Fault.FromErrno(refusal, "send", "packet socket"));
            _machine.Packets.Send(Link!, frame.ToArray());
            return new(Unit.Done);
        }
    }

    public async ValueTask<Outcome<int>> ReceiveAsync(Memory<byte> frame, CancellationToken cancel)
    {
        byte[] next = await _frames.Reader.ReadAsync(cancel).ConfigureAwait(false);
        int length = Math.Min(next.Length, frame.Length);
        next.AsMemory(0, length).CopyTo(frame);
        return length;
    }

    public void Dispose()
    {
        lock (_machine.Gate)
        {
            if (_closed)
                return;
            _closed = true;
            _machine.Packets.Leave(this);
            _machine.Namespaces.Release(_within);
        }
    }

    private Errno Check(int length)
    {
        if (_closed)
            return Errno.EBADF;
        if (Link is not { } link)
            return Errno.ENXIO;
        if (!link.IsUp)
            return Errno.ENETDOWN;
        if (length < EthernetFrame.HeaderSize)
            return Errno.EINVAL;
        return length > link.Mtu + EthernetFrame.HeaderSize + EthernetFrame.TagSize ? Errno.EMSGSIZE : Errno.None;
    }
}
