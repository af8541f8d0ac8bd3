using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic.Devlink;

/// <content>Health reporters. A reporter of a port is named with the port's index.</content>
public sealed partial class DevlinkClient
{
    /// <summary>Every health reporter of every device. Equivalent to <c>devlink health show</c>.</summary>
    public ValueTask<Outcome<List<HealthReporter>>> ListHealthReportersAsync(CancellationToken cancel = default) =>
        DumpAsync(DevlinkCommand.HealthReporterGet, "devlink health show", _parser.Reporter, cancel);

    /// <summary>One health reporter. Equivalent to <c>devlink health show DEV reporter NAME</c>.</summary>
    public async ValueTask<Outcome<HealthReporter>> GetHealthReporterAsync(
        DevlinkHandle device, string reporter, uint? port = null, CancellationToken cancel = default)
    {
        Outcome<NetlinkRequest> begun =
            await BeginReporterAsync(DevlinkCommand.HealthReporterGet, "show", device, reporter, port, cancel).ConfigureAwait(false);
        return begun.Try(out NetlinkRequest? request, out Fault? fault)
            ? await _client.GetAsync(request, _parser.Reporter, cancel).ConfigureAwait(false)
            : fault;
    }

    /// <summary>Lets the driver recover from a reporter's error. Equivalent to <c>devlink health recover DEV reporter NAME</c>.</summary>
    /// <returns>Errno EOPNOTSUPP where it cannot; ECANCELED where the driver tried in vain.</returns>
    public async ValueTask<Outcome<Unit>> RecoverAsync(
        DevlinkHandle device, string reporter, uint? port = null, CancellationToken cancel = default)
    {
        Outcome<NetlinkRequest> begun =
            await BeginReporterAsync(DevlinkCommand.HealthReporterRecover, "recover", device, reporter, port, cancel).ConfigureAwait(false);
        return begun.Try(out NetlinkRequest? request, out Fault? fault)
            ? await _client.ExecuteAsync(request, cancel).ConfigureAwait(false)
            : fault;
    }

    /// <summary>What a reporter says of the device now. Equivalent to <c>devlink health diagnose DEV reporter NAME</c>.</summary>
    public ValueTask<Outcome<Diagnosis>> DiagnoseAsync(
        DevlinkHandle device, string reporter, uint? port = null, CancellationToken cancel = default) =>
        FormattedAsync(DevlinkCommand.HealthReporterDiagnose, NetlinkFlags.None, "diagnose", device, reporter, port, cancel);

    /// <summary>
    /// What the device kept of the reporter's last error. Equivalent to <c>devlink health dump show DEV reporter NAME</c>.
    /// </summary>
    public ValueTask<Outcome<Diagnosis>> GetHealthDumpAsync(
        DevlinkHandle device, string reporter, uint? port = null, CancellationToken cancel = default) =>
        FormattedAsync(DevlinkCommand.HealthReporterDumpGet, NetlinkFlags.Dump, "dump show", device, reporter, port, cancel);

    private async ValueTask<Outcome<Diagnosis>> FormattedAsync(
        byte command, NetlinkFlags flags, string verb, DevlinkHandle device, string reporter, uint? port, CancellationToken cancel)
    {
        Outcome<NetlinkRequest> begun =
            await BeginReporterAsync(command, verb, device, reporter, port, cancel, flags).ConfigureAwait(false);
        if (!begun.Try(out NetlinkRequest? request, out Fault? fault))
            return fault;
        // Diagnose answers like a list, ended by NLMSG_DONE, although it is none.
        Outcome<List<FormattedMessagePart>> parts =
            await _client.DumpAsync(request, DevlinkParser.Formatted, cancel).ConfigureAwait(false);
        if (!parts.Try(out List<FormattedMessagePart>? found, out fault))
            return fault;
        Diagnosis? diagnosis = Diagnosis.Build(found);
        return diagnosis is null
            ? Fault.FromErrno(Errno.EBADMSG, request.Operation, request.Target, "the tree of text does not close")
            : diagnosis;
    }

    private async ValueTask<Outcome<NetlinkRequest>> BeginReporterAsync(
        byte command, string verb, DevlinkHandle device, string reporter, uint? port, CancellationToken cancel,
        NetlinkFlags flags = NetlinkFlags.None)
    {
        string target = port is { } number ? new DevlinkPortHandle(device, number).ToString() : device.ToString();
        Outcome<NetlinkRequest> begun = await BeginAsync(
            command, device, $"devlink health {verb} {target} reporter {reporter}", cancel, flags).ConfigureAwait(false);
        if (!begun.Try(out NetlinkRequest? request, out Fault? fault))
            return fault;
        if (port is { } index)
            request.Put(DevlinkAttribute.PortIndex, index);
        return request.Put(DevlinkAttribute.HealthReporterName, reporter);
    }
}
