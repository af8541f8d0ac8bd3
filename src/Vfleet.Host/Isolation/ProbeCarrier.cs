using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Isolation;

/// <summary>Waits for the carrier of an end, without which every probe would measure silence.</summary>
public static class ProbeCarrier
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Equivalent to looking at <c>ip link show DEV</c> until it says LOWER_UP.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="end">The interface; it must be up.</param>
    /// <param name="deadline">The longest wait.</param>
    /// <param name="time">Clock and timers.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>TimedOut where no carrier came.</returns>
    public static async Task<Outcome<Unit>> AwaitAsync(
        IKernel kernel, ProbeEnd end, TimeSpan deadline, TimeProvider time, CancellationToken cancel = default)
    {
        if (!RouteClient.Open(kernel, end.Within).Try(out RouteClient? route, out Fault? fault))
            return fault;
        using (route)
        {
            long started = time.GetTimestamp();
            while (true)
            {
                Outcome<LinkInfo> read = await route.GetLinkAsync(end.InterfaceName, cancel: cancel).ConfigureAwait(false);
                if (!read.Try(out LinkInfo? link, out fault))
                    return fault;
                if (link.HasCarrier)
                    return Unit.Done;
                if (time.GetElapsedTime(started) >= deadline)
                    return Fault.TimedOut($"{end.InterfaceName} has no carrier after {deadline.TotalSeconds:0.#} s",
                        link.IsUp ? "its PF is down or has no carrier, or had none when the VF's driver was bound" : "it is down",
                        "bring the PF up, wait for its carrier, then bind the VF's driver anew", end.InterfaceName);
                await Task.Delay(Poll, time, cancel).ConfigureAwait(false);
            }
        }
    }
}
