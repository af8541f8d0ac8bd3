using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Attach;

/// <summary>What an interface in a workload's namespace gets after it is there, as whoever assigns addresses says.</summary>
/// <param name="Addresses">Its addresses.</param>
/// <param name="Routes">Routes through it, in this order.</param>
public sealed record AddressPlan(IReadOnlyList<IPNetworkAddress> Addresses, IReadOnlyList<RouteChange> Routes);

/// <summary>Addresses and routes of an interface in a workload's namespace, and telling its neighbours of them.</summary>
/// <param name="kernel">The kernel.</param>
/// <param name="options">The clock.</param>
public sealed class WorkloadAddresses(IKernel kernel, HostOptions options)
{
    private static readonly TimeSpan CarrierPatience = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan CarrierStep = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Adds addresses and routes, and tells the neighbours. Equivalent to <c>ip -n NAME address add …; ip -n NAME route add …; arping -A</c>.
    /// </summary>
    /// <param name="namespacePath">The namespace.</param>
    /// <param name="interfaceName">The interface there; up.</param>
    /// <param name="plan">What it gets.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>What kept the neighbours from being told, which is no failure: they learn by asking; null for nothing.</returns>
    public async Task<Outcome<string?>> ApplyAsync(string namespacePath, string interfaceName, AddressPlan plan, CancellationToken cancel = default)
    {
        if (!kernel.OpenNamespace(namespacePath).Try(out NetworkNamespace? space, out Fault? fault))
            return fault;
        using (space)
        {
            if (!RouteClient.Open(kernel, space).Try(out RouteClient? route, out fault))
                return fault;
            using (route)
            {
                Outcome<LinkInfo> read = await route.GetLinkAsync(interfaceName, cancel: cancel).ConfigureAwait(false);
                if (!read.Try(out LinkInfo? link, out fault))
                    return fault;
                foreach (IPNetworkAddress address in plan.Addresses)
                {
                    if ((await route.AddAddressAsync(link.Index, interfaceName, address, cancel).ConfigureAwait(false)).Fault is { } refused)
                        return refused;
                }
                foreach (RouteChange way in plan.Routes)
                {
                    if ((await route.AddRouteAsync(link.Index, interfaceName, way, cancel).ConfigureAwait(false)).Fault is { } refused)
                        return refused;
                }
                return plan.Addresses.Count == 0
                    ? Outcome<string?>.Of(null)
                    : Outcome<string?>.Of(await AnnounceAsync(route, space, link, plan.Addresses, cancel).ConfigureAwait(false));
            }
        }
    }

    private async Task<string?> AnnounceAsync(
        RouteClient route, NetworkNamespace space, LinkInfo link, IReadOnlyList<IPNetworkAddress> addresses, CancellationToken cancel)
    {
        if (link.Mac is not { } mac)
            return null;
        // A frame that is sent without carrier is lost; one that came up moments ago gets it while we wait.
        TimeSpan waited = TimeSpan.Zero;
        while (!link.HasCarrier && waited < CarrierPatience)
        {
            await Task.Delay(CarrierStep, options.Time, cancel).ConfigureAwait(false);
            waited += CarrierStep;
            if (!(await route.GetLinkAsync(link.Index, cancel: cancel).ConfigureAwait(false)).Try(out LinkInfo? now, out Fault? fault))
                return fault.Error;
            link = now;
        }
        if (!link.HasCarrier)
            return $"{link.Name} has no carrier";
        if (!kernel.OpenPacketSocket(link.Index, space).Try(out IPacketSocket? socket, out Fault? closed))
            return closed.Error;
        using (socket)
        {
            foreach (IPNetworkAddress address in addresses)
            {
                if ((await socket.SendAsync(Announcement.Of(mac, address.Address), cancel).ConfigureAwait(false)).Fault is { } lost)
                    return lost.Error;
            }
        }
        return null;
    }
}
