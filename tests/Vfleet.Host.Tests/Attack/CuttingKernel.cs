using Vfleet.Linux;
using Vfleet.Linux.Netlink;

namespace Vfleet.Host.Tests.Attack;

/// <summary>A kernel on which the caller gives up at the n-th netlink request.</summary>
internal sealed class CuttingKernel(IKernel below, int after) : ForwardingKernel(below), IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private int _left = after;

    public CancellationToken Token => _source.Token;

    public override Outcome<INetlinkSocket> OpenNetlink(NetlinkProtocol protocol, NetworkNamespace? within = null, params ReadOnlySpan<uint> groups) =>
        Below.OpenNetlink(protocol, within, groups).Map(socket => (INetlinkSocket)new Socket(this, socket));

    public void Dispose() => _source.Dispose();

    private sealed class Socket(CuttingKernel kernel, INetlinkSocket socket) : INetlinkSocket
    {
        public async ValueTask<Outcome<Unit>> SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancel)
        {
            // The request is carried out, and its answer never waited for: the worst moment.
            Outcome<Unit> sent = await socket.SendAsync(datagram, cancel);
            if (Interlocked.Decrement(ref kernel._left) == 0)
                await kernel._source.CancelAsync();
            cancel.ThrowIfCancellationRequested();
            return sent;
        }

        public ValueTask<Outcome<Unit>> ReceiveAsync(NetlinkBuffer buffer, CancellationToken cancel) => socket.ReceiveAsync(buffer, cancel);

        public void Dispose() => socket.Dispose();
    }
}
