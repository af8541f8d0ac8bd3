using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Tests.Pci;

/// <summary>The part of a kernel that PCI needs: files, modules and VFIO groups.</summary>
internal sealed class FakeKernel(MemoryTree tree) : IKernel
{
    private readonly List<string> _modules = [];
    private int _open;

    public Func<string, Outcome<Unit>> OnLoadModule { get; set; } = _ => Unit.Done;

    public Func<PciAddress, Outcome<IVfioDevice>> OnOpenVfio { get; set; } = _ => Outcome<IVfioDevice>.Of(new Device());

    public HashSet<int> GroupsInUse { get; } = [];

    public IReadOnlyList<string> Modules => _modules;

    public int MostOpen { get; private set; }

    public string Name => "fake";

    public bool IsSimulated => true;

    public IFileTree Files => tree;

    public Outcome<Unit> LoadModule(string name)
    {
        lock (_modules)
            _modules.Add(name);
        return OnLoadModule(name);
    }

    public Outcome<Unit> ReloadUdevRules() => throw new NotSupportedException();

    public Outcome<IVfioDevice> OpenVfio(PciAddress address, int iommuGroup)
    {
        lock (_modules)
            MostOpen = Math.Max(MostOpen, ++_open);
        try
        {
            return OnOpenVfio(address);
        }
        finally
        {
            lock (_modules)
                _open--;
        }
    }

    public Outcome<bool> IsVfioGroupOpen(int iommuGroup) => GroupsInUse.Contains(iommuGroup);

    public Outcome<INetlinkSocket> OpenNetlink(NetlinkProtocol protocol, NetworkNamespace? within = null, params ReadOnlySpan<uint> groups) =>
        throw new NotSupportedException();

    public Outcome<NetworkNamespace> OpenNamespace(string path) => throw new NotSupportedException();

    public Outcome<NetworkNamespace> CreateNamespace(string name) => throw new NotSupportedException();

    public Outcome<Unit> DeleteNamespace(string name) => throw new NotSupportedException();

    public Outcome<IPrivateNamespace> CreatePrivateNamespace() => throw new NotSupportedException();

    public Outcome<Vfleet.Linux.Probes.IProbeSocket> OpenProbe(Vfleet.Linux.Probes.ProbeTarget target, string interfaceName, NetworkNamespace? within = null) =>
        throw new NotSupportedException();

    public Outcome<IPacketSocket> OpenPacketSocket(int interfaceIndex, NetworkNamespace? within = null) => throw new NotSupportedException();

    public Outcome<byte[]> EthtoolIoctl(string interfaceName, ReadOnlySpan<byte> command, NetworkNamespace? within = null) => throw new NotSupportedException();

    private sealed class Device : IVfioDevice
    {
        public Outcome<Unit> Reset() => Unit.Done;

        public void Dispose()
        {
        }
    }
}
