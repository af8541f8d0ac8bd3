using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Tests;

/// <summary>A kernel of which only what a test hands it works.</summary>
internal sealed class ScriptedKernel : IKernel
{
    public string Name => "scripted";

    public bool IsSimulated => true;

    public IFileTree Files => throw new NotSupportedException();

    /// <summary>Gives the socket for a protocol and its groups.</summary>
    public Func<NetlinkProtocol, uint[], Outcome<INetlinkSocket>>? Netlink { get; init; }

    /// <summary>Answers an ethtool command.</summary>
    public Func<string, byte[], Outcome<byte[]>>? Ethtool { get; init; }

    public Outcome<INetlinkSocket> OpenNetlink(NetlinkProtocol protocol, NetworkNamespace? within = null, params ReadOnlySpan<uint> groups) =>
        Netlink!(protocol, groups.ToArray());

    public Outcome<byte[]> EthtoolIoctl(string interfaceName, ReadOnlySpan<byte> command, NetworkNamespace? within = null) =>
        Ethtool!(interfaceName, command.ToArray());

    /// <summary>Opens a namespace.</summary>
    public Func<string, Outcome<NetworkNamespace>>? Namespaces { get; init; }

    public Outcome<NetworkNamespace> OpenNamespace(string path) => Namespaces!(path);

    public Outcome<NetworkNamespace> CreateNamespace(string name) => throw new NotSupportedException();

    public Outcome<Unit> DeleteNamespace(string name) => throw new NotSupportedException();

    public Outcome<IPrivateNamespace> CreatePrivateNamespace() => throw new NotSupportedException();

    public Outcome<Vfleet.Linux.Probes.IProbeSocket> OpenProbe(Vfleet.Linux.Probes.ProbeTarget target, string interfaceName, NetworkNamespace? within = null) =>
        throw new NotSupportedException();

    public Outcome<IPacketSocket> OpenPacketSocket(int interfaceIndex, NetworkNamespace? within = null) => throw new NotSupportedException();

    public Outcome<IVfioDevice> OpenVfio(PciAddress address, int iommuGroup) => throw new NotSupportedException();

    public Outcome<bool> IsVfioGroupOpen(int iommuGroup) => throw new NotSupportedException();

    public Outcome<Unit> LoadModule(string name) => throw new NotSupportedException();

    public Outcome<Unit> ReloadUdevRules() => throw new NotSupportedException();
}
