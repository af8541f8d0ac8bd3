using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic.Devlink;

/// <content>Eswitch and reload.</content>
public sealed partial class DevlinkClient
{
    /// <summary>The eswitch of a device. Equivalent to <c>devlink dev eswitch show DEV</c>.</summary>
    /// <returns>Errno EOPNOTSUPP where the driver has none.</returns>
    public ValueTask<Outcome<EswitchInfo>> GetEswitchAsync(DevlinkHandle device, CancellationToken cancel = default) =>
        GetAsync(DevlinkCommand.EswitchGet, device, $"devlink dev eswitch show {device}", _parser.Eswitch, cancel);

    /// <summary>
    /// Changes the eswitch of a device. Equivalent to <c>devlink dev eswitch set DEV [mode M] [inline-mode I] [encap-mode E]</c>.
    /// A change of mode may remove and create interfaces and takes seconds on some drivers.
    /// </summary>
    public async ValueTask<Outcome<Unit>> SetEswitchAsync(DevlinkHandle device, EswitchChange change, CancellationToken cancel = default)
    {
        string operation = Describe(device, change);
        Outcome<NetlinkRequest> begun = await BeginAsync(DevlinkCommand.EswitchSet, device, operation, cancel).ConfigureAwait(false);
        if (!begun.Try(out NetlinkRequest? request, out Fault? fault))
            return fault;
        if (change.Mode is { } mode)
            request.Put(DevlinkAttribute.EswitchMode, (ushort)mode);
        if (change.InlineMode is { } inline)
            request.Put(DevlinkAttribute.EswitchInlineMode, (byte)inline);
        if (change.Encapsulation is { } encapsulation)
            request.Put(DevlinkAttribute.EswitchEncapMode, (byte)(encapsulation ? 1 : 0));
        return await _client.ExecuteAsync(request, cancel).ConfigureAwait(false);
    }

    /// <summary>Starts driver or firmware anew. Equivalent to <c>devlink dev reload DEV action driver_reinit|fw_activate</c>.</summary>
    /// <returns>What was done; the kernel refuses with EBUSY or EOPNOTSUPP where VFs or the driver stand against it.</returns>
    public async ValueTask<Outcome<ReloadResult>> ReloadAsync(
        DevlinkHandle device, ReloadAction action, CancellationToken cancel = default)
    {
        string word = action == ReloadAction.DriverReinit ? "driver_reinit" : "fw_activate";
        Outcome<NetlinkRequest> begun = await BeginAsync(
            DevlinkCommand.Reload, device, $"devlink dev reload {device} action {word}", cancel).ConfigureAwait(false);
        if (!begun.Try(out NetlinkRequest? request, out Fault? fault))
            return fault;
        request.Put(DevlinkAttribute.ReloadAction, (byte)action);
        return await _client.GetAsync(request, _parser.Reload, cancel).ConfigureAwait(false);
    }

    private static string Describe(DevlinkHandle device, EswitchChange change)
    {
        string text = $"devlink dev eswitch set {device}";
        if (change.Mode is { } mode)
            text += $" mode {DevlinkWords.Of(mode)}";
        if (change.InlineMode is { } inline)
            text += $" inline-mode {DevlinkWords.Of(inline)}";
        if (change.Encapsulation is { } encapsulation)
            text += $" encap-mode {(encapsulation ? "basic" : "none")}";
        return text;
    }
}
