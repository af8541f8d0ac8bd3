using System.Text;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic.Devlink;

/// <content>Firmware.</content>
public sealed partial class DevlinkClient
{
    /// <summary>
    /// Writes firmware. Equivalent to
    /// <c>devlink dev flash DEV file PATH [component NAME] [overwrite settings] [overwrite identifiers]</c>.
    /// The kernel carries it out inside one system call of minutes, which nothing interrupts: cancellation ends the reports, not
    /// the update.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="what">The image.</param>
    /// <param name="progress">Told of every step, from another thread.</param>
    /// <param name="cancel">Before the update has begun it prevents it; afterwards it ends the reports.</param>
    public async Task<Outcome<Unit>> FlashAsync(
        DevlinkHandle device, FlashRequest what, IProgress<FlashProgress>? progress = null, CancellationToken cancel = default)
    {
        if (what.File.Length == 0 || Encoding.UTF8.GetByteCount(what.File) > 255)
            return Fault.Usage("a firmware file is named by 1 to 255 bytes, below /lib/firmware", target: device.ToString());
        if (!(await _client.FamilyAsync(cancel).ConfigureAwait(false)).Try(out GenericFamily? family, out Fault? fault))
            return fault;
        Outcome<NetlinkRequest> begun =
            await BeginAsync(DevlinkCommand.FlashUpdate, device, Describe(device, what), cancel).ConfigureAwait(false);
        if (!begun.Try(out NetlinkRequest? request, out fault))
            return fault;
        Write(request, what);
        if (progress is null || !family.Groups.TryGetValue(ConfigGroup, out uint group))
            return await UpdateAsync(request).ConfigureAwait(false);
        if (!_kernel.OpenNetlink(NetlinkProtocol.Generic, _within, group).Try(out INetlinkSocket? listener, out fault))
            return fault;
        using (listener)
        {
            using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            Task reports = ReportAsync(listener, device, progress, stop.Token);
            Outcome<Unit> result = await UpdateAsync(request).ConfigureAwait(false);
            // Every report was queued before the acknowledgement; this only lets them be read.
            stop.CancelAfter(TimeSpan.FromSeconds(1));
            await reports.ConfigureAwait(false);
            return result;
        }
    }

    /// <summary>On a thread that may be held for minutes.</summary>
    private Task<Outcome<Unit>> UpdateAsync(NetlinkRequest request) => Task.Factory.StartNew(
        () => _client.ExecuteAsync(request, CancellationToken.None).AsTask(),
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private static async Task ReportAsync(
        INetlinkSocket listener, DevlinkHandle device, IProgress<FlashProgress> progress, CancellationToken stop)
    {
        NetlinkBuffer buffer = new();
        DevlinkParser parser = new();
        try
        {
            while (true)
            {
                Outcome<Unit> received = await listener.ReceiveAsync(buffer, stop).ConfigureAwait(false);
                // Lost reports are only reports; the update's own result comes by the other socket.
                if (received.Fault is { Errno: Errno.ENOBUFS })
                    continue;
                if (received.Fault is not null || Report(buffer.Span, parser, device, progress))
                    return;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The update is over, or the caller no longer listens.
        }
    }

    private static bool Report(ReadOnlySpan<byte> datagram, DevlinkParser parser, DevlinkHandle device, IProgress<FlashProgress> progress)
    {
        NetlinkReader reader = new(datagram);
        while (reader.Read())
        {
            if (reader.Current.Type <= NetlinkControl.Overrun || parser.Flash(reader.Current) is not { } report || report.Device != device)
                continue;
            progress.Report(report);
            if (report.IsEnd)
                return true;
        }
        return false;
    }

    private static void Write(NetlinkRequest request, FlashRequest what)
    {
        const uint Settings = 1, Identifiers = 2;
        request.Put(DevlinkAttribute.FlashFileName, what.File);
        if (what.Component is not null)
            request.Put(DevlinkAttribute.FlashComponent, what.Component);
        uint overwrite = Bit(what.OverwriteSettings, Settings) | Bit(what.OverwriteIdentifiers, Identifiers);
        if (overwrite != 0)
            request.Put(DevlinkAttribute.FlashOverwriteMask, new BitField32(overwrite, overwrite));
    }

    private static string Describe(DevlinkHandle device, FlashRequest what)
    {
        string text = $"devlink dev flash {device} file {what.File}";
        if (what.Component is not null)
            text += $" component {what.Component}";
        if (what.OverwriteSettings)
            text += " overwrite settings";
        if (what.OverwriteIdentifiers)
            text += " overwrite identifiers";
        return text;
    }
}
