using Vfleet.Linux;
using Vfleet.Linux.Generic;
using Vfleet.Linux.Netlink;

namespace Vfleet.Host.Tests;

/// <summary>A kernel on which a command of generic netlink stays in send(2) past its deadline, once, until it is let go.</summary>
internal sealed class LateKernel(IKernel below, byte command) : ForwardingKernel(below)
{
    private readonly TaskCompletionSource<Socket> _stuck = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override Outcome<INetlinkSocket> OpenNetlink(
        NetlinkProtocol protocol, NetworkNamespace? within = null, params ReadOnlySpan<uint> groups) =>
        Below.OpenNetlink(protocol, within, groups).Map(socket => protocol == NetlinkProtocol.Generic ? new Socket(this, socket) : socket);

    /// <summary>Carries out what is stuck, as soon as something is.</summary>
    public async Task LetGoAsync() => await (await _stuck.Task).LetGoAsync();

    private bool IsStuck(Socket socket, ReadOnlyMemory<byte> datagram)
    {
        NetlinkReader reader = new(datagram.Span);
        return reader.Read() && reader.Current.Type != GenericClient.ControllerId && reader.Current.Payload[0] == command
            && _stuck.TrySetResult(socket);
    }

    private sealed class Socket(LateKernel kernel, INetlinkSocket socket) : INetlinkSocket
    {
        private readonly object _gate = new();
        private byte[]? _late;
        private Action? _then;

        public ValueTask<Outcome<Unit>> SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancel)
        {
            if (!kernel.IsStuck(this, datagram))
                return socket.SendAsync(datagram, cancel);
            _late = datagram.ToArray();
            return new(Fault.TimedOut("the kernel did not answer"));
        }

        public ValueTask<Outcome<Unit>> ReceiveAsync(NetlinkBuffer buffer, CancellationToken cancel) => socket.ReceiveAsync(buffer, cancel);

        public void WhenSent(Action then)
        {
            lock (_gate)
            {
                if (_late is not null)
                {
                    _then += then;
                    return;
                }
            }
            then();
        }

        public async Task LetGoAsync()
        {
            Assert.True((await socket.SendAsync(_late, CancellationToken.None)).Succeeded);
            Action? then;
            lock (_gate)
                (_late, then) = (null, _then);
            then?.Invoke();
        }

        public void Dispose() => WhenSent(socket.Dispose);
    }
}
