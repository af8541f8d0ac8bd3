using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Inventory;

/// <summary>The links of one namespace by the device that carries them, with the interfaces that lead to default routes.</summary>
public sealed class LinkTable
{
    private readonly Dictionary<string, LinkInfo> _byDevice = new(StringComparer.Ordinal);
    private readonly Dictionary<int, LinkInfo> _byIndex = [];
    private HashSet<int> _defaultRoutes = [];

    /// <summary>True where default routes were read.</summary>
    public bool HasRoutes { get; private init; }

    /// <summary>Every link.</summary>
    public IReadOnlyCollection<LinkInfo> Links => _byIndex.Values;

    /// <summary>Reads links and default routes of this process's namespace. A router's table of routes is long: not for polling.</summary>
    public static ValueTask<Outcome<LinkTable>> ReadWithRoutesAsync(IKernel kernel, VfDetail vfs, CancellationToken cancel) =>
        ReadAsync(kernel, vfs, withRoutes: true, cancel);

    /// <summary>Reads the links of this process's namespace.</summary>
    public static ValueTask<Outcome<LinkTable>> ReadAsync(IKernel kernel, CancellationToken cancel) =>
        ReadAsync(kernel, VfDetail.None, withRoutes: false, cancel);

    /// <summary>Reads the links of this process's namespace, and its default routes where they are wanted.</summary>
    internal static async ValueTask<Outcome<LinkTable>> ReadAsync(IKernel kernel, VfDetail vfs, bool withRoutes, CancellationToken cancel)
    {
        if (!RouteClient.Open(kernel).Try(out RouteClient? route, out Fault? fault))
            return fault;
        using (route)
        {
            Outcome<List<LinkInfo>> links = await route.ListLinksAsync(vfs, cancel).ConfigureAwait(false);
            if (!links.Try(out List<LinkInfo>? list, out fault))
                return fault;
            Outcome<HashSet<int>> routes = withRoutes
                ? await route.ListDefaultRouteInterfacesAsync(cancel).ConfigureAwait(false)
                : Outcome<HashSet<int>>.Of([]);
            if (!routes.Try(out HashSet<int>? defaults, out fault))
                return fault;
            LinkTable table = new() { _defaultRoutes = defaults, HasRoutes = withRoutes };
            foreach (LinkInfo link in list)
                table.Add(link);
            return table;
        }
    }

    /// <summary>The interface a device carries; of several, the one with the lowest index.</summary>
    public LinkInfo? FirstOf(string device) => _byDevice.GetValueOrDefault(device);

    /// <summary>
    /// True when a default route leaves through the link or through what stands on it, however high: its bond or bridge, a VLAN upon it, the
    /// bridge which that VLAN belongs to.
    /// </summary>
    public bool CarriesDefaultRoute(LinkInfo link)
    {
        HashSet<int> seen = [link.Index];
        Queue<LinkInfo> above = new([link]);
        while (_defaultRoutes.Count > 0 && above.TryDequeue(out LinkInfo? at))
        {
            if (_defaultRoutes.Contains(at.Index))
                return true;
            foreach (LinkInfo upper in _byIndex.Values.Where(other => other.Index == at.Master || other.LowerIndex == at.Index))
            {
                if (seen.Add(upper.Index))
                    above.Enqueue(upper);
            }
        }
        return false;
    }

    private void Add(LinkInfo link)
    {
        _byIndex[link.Index] = link;
        // A representor names the PF's device too; the PF's own interface was there first.
        if (link.ParentDevice is not null)
            _byDevice.TryAdd(link.ParentDevice, link);
    }
}
