using Vfleet.Linux.Netlink;

namespace Vfleet.Simulation.Nodes;

/// <summary>A place that a process passes: before or after an operation.</summary>
/// <param name="Name">Such as <c>before write /sys/…</c>.</param>
/// <param name="IsChange">False for a reading, which leaves nothing behind.</param>
internal readonly record struct NodeGate(string Name, bool IsChange);

/// <summary>A kernel that tells before and after each operation of one process. What is told may throw: then the process died there.</summary>
/// <param name="below">The machine's kernel.</param>
/// <param name="passed">Is told.</param>
internal sealed class GatedKernel(IKernel below, Action<NodeGate> passed) : ForwardingKernel(below)
{
    public override IFileTree Files { get; } = new GatedFiles(below.Files, passed);

    public override Outcome<INetlinkSocket> OpenNetlink(
        NetlinkProtocol protocol, NetworkNamespace? within = null, params ReadOnlySpan<uint> groups)
    {
        passed(new NodeGate($"before open netlink {protocol}", false));
        return Below.OpenNetlink(protocol, within, groups).Map(socket => (INetlinkSocket)new GatedSocket(socket, protocol, passed));
    }

    public override Outcome<NetworkNamespace> OpenNamespace(string path)
    {
        passed(new NodeGate($"before open namespace {path}", false));
        return Below.OpenNamespace(path);
    }

    public override Outcome<IVfioDevice> OpenVfio(PciAddress address, int iommuGroup)
    {
        passed(new NodeGate($"before open vfio {address}", false));
        return Below.OpenVfio(address, iommuGroup).Map(device => (IVfioDevice)new GatedVfio(device, address, passed));
    }

    public override Outcome<bool> IsVfioGroupOpen(int iommuGroup)
    {
        passed(new NodeGate($"before look at vfio group {iommuGroup}", false));
        return Below.IsVfioGroupOpen(iommuGroup);
    }

    public override Outcome<Unit> LoadModule(string name)
    {
        passed(new NodeGate($"before modprobe {name}", true));
        Outcome<Unit> loaded = Below.LoadModule(name);
        passed(new NodeGate($"after modprobe {name}", true));
        return loaded;
    }

    private sealed class GatedFiles(IFileTree files, Action<NodeGate> passed) : IFileTree
    {
        public Outcome<string> ReadText(string path)
        {
            passed(new NodeGate($"before read {path}", false));
            return files.ReadText(path);
        }

        public Outcome<int> ReadBytes(string path, Span<byte> destination)
        {
            passed(new NodeGate($"before read {path}", false));
            return files.ReadBytes(path, destination);
        }

        public Outcome<Unit> WriteText(string path, string text)
        {
            passed(new NodeGate($"before write {path}", true));
            Outcome<Unit> written = files.WriteText(path, text);
            passed(new NodeGate($"after write {path}", true));
            return written;
        }

        public Outcome<IReadOnlyList<string>> List(string path)
        {
            passed(new NodeGate($"before list {path}", false));
            return files.List(path);
        }

        public Outcome<string> ReadLink(string path)
        {
            passed(new NodeGate($"before readlink {path}", false));
            return files.ReadLink(path);
        }

        public bool Exists(string path)
        {
            passed(new NodeGate($"before look for {path}", false));
            return files.Exists(path);
        }
    }

    private sealed class GatedSocket(INetlinkSocket socket, NetlinkProtocol protocol, Action<NodeGate> passed) : INetlinkSocket
    {
        /// <summary>rtnetlink numbers four requests for each thing: new, delete, get, set (include/uapi/linux/rtnetlink.h).</summary>
        private const int KindMask = 3, Get = 2;

        public async ValueTask<Outcome<Unit>> SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancel)
        {
            (string what, bool isChange) = Describe(datagram.Span);
            passed(new NodeGate($"before send {what}", isChange));
            Outcome<Unit> sent = await socket.SendAsync(datagram, cancel).ConfigureAwait(false);
            if (isChange)
                passed(new NodeGate($"after send {what}", isChange));
            return sent;
        }

        public ValueTask<Outcome<Unit>> ReceiveAsync(NetlinkBuffer buffer, CancellationToken cancel) => socket.ReceiveAsync(buffer, cancel);

        public void Dispose() => socket.Dispose();

        private (string What, bool IsChange) Describe(ReadOnlySpan<byte> datagram)
        {
            NetlinkReader reader = new(datagram);
            if (!reader.Read())
                return ("nothing", false);
            int type = reader.Current.Type;
            return ($"{protocol} {type}", protocol == NetlinkProtocol.Route && (type & KindMask) != Get);
        }
    }

    private sealed class GatedVfio(IVfioDevice device, PciAddress address, Action<NodeGate> passed) : IVfioDevice
    {
        public Outcome<Unit> Reset()
        {
            passed(new NodeGate($"before reset {address}", true));
            Outcome<Unit> reset = device.Reset();
            passed(new NodeGate($"after reset {address}", true));
            return reset;
        }

        public void Dispose() => device.Dispose();
    }
}
