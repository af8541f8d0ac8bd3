using Vfleet.Linux;
using Vfleet.Linux.Netlink;

namespace Vfleet.Host.Tests.Attack;

/// <summary>A kernel on which the caller gives up at the n-th netlink request.</summary>
internal sealed class CuttingKernel(IKernel inner, int after) : IKernel, IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private int _left = after;

    public CancellationToken Token => _source.Token;

    public string Name => inner.Name;

    public bool IsSimulated => true;

    public IFileTree Files => inner.Files;

    public Outcome<INetlinkSocket> OpenNetlink(NetlinkProtocol protocol, NetworkNamespace? within = null, params ReadOnlySpan<uint> groups) =>
        inner.OpenNetlink(protocol, within, groups).Map(socket => (INetlinkSocket)new Socket(this, socket));

    public Outcome<NetworkNamespace> OpenNamespace(string path) => inner.OpenNamespace(path);

    public Outcome<NetworkNamespace> CreateNamespace(string name) => inner.CreateNamespace(name);

    public Outcome<Unit> DeleteNamespace(string name) => inner.DeleteNamespace(name);

    public Outcome<IPacketSocket> OpenPacketSocket(int interfaceIndex, NetworkNamespace? within = null) => inner.OpenPacketSocket(interfaceIndex, within);

    public Outcome<IVfioDevice> OpenVfio(PciAddress address, int iommuGroup) => inner.OpenVfio(address, iommuGroup);

    public Outcome<bool> IsVfioGroupOpen(int iommuGroup) => inner.IsVfioGroupOpen(iommuGroup);

    public Outcome<byte[]> EthtoolIoctl(string interfaceName, ReadOnlySpan<byte> command, NetworkNamespace? within = null) =>
        inner.EthtoolIoctl(interfaceName, command, within);

    public Outcome<Unit> LoadModule(string name) => inner.LoadModule(name);

    public Outcome<Unit> ReloadUdevRules() => inner.ReloadUdevRules();

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
