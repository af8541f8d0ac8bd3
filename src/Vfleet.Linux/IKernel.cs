using Vfleet.Linux.Netlink;
using Vfleet.Linux.Probes;

namespace Vfleet.Linux;

/// <summary>
/// The only seam between Vfleet and an operating system kernel: files, netlink bytes, namespaces, packets and VFIO.
/// The real one is LinuxKernel; Vfleet.Simulation holds one that answers the same bytes and paths.
/// Everything above this interface is the same code on both.
/// </summary>
public interface IKernel
{
    /// <summary>How this kernel is named to people: <c>linux</c>, or <c>sim:igb</c>.</summary>
    string Name { get; }

    /// <summary>True where no hardware is behind it.</summary>
    bool IsSimulated { get; }

    /// <summary>The file system as far as the product needs it: /sys, /proc, /dev, /run/netns, pci.ids.</summary>
    IFileTree Files { get; }

    /// <summary>Opens a netlink socket in a network namespace (the caller's own when null).</summary>
    /// <param name="protocol">The netlink family.</param>
    /// <param name="within">The namespace the socket lives in; it stays there when the handle is closed.</param>
    /// <param name="groups">Multicast groups to join, as group numbers (for uevents: 1, the kernel's).</param>
    Outcome<INetlinkSocket> OpenNetlink(NetlinkProtocol protocol, NetworkNamespace? within = null, params ReadOnlySpan<uint> groups);

    /// <summary>Opens a network namespace by path, such as <c>/run/netns/blue</c> or <c>/proc/1/ns/net</c>.</summary>
    /// <returns>NotFound when the path does not exist; Usage when it is no network namespace.</returns>
    Outcome<NetworkNamespace> OpenNamespace(string path);

    /// <summary>Creates a named network namespace with its loopback interface up. Equivalent to <c>ip netns add NAME</c>.</summary>
    Outcome<NetworkNamespace> CreateNamespace(string name);

    /// <summary>Removes a named network namespace. Equivalent to <c>ip netns delete NAME</c>.</summary>
    Outcome<Unit> DeleteNamespace(string name);

    /// <summary>Makes a network namespace without a name, with its loopback interface up. Equivalent to <c>unshare --net</c>.</summary>
    Outcome<IPrivateNamespace> CreatePrivateNamespace();

    /// <summary>Opens a raw packet socket on an interface (packet(7), every protocol, outgoing frames not looped back).</summary>
    Outcome<IPacketSocket> OpenPacketSocket(int interfaceIndex, NetworkNamespace? within = null);

    /// <summary>Opens a socket that asks a target over an interface. Equivalent to what <c>ping -I DEV ADDRESS</c> begins with.</summary>
    /// <param name="target">Whom to ask.</param>
    /// <param name="interfaceName">The interface, 1 to 15 bytes.</param>
    /// <param name="within">The namespace it is in; the caller's own when null. An open socket keeps it alive.</param>
    /// <returns>Errno ENODEV where there is no such interface, ENETUNREACH without a route over it.</returns>
    Outcome<IProbeSocket> OpenProbe(ProbeTarget target, string interfaceName, NetworkNamespace? within = null);

    /// <summary>Opens a VFIO device: container, IOMMU type 1, group, device. The kernel resets the function on the way.</summary>
    /// <returns>Errno EBUSY when another process holds the group.</returns>
    Outcome<IVfioDevice> OpenVfio(PciAddress address, int iommuGroup);

    /// <summary>Opens and closes the VFIO group alone: true when another process holds it. Nothing is reset.</summary>
    Outcome<bool> IsVfioGroupOpen(int iommuGroup);

    /// <summary>
    /// Runs one ethtool command that has no netlink form yet: driver information and the driver's own counters.
    /// Equivalent to ioctl SIOCETHTOOL (net/ethtool/ioctl.c, dev_ethtool).
    /// </summary>
    /// <param name="interfaceName">The interface, 1 to 15 bytes.</param>
    /// <param name="command">The command's structure with room for the answer; its first 32 bits are the command's number.</param>
    /// <param name="within">The namespace the interface is in; the caller's own when null.</param>
    /// <returns>The structure as the kernel left it, as long as <paramref name="command"/>; NotFound when there is no such
    /// interface.</returns>
    Outcome<byte[]> EthtoolIoctl(string interfaceName, ReadOnlySpan<byte> command, NetworkNamespace? within = null);

    /// <summary>Loads a kernel module. Equivalent to <c>modprobe NAME</c>. Success when it is loaded already or built in.</summary>
    Outcome<Unit> LoadModule(string name);

    /// <summary>Has udev read its rules anew, before it treats the next device. Equivalent to <c>udevadm control --reload</c>.</summary>
    Outcome<Unit> ReloadUdevRules();
}

/// <summary>Files of the kernel, by absolute path. Implementations are safe for concurrent use.</summary>
public interface IFileTree
{
    /// <summary>Most bytes that <see cref="ReadText"/> gives; of a longer file it gives the beginning. The trailing newline counts.</summary>
    public const int LongestText = 1 << 20;

    /// <summary>Reads a whole file (1 MiB at most) as text, without the trailing newline.</summary>
    Outcome<string> ReadText(string path);

    /// <summary>Reads up to <paramref name="destination"/>'s length from the start; fewer bytes where the file ends.</summary>
    Outcome<int> ReadBytes(string path, Span<byte> destination);

    /// <summary>Writes text in one write(2) to a file that exists. Equivalent to <c>echo -n TEXT &gt; PATH</c>.</summary>
    Outcome<Unit> WriteText(string path, string text);

    /// <summary>Names in a directory, sorted by ordinal.</summary>
    Outcome<IReadOnlyList<string>> List(string path);

    /// <summary>Where a symbolic link points, unresolved.</summary>
    Outcome<string> ReadLink(string path);

    /// <summary>True where the path exists (links followed).</summary>
    bool Exists(string path);
}

/// <summary>A raw socket bound to one interface.</summary>
public interface IPacketSocket : IDisposable
{
    /// <summary>Sends one whole Ethernet frame, without its checksum.</summary>
    ValueTask<Outcome<Unit>> SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancel);

    /// <summary>Receives the next frame the interface delivers; a VLAN tag the NIC stripped is not restored.</summary>
    /// <returns>The frame's length.</returns>
    ValueTask<Outcome<int>> ReceiveAsync(Memory<byte> frame, CancellationToken cancel);
}

/// <summary>An open VFIO device. Disposing it closes device, group and container.</summary>
public interface IVfioDevice : IDisposable
{
    /// <summary>Resets the function. Equivalent to ioctl VFIO_DEVICE_RESET (include/uapi/linux/vfio.h).</summary>
    Outcome<Unit> Reset();
}

/// <summary>An open network namespace. Disposing it closes the handle, never the namespace.</summary>
public abstract class NetworkNamespace : IDisposable
{
    /// <summary>How it was named: the path it was opened by.</summary>
    public abstract string Path { get; }

    /// <summary>The file descriptor netlink attributes carry (IFLA_NET_NS_FD); valid until disposed.</summary>
    public abstract int Descriptor { get; }

    /// <summary>Inode number of the namespace, unique among those alive now on this boot (namespaces(7)).</summary>
    public abstract ulong Inode { get; }

    /// <summary>
    /// Its number, never given to another namespace on this boot, as inodes are; null where the kernel has none (before Linux 5.14) or this
    /// process may not enter the namespace. Equivalent to getsockopt SO_NETNS_COOKIE of a socket made in it (net/core/sock.c). Asked for at
    /// the first reading and kept; not after disposal.
    /// </summary>
    public abstract ulong? Cookie { get; }

    /// <summary>Whether it is the one that was written down by what no other has; inodes are given again on the same boot.</summary>
    /// <param name="inode">Its inode; null or 0 where that was not known.</param>
    /// <param name="cookie">Its cookie; null where the kernel had none.</param>
    /// <returns>Null where that cannot be told, as where nothing was written down.</returns>
    public bool? Is(ulong? inode, ulong? cookie)
    {
        if (inode is > 0 && Inode > 0 && inode != Inode)
            return false;
        return cookie is { } wanted ? Cookie is { } own ? own == wanted : null : inode is > 0 ? true : null;
    }

    /// <summary>
    /// Keeps <see cref="Descriptor"/> open, whoever disposes this meanwhile, until what is returned is disposed: a request that the kernel has not
    /// taken yet carries the number, which another file would get.
    /// </summary>
    public abstract IDisposable KeepOpen();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the handle.</summary>
    protected abstract void Dispose(bool disposing);
}
