using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic.Devlink;

/// <summary>
/// devlink over one generic netlink socket. The operations are those of <c>devlink</c> of iproute2 (devlink(8)); where the kernel has no
/// devlink each is refused with a fault of kind Kernel, and where a driver lacks an operation the fault carries EOPNOTSUPP.
/// Not safe for concurrent use.
/// </summary>
public sealed partial class DevlinkClient : IDisposable
{
    /// <summary>The family and its group of notifications (DEVLINK_GENL_NAME, DEVLINK_GENL_MCGRP_CONFIG_NAME).</summary>
    public const string FamilyName = "devlink", ConfigGroup = "config";

    private readonly IKernel _kernel;
    private readonly NetworkNamespace? _within;
    private readonly GenericClient _client;
    private readonly DevlinkParser _parser = new();

    private DevlinkClient(IKernel kernel, NetworkNamespace? within, NetlinkClient netlink)
    {
        _kernel = kernel;
        _within = within;
        _client = new GenericClient(netlink, FamilyName,
            "the kernel was built without CONFIG_NET_DEVLINK, which every driver with devlink selects");
    }

    /// <summary>Opens a socket in a namespace, the caller's own when null. A device is seen in the namespace it belongs to.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="within">The namespace.</param>
    /// <param name="left">See <see cref="NetlinkClient(INetlinkSocket, TimeProvider, TimeSpan?, UnendedWork)"/>.</param>
    public static Outcome<DevlinkClient> Open(IKernel kernel, NetworkNamespace? within = null, UnendedWork? left = null) =>
        NetlinkClient.Open(kernel, NetlinkProtocol.Generic, within, left: left).Map(netlink => new DevlinkClient(kernel, within, netlink));

    /// <summary>Every device with devlink. Equivalent to <c>devlink dev show</c>.</summary>
    public ValueTask<Outcome<List<DevlinkDevice>>> ListDevicesAsync(CancellationToken cancel = default) =>
        DumpAsync(DevlinkCommand.Get, "devlink dev show", _parser.Device, cancel);

    /// <summary>What a device says of itself. Equivalent to <c>devlink dev info DEV</c>.</summary>
    public ValueTask<Outcome<DevlinkInfo>> GetInfoAsync(DevlinkHandle device, CancellationToken cancel = default) =>
        GetAsync(DevlinkCommand.InfoGet, device, $"devlink dev info {device}", _parser.Info, cancel);

    /// <summary>What every device says of itself. Equivalent to <c>devlink dev info</c>.</summary>
    public ValueTask<Outcome<List<DevlinkInfo>>> ListInfoAsync(CancellationToken cancel = default) =>
        DumpAsync(DevlinkCommand.InfoGet, "devlink dev info", _parser.Info, cancel);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async ValueTask<Outcome<NetlinkRequest>> BeginAsync(
        byte command, DevlinkHandle device, string operation, CancellationToken cancel, NetlinkFlags flags = NetlinkFlags.None)
    {
        Outcome<NetlinkRequest> begun =
            await _client.BeginAsync(command, flags, operation, device.ToString(), cancel).ConfigureAwait(false);
        _ = begun.Or(null)?.Put(DevlinkAttribute.BusName, device.Bus).Put(DevlinkAttribute.DevName, device.Device);
        return begun;
    }

    private async ValueTask<Outcome<T>> GetAsync<T>(
        byte command, DevlinkHandle device, string operation, MessageParser<T> parse, CancellationToken cancel)
        where T : class
    {
        Outcome<NetlinkRequest> begun = await BeginAsync(command, device, operation, cancel).ConfigureAwait(false);
        return begun.Try(out NetlinkRequest? request, out Fault? fault)
            ? await _client.GetAsync(request, parse, cancel).ConfigureAwait(false)
            : fault;
    }

    private async ValueTask<Outcome<List<T>>> DumpAsync<T>(
        byte command, string operation, MessageParser<T> parse, CancellationToken cancel)
        where T : class
    {
        Outcome<NetlinkRequest> begun =
            await _client.BeginAsync(command, NetlinkFlags.Dump, operation, FamilyName, cancel).ConfigureAwait(false);
        return begun.Try(out NetlinkRequest? request, out Fault? fault)
            ? await _client.DumpAsync(request, parse, cancel).ConfigureAwait(false)
            : fault;
    }
}
