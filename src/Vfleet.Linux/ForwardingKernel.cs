using Vfleet.Linux.Netlink;
using Vfleet.Linux.Probes;

namespace Vfleet.Linux;

/// <summary>A kernel that hands everything on to another: for kernels that watch or change only some operations.</summary>
/// <param name="below">The other.</param>
public abstract class ForwardingKernel(IKernel below) : IKernel
{
    /// <summary>The kernel everything is handed on to.</summary>
    protected IKernel Below => below;

    /// <inheritdoc/>
    public virtual string Name => below.Name;

    /// <inheritdoc/>
    public virtual bool IsSimulated => below.IsSimulated;

    /// <inheritdoc/>
    public virtual IFileTree Files => below.Files;

    /// <inheritdoc/>
    public virtual Outcome<INetlinkSocket> OpenNetlink(
        NetlinkProtocol protocol, NetworkNamespace? within = null, params ReadOnlySpan<uint> groups) =>
        below.OpenNetlink(protocol, within, groups);

    /// <inheritdoc/>
    public virtual Outcome<NetworkNamespace> OpenNamespace(string path) => below.OpenNamespace(path);

    /// <inheritdoc/>
    public virtual Outcome<NetworkNamespace> CreateNamespace(string name) => below.CreateNamespace(name);

    /// <inheritdoc/>
    public virtual Outcome<Unit> DeleteNamespace(string name) => below.DeleteNamespace(name);

    /// <inheritdoc/>
    public virtual Outcome<IPrivateNamespace> CreatePrivateNamespace() => below.CreatePrivateNamespace();

    /// <inheritdoc/>
    public virtual Outcome<IPacketSocket> OpenPacketSocket(int interfaceIndex, NetworkNamespace? within = null) =>
        below.OpenPacketSocket(interfaceIndex, within);

    /// <inheritdoc/>
    public virtual Outcome<IProbeSocket> OpenProbe(ProbeTarget target, string interfaceName, NetworkNamespace? within = null) =>
        below.OpenProbe(target, interfaceName, within);

    /// <inheritdoc/>
    public virtual Outcome<IVfioDevice> OpenVfio(PciAddress address, int iommuGroup) => below.OpenVfio(address, iommuGroup);

    /// <inheritdoc/>
    public virtual Outcome<bool> IsVfioGroupOpen(int iommuGroup) => below.IsVfioGroupOpen(iommuGroup);

    /// <inheritdoc/>
    public virtual Outcome<byte[]> EthtoolIoctl(string interfaceName, ReadOnlySpan<byte> command, NetworkNamespace? within = null) =>
        below.EthtoolIoctl(interfaceName, command, within);

    /// <inheritdoc/>
    public virtual Outcome<Unit> LoadModule(string name) => below.LoadModule(name);

    /// <inheritdoc/>
    public virtual Outcome<Unit> ReloadUdevRules() => below.ReloadUdevRules();
}
