using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Create;

/// <summary>Brings a PF up and waits for its carrier: VFs probed without one stay without one (igb), and igb drops it while VFs are made.</summary>
internal sealed class CarrierWait(IKernel kernel, HostOptions options)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Equivalent to <c>ip link set PF up</c>, and a wait.</summary>
    public async Task<Fault?> BringUpAsync(PhysicalFunction pf, UnendedWork left, CancellationToken cancel)
    {
        if (pf.IsUp == false)
        {
            if (!RouteClient.Open(kernel, left: left).Try(out RouteClient? route, out Fault? fault))
                return fault;
            using (route)
            {
                Outcome<Unit> up = await route.ChangeLinkAsync(pf.InterfaceIndex, pf.Label, new LinkChange { Up = true }, cancel).ConfigureAwait(false);
                if (up.Fault is not null)
                    return up.Fault;
            }
        }
        await WaitAsync(pf, cancel).ConfigureAwait(false);
        return null;
    }

    /// <summary>Waits for the carrier up to the deadline; a cable that is out is the caller's to see in the link state, and no failure.</summary>
    public async Task WaitAsync(PhysicalFunction pf, CancellationToken cancel)
    {
        if (!RouteClient.Open(kernel).Try(out RouteClient? route, out _))
            return;
        using (route)
        {
            long started = options.Time.GetTimestamp();
            while (options.Time.GetElapsedTime(started) < options.CarrierDeadline)
            {
                if ((await route.GetLinkAsync(pf.InterfaceIndex, cancel: cancel).ConfigureAwait(false)).Or(null) is not { HasCarrier: false })
                    return;
                await Task.Delay(Poll, options.Time, cancel).ConfigureAwait(false);
            }
        }
    }
}
