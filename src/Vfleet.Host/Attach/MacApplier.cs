using Vfleet.Host.Drivers;
using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Attach;

/// <summary>
/// Brings a MAC that was set through the PF onto the VF's own interface. Where the VF's driver reads it only when it is bound (igb
/// without trust), the driver is bound anew; trust is never switched on for that.
/// </summary>
internal sealed class MacApplier(IKernel kernel, HostOptions options, UnendedWork left)
{
    /// <param name="vf">The VF.</param>
    /// <param name="wanted">The address; null or zero leaves it.</param>
    /// <param name="isSetThroughPf">True when the PF insists on it, which some PFs also do against the same address.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>The interface as it is now: another one, with another index, when the driver was bound anew.</returns>
    public async ValueTask<Outcome<LinkInfo>> ApplyAsync(VirtualFunction vf, MacAddress? wanted, bool isSetThroughPf, CancellationToken cancel)
    {
        LinkInfo link = vf.Link!;
        if (wanted is not { IsZero: false } mac || link.Mac == mac)
            return link;
        if (!RouteClient.Open(kernel, left: left).Try(out RouteClient? route, out Fault? fault))
            return fault;
        using (route)
        {
            if (!isSetThroughPf || !DriverLimits.TakesMacOnlyAtProbe(vf.Pf.Driver) || vf.Settings?.Trust == true)
            {
                Outcome<Unit> set = await route.ChangeLinkAsync(link.Index, link.Name, new LinkChange { Mac = mac }, cancel).ConfigureAwait(false);
                if (set.Fault is null)
                    return await route.GetLinkAsync(link.Index, cancel: cancel).ConfigureAwait(false);
                if (set.Fault.Errno is not (Errno.EADDRNOTAVAIL or Errno.EPERM or Errno.EACCES))
                    return set.Fault;
            }
        }
        Outcome<LinkInfo> rebound = await new VfDrivers(kernel, options, left).RebindAsync(vf, cancel).ConfigureAwait(false);
        if (!rebound.Try(out LinkInfo? fresh, out fault))
            return fault;
        return fresh.Mac == mac
            ? fresh
            : Fault.Unsupported($"{vf.Label}: MAC {mac} was set through {vf.Pf.Label}, but its interface has {fresh.Mac}",
                $"driver {vf.Driver} did not take it when it was bound anew", null, vf.Label);
    }
}
