using Vfleet.Agent.Log;
using Vfleet.Linux.Events;

namespace Vfleet.Agent.Loop;

/// <summary>
/// Follows the kernel's events of PCI devices, interfaces and devlink, and calls for a pass where one of them may matter. A stream that
/// ends is
/// opened again; what was missed meanwhile, or lost by the kernel, is a reason for a pass too.
/// </summary>
/// <param name="kernel">The kernel.</param>
/// <param name="time">Clock.</param>
/// <param name="log">Where streams that end are told.</param>
/// <param name="wake">Calls for a pass.</param>
public sealed class EventPump(IKernel kernel, TimeProvider time, AgentLog log, Action<string> wake)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1), LongestRetry = TimeSpan.FromMinutes(1);
    private bool _tellsDevices;

    /// <summary>Follows until cancelled. The streams of devices and links are open when this returns its task.</summary>
    public Task RunAsync(CancellationToken cancel) => Task.WhenAll(
        FollowAsync("uevents", _ => ValueTask.FromResult(KernelEvents.WatchUevents(kernel)), CauseOf, isOptional: false, cancel),
        FollowAsync("links", _ => ValueTask.FromResult(KernelEvents.WatchLinks(kernel)), CauseOf, isOptional: false, cancel),
        FollowAsync("devlink", async stop => await KernelEvents.WatchDevlinkAsync(kernel, stop).ConfigureAwait(false), _ => "devlink",
            isOptional: true, cancel));

    /// <summary>Devices of PCI, and interfaces that belong to a device; a container's veth is neither.</summary>
    internal static string? CauseOf(Uevent uevent) => uevent.Subsystem switch
    {
        "pci" => "pci event",
        "net" when !uevent.DevicePath.StartsWith("/devices/virtual/", StringComparison.Ordinal) => "interface event",
        _ => null,
    };

    /// <summary>Kernels before 5.14 do not tell an interface's device; there every interface counts.</summary>
    internal string? CauseOf(LinkEvent link)
    {
        _tellsDevices |= link.ParentDevice is not null;
        return link.ParentDevice is not null || !_tellsDevices ? "link event" : null;
    }

    private async Task FollowAsync<T>(
        string name, Func<CancellationToken, ValueTask<Outcome<EventStream<T>>>> open,
        Func<T, string?> causeOf, bool isOptional, CancellationToken cancel)
        where T : class
    {
        TimeSpan pause = FirstRetry;
        try
        {
            while (true)
            {
                Outcome<EventStream<T>> opened = await open(cancel).ConfigureAwait(false);
                if (opened.Try(out EventStream<T>? stream, out Fault? fault))
                {
                    using (stream)
                        fault = await ReadAsync(name, stream, causeOf, cancel).ConfigureAwait(false);
                    pause = FirstRetry;
                }
                else if (isOptional)
                {
                    log.Info("events not followed", ("stream", name), ("cause", fault.Error));
                    return;
                }
                log.Error("event stream ended", fault, ("stream", name), ("again", pause));
                await Task.Delay(pause, time, cancel).ConfigureAwait(false);
                pause = pause * 2 < LongestRetry ? pause * 2 : LongestRetry;
                wake($"{name} were not followed");
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The agent ends.
        }
    }

    private async Task<Fault> ReadAsync<T>(string name, EventStream<T> stream, Func<T, string?> causeOf, CancellationToken cancel)
        where T : class
    {
        await foreach (KernelEvent<T> each in stream.WithCancellation(cancel).ConfigureAwait(false))
        {
            if (each.Fault is { } fault)
                return fault;
            if (each.IsOverrun)
            {
                log.Warn("events lost", ("stream", name));
                wake($"{name} were lost");
            }
            else if (each.Value is { } value && causeOf(value) is { } cause)
            {
                wake(cause);
            }
        }
        return new Fault(FaultKind.Internal, $"the stream of {name} ended without a reason");
    }
}
