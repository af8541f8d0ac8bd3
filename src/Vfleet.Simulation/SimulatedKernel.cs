using Vfleet.Linux.Netlink;
using Vfleet.Linux.Probes;
using Vfleet.Simulation.Files;
using Vfleet.Simulation.Generic;
using Vfleet.Simulation.Links;
using Vfleet.Simulation.Namespaces;
using Vfleet.Simulation.Netlink;
using Vfleet.Simulation.Wire;

namespace Vfleet.Simulation;

/// <summary>
/// A kernel without hardware behind it: the same netlink bytes and the same files as a real one, from a <see cref="SimulatedMachine"/>.
/// </summary>
public sealed class SimulatedKernel : IKernel
{
    internal SimulatedKernel(SimulatedMachine machine)
    {
        Machine = machine;
        Files = new SimulatedFiles(machine);
    }

    /// <summary>The machine it runs on: faults, cables, processes.</summary>
    public SimulatedMachine Machine { get; }

    /// <inheritdoc/>
    public string Name => $"sim:{Machine.Profile.Name}";

    /// <inheritdoc/>
    public bool IsSimulated => true;

    /// <inheritdoc/>
    public IFileTree Files { get; }

    /// <inheritdoc/>
    public Outcome<INetlinkSocket> OpenNetlink(NetlinkProtocol protocol, NetworkNamespace? within = null, params ReadOnlySpan<uint> groups)
    {
        lock (Machine.Gate)
            return new SimulatedNetlinkSocket(Machine, protocol, SpaceOf(within), groups);
    }

    /// <inheritdoc/>
    public Outcome<NetworkNamespace> OpenNamespace(string path) => NamespacePaths.Open(Machine, path);

    /// <inheritdoc/>
    public Outcome<NetworkNamespace> CreateNamespace(string name)
    {
        string path = NamespacePaths.Named + name;
        if (name.Length is 0 or > 255 || name is "." or ".." || name.Contains('/', StringComparison.Ordinal))
            return Fault.Usage($"'{name}' is no name for a network namespace", target: name);
        lock (Machine.Gate)
        {
            Errno refusal = Machine.Privileged ? Machine.Namespaces.AddName(name) : Errno.EPERM;
            if (refusal == Errno.EEXIST)
                return Fault.Refused($"namespace {name} exists already", remedy: $"use it, or remove it with `ip netns delete {name}`", target: name) with { Errno = Errno.EEXIST };
            if (refusal != Errno.None)
                return Fault.FromErrno(refusal, $"ip netns add {name}", path);
            return new NamespaceHandle(Machine, Machine.Namespaces.ByName(name)!, path);
        }
    }

    /// <inheritdoc/>
    public Outcome<Unit> DeleteNamespace(string name)
    {
        lock (Machine.Gate)
        {
            Errno refusal = Machine.Privileged ? Machine.Namespaces.RemoveName(name) : Errno.EPERM;
            return refusal == Errno.None ? Unit.Done : Fault.FromErrno(refusal, $"ip netns delete {name}", NamespacePaths.Named + name);
        }
    }

    /// <inheritdoc/>
    public Outcome<IPrivateNamespace> CreatePrivateNamespace() => PrivateNamespace.Create(Machine);

    /// <inheritdoc/>
    public Outcome<IPacketSocket> OpenPacketSocket(int interfaceIndex, NetworkNamespace? within = null)
    {
        lock (Machine.Gate)
        {
            if (!Machine.Privileged)
                return Fault.FromErrno(Errno.EPERM, "socket(AF_PACKET)", $"interface {interfaceIndex}");
            return SpaceOf(within).Links.TryGetValue(interfaceIndex, out SimulatedLink? link)
                ? new SimulatedPacketSocket(Machine, link)
                : Fault.FromErrno(Errno.ENODEV, "bind packet socket", $"interface {interfaceIndex}");
        }
    }

    /// <inheritdoc/>
    public Outcome<IProbeSocket> OpenProbe(ProbeTarget target, string interfaceName, NetworkNamespace? within = null)
    {
        lock (Machine.Gate)
        {
            return SpaceOf(within).ByName(interfaceName) is null
                ? Fault.FromErrno(Errno.ENODEV, $"probe {target} over {interfaceName}", interfaceName)
                : new SimulatedProbeSocket(Machine, target);
        }
    }

    /// <inheritdoc/>
    public Outcome<IVfioDevice> OpenVfio(PciAddress address, int iommuGroup) => Machine.Vfio.Open(address, iommuGroup);

    /// <inheritdoc/>
    public Outcome<bool> IsVfioGroupOpen(int iommuGroup) => Machine.Vfio.IsOpen(iommuGroup);

    /// <inheritdoc/>
    public Outcome<byte[]> EthtoolIoctl(string interfaceName, ReadOnlySpan<byte> command, NetworkNamespace? within = null)
    {
        byte[] data = command.ToArray();
        lock (Machine.Gate)
        {
            Errno refusal = SpaceOf(within).ByName(interfaceName) is { } link ? EthtoolCommands.Run(link, data) : Errno.ENODEV;
            return refusal == Errno.None ? data : Fault.FromErrno(refusal, $"ethtool {interfaceName}", interfaceName);
        }
    }

    /// <inheritdoc/>
    public Outcome<Unit> LoadModule(string name)
    {
        Errno refusal = Machine.Privileged ? Machine.Modules.Load(name) : Errno.EPERM;
        return refusal == Errno.None ? Unit.Done : Fault.FromErrno(refusal, $"modprobe {name}", name);
    }

    /// <inheritdoc/>
    public Outcome<Unit> ReloadUdevRules() => Unit.Done;

    private SimulatedNamespace SpaceOf(NetworkNamespace? within) =>
        within is NamespaceHandle handle ? handle.Space : Machine.Namespaces.Initial;
}
