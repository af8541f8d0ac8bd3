using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;

namespace Vfleet.Linux.Generic.Ethtool;

/// <summary>
/// ethtool in one namespace: over generic netlink, and by ioctl where the kernel has nothing else. Interfaces go by their names.
/// Where a driver lacks an operation the fault carries EOPNOTSUPP. Not safe for concurrent use.
/// </summary>
public sealed partial class EthtoolClient : IDisposable
{
    /// <summary>ETHTOOL_GENL_NAME.</summary>
    public const string FamilyName = "ethtool";

    private readonly IKernel _kernel;
    private readonly NetworkNamespace? _within;
    private readonly GenericClient _client;

    private EthtoolClient(IKernel kernel, NetworkNamespace? within, NetlinkClient netlink)
    {
        _kernel = kernel;
        _within = within;
        _client = new GenericClient(netlink, FamilyName, "the kernel is older than 5.6 or was built without CONFIG_ETHTOOL_NETLINK");
    }

    /// <summary>Opens a socket in a namespace, the caller's own when null.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="within">The namespace.</param>
    /// <param name="left">See <see cref="NetlinkClient(INetlinkSocket, TimeProvider, TimeSpan?, UnendedWork)"/>.</param>
    public static Outcome<EthtoolClient> Open(IKernel kernel, NetworkNamespace? within = null, UnendedWork? left = null) =>
        NetlinkClient.Open(kernel, NetlinkProtocol.Generic, within, left: left).Map(netlink => new EthtoolClient(kernel, within, netlink));

    /// <summary>Driver and firmware. Equivalent to <c>ethtool -i DEV</c>.</summary>
    public Outcome<DriverInfo> GetDriverInfo(string interfaceName) => GetDriverInfo(_kernel, _within, interfaceName);

    /// <summary>The same without a socket, for it is an ioctl.</summary>
    internal static Outcome<DriverInfo> GetDriverInfo(IKernel kernel, NetworkNamespace? within, string interfaceName)
    {
        if (InterfaceName.Check(interfaceName) is { } wrong)
            return wrong;
        Span<byte> command = stackalloc byte[DriverInfo.Size];
        command.Clear();
        System.Runtime.InteropServices.MemoryMarshal.Write(command, DriverInfo.Command);
        Outcome<byte[]> answer = kernel.EthtoolIoctl(interfaceName, command, within);
        if (!answer.Try(out byte[]? data, out Fault? fault))
            return fault;
        DriverInfo? info = DriverInfo.Parse(interfaceName, data);
        return info is null ? Fault.FromErrno(Errno.EBADMSG, $"ethtool -i {interfaceName}", interfaceName) : info;
    }

    /// <summary>The driver's own counters, to be read again and again. Equivalent to <c>ethtool -S DEV</c>.</summary>
    public Outcome<DriverStatistics> OpenDriverStatistics(string interfaceName)
    {
        Outcome<DriverInfo> driver = GetDriverInfo(interfaceName);
        return driver.Try(out DriverInfo? info, out Fault? fault) ? DriverStatistics.Open(_kernel, _within, info) : fault;
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async ValueTask<Outcome<NetlinkRequest>> BeginAsync(
        byte command,
        string operation,
        string interfaceName,
        CancellationToken cancel,
        uint flags = 0,
        int header = EthtoolAttribute.Header)
    {
        if (InterfaceName.Check(interfaceName) is { } wrong)
            return wrong;
        Outcome<NetlinkRequest> begun =
            await _client.BeginAsync(command, NetlinkFlags.None, operation, interfaceName, cancel).ConfigureAwait(false);
        if (!begun.Try(out NetlinkRequest? request, out Fault? fault))
            return fault;
        int nest = request.BeginNest(header);
        request.Put(EthtoolAttribute.HeaderName, interfaceName);
        if (flags != 0)
            request.Put(EthtoolAttribute.HeaderFlags, flags);
        return request.EndNest(nest);
    }

    private async ValueTask<Outcome<T>> GetAsync<T>(
        byte command, string operation, string interfaceName, MessageParser<T> parse, CancellationToken cancel)
        where T : class
    {
        Outcome<NetlinkRequest> begun = await BeginAsync(
            command, $"{operation} {interfaceName}", interfaceName, cancel).ConfigureAwait(false);
        return begun.Try(out NetlinkRequest? request, out Fault? fault)
            ? await _client.GetAsync(request, parse, cancel).ConfigureAwait(false)
            : fault;
    }
}
