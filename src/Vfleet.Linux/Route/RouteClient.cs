using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Route;

/// <summary>Links, VF settings, addresses and routes over one rtnetlink socket in one namespace. Not safe for concurrent use.</summary>
public sealed class RouteClient : IDisposable
{
    private readonly NetlinkClient _netlink;
    private readonly NetlinkRequest _request = new();

    private RouteClient(NetlinkClient netlink) => _netlink = netlink;

    /// <summary>Opens a socket.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="within">The namespace; the caller's own when null.</param>
    /// <param name="left">See <see cref="NetlinkClient(INetlinkSocket, TimeProvider, TimeSpan?, UnendedWork)"/>.</param>
    public static Outcome<RouteClient> Open(IKernel kernel, NetworkNamespace? within = null, UnendedWork? left = null) =>
        NetlinkClient.Open(kernel, NetlinkProtocol.Route, within, left: left).Map(netlink => new RouteClient(netlink));

    /// <summary>Every link. Equivalent to <c>ip -d link show</c>, with <c>-s</c> where counters are asked for.</summary>
    public ValueTask<Outcome<List<LinkInfo>>> ListLinksAsync(VfDetail vfs = VfDetail.None, CancellationToken cancel = default) =>
        _netlink.DumpAsync(LinkRequest(vfs, NetlinkFlags.Dump, 0, "ip link show", "links"), LinkParser.Parse, cancel);

    /// <summary>One link by index. Where the reply does not fit a single message (EMSGSIZE) it is taken from the whole list.</summary>
    public async ValueTask<Outcome<LinkInfo>> GetLinkAsync(int index, VfDetail vfs = VfDetail.None, CancellationToken cancel = default)
    {
        string target = $"interface {index}";
        NetlinkRequest request = LinkRequest(vfs, NetlinkFlags.None, index, "ip link show", target);
        Outcome<LinkInfo> one = await _netlink.GetAsync(request, LinkParser.Parse, cancel).ConfigureAwait(false);
        if (one.Fault?.Errno != Errno.EMSGSIZE)
            return one;
        Outcome<List<LinkInfo>> all = await ListLinksAsync(vfs, cancel).ConfigureAwait(false);
        if (!all.Try(out List<LinkInfo>? links, out Fault? fault))
            return fault;
        LinkInfo? found = links.Find(link => link.Index == index);
        return found is null ? Fault.FromErrno(Errno.ENODEV, "ip link show", target) : found;
    }

    /// <summary>One link by name. Equivalent to <c>ip link show dev NAME</c>.</summary>
    public ValueTask<Outcome<LinkInfo>> GetLinkAsync(string name, VfDetail vfs = VfDetail.None, CancellationToken cancel = default)
    {
        NetlinkRequest request = LinkRequest(vfs, NetlinkFlags.None, 0, $"ip link show dev {name}", name).Put(LinkAttribute.Name, name);
        return _netlink.GetAsync(request, LinkParser.Parse, cancel);
    }

    /// <summary>Changes a link in one request. Equivalent to <c>ip link set DEV …</c>.</summary>
    public async ValueTask<Outcome<Unit>> ChangeLinkAsync(int index, string name, LinkChange change, CancellationToken cancel = default)
    {
        uint flags = (change.Up == true ? LinkInfo.FlagUp : 0) | (change.AllMulticast == true ? LinkInfo.FlagAllMulticast : 0);
        uint mask = (change.Up is null ? 0 : LinkInfo.FlagUp) | (change.AllMulticast is null ? 0 : LinkInfo.FlagAllMulticast);
        _request.Clear().Begin(RouteMessage.SetLink, NetlinkFlags.Ack)
            .Struct(new InterfaceMessage { Index = index, Flags = flags, Change = mask });
        _request.Operation = Describe(name, change);
        _request.Target = name;
        IDisposable? kept = change.Namespace?.KeepOpen();
        if (change.Namespace is not null)
            _request.Put(LinkAttribute.NamespaceFd, change.Namespace.Descriptor);
        if (change.Mac is { } mac)
            PutMac(mac);
        if (change.Mtu is { } mtu)
            _request.Put(LinkAttribute.Mtu, (uint)mtu);
        if (change.Name is not null)
            _request.Put(LinkAttribute.Name, change.Name);
        if (change.Master is { } master)
            _request.Put(LinkAttribute.Master, (uint)master);
        try
        {
            return await _netlink.ExecuteAsync(_request, cancel).ConfigureAwait(false);
        }
        finally
        {
            if (kept is not null)
                _netlink.WhenSent(kept.Dispose);
        }
    }

    /// <summary>
    /// Makes a bond without members. Equivalent to <c>ip link add NAME type bond mode M miimon N fail_over_mac F</c>.
    /// </summary>
    public ValueTask<Outcome<Unit>> AddBondAsync(string name, BondSettings bond, CancellationToken cancel = default)
    {
        BondWriter.Write(_request, name, bond);
        _request.Operation = $"ip link add {name} type bond mode {(byte)bond.Mode} miimon {bond.MonitorMilliseconds} fail_over_mac {bond.FailOverMac}";
        _request.Target = name;
        return _netlink.ExecuteAsync(_request, cancel);
    }

    /// <summary>Removes a virtual link; members of a bond are let go first, and are down. Equivalent to <c>ip link del NAME</c>.</summary>
    public ValueTask<Outcome<Unit>> RemoveLinkAsync(int index, string name, CancellationToken cancel = default)
    {
        _request.Clear().Begin(RouteMessage.DeleteLink, NetlinkFlags.Ack).Struct(new InterfaceMessage { Index = index });
        _request.Operation = $"ip link del {name}";
        _request.Target = name;
        return _netlink.ExecuteAsync(_request, cancel);
    }

    /// <summary>Adds or removes alternative names. Equivalent to <c>ip link property add|del dev DEV altname NAME</c>.</summary>
    public ValueTask<Outcome<Unit>> ChangeAlternativeNamesAsync(
        int index, string name, IEnumerable<string> names, bool add, CancellationToken cancel = default)
    {
        _request.Clear();
        _request.Operation = $"ip link property {(add ? "add" : "del")} dev {name} altname";
        _request.Target = name;
        NetlinkFlags flags = add ? NetlinkFlags.Ack | NetlinkFlags.Create | NetlinkFlags.Exclusive : NetlinkFlags.Ack;
        _request.Begin(add ? RouteMessage.NewLinkProperty : RouteMessage.DeleteLinkProperty, flags)
            .Struct(new InterfaceMessage { Index = index });
        int list = _request.BeginNest(LinkAttribute.PropertyList);
        foreach (string alternative in names)
            _request.Put(LinkAttribute.AlternativeName, alternative);
        _request.EndNest(list);
        return _netlink.ExecuteAsync(_request, cancel);
    }

    /// <summary>
    /// Changes VFs of one PF: one message a VF, <see cref="NetlinkClient.BatchSize"/> messages a system call.
    /// </summary>
    /// <returns>The first refusal; VFs before and after it in its batch may be changed, later batches are not sent.</returns>
    public async ValueTask<Outcome<Unit>> ChangeVfsAsync(
        int pfIndex, string pfName, IReadOnlyList<VfChange> changes, CancellationToken cancel = default)
    {
        for (int first = 0; first < changes.Count; first += NetlinkClient.BatchSize)
        {
            int last = Math.Min(changes.Count, first + NetlinkClient.BatchSize);
            _request.Clear();
            _request.Target = pfName;
            _request.Operation = last - first == 1
                ? VfChangeWriter.Describe(pfName, changes[first])
                : $"ip link set {pfName} vf {changes[first].Index}..{changes[last - 1].Index}";
            for (int i = first; i < last; i++)
                VfChangeWriter.Write(_request, pfIndex, changes[i]);
            Outcome<Unit> done = await _netlink.ExecuteAsync(_request, cancel).ConfigureAwait(false);
            if (done.Fault is not null)
                return done;
        }
        return Unit.Done;
    }

    /// <summary>Every address of the namespace. Equivalent to <c>ip address show</c>.</summary>
    public ValueTask<Outcome<List<AddressInfo>>> ListAddressesAsync(CancellationToken cancel = default)
    {
        _request.Clear().Begin(RouteMessage.GetAddress, NetlinkFlags.Dump).Struct(default(AddressMessage));
        _request.Operation = "ip address show";
        _request.Target = "addresses";
        return _netlink.DumpAsync(_request, AddressParser.Parse, cancel);
    }

    /// <summary>Adds an address. Equivalent to <c>ip address add ADDRESS/PREFIX dev DEV nodad</c>.</summary>
    public ValueTask<Outcome<Unit>> AddAddressAsync(int index, string name, IPNetworkAddress address, CancellationToken cancel = default) =>
        AddAddressAsync(name, new AddressInfo(index, address, 0), cancel);

    /// <summary>Adds an address with its scope and broadcast address. Equivalent to <c>ip address add ADDRESS/PREFIX broadcast B scope S dev DEV nodad</c>.</summary>
    public ValueTask<Outcome<Unit>> AddAddressAsync(string name, AddressInfo address, CancellationToken cancel = default)
    {
        AddressParser.Write(_request, address, add: true);
        _request.Operation = $"ip address add {address.Address} dev {name}";
        _request.Target = name;
        return _netlink.ExecuteAsync(_request, cancel);
    }

    /// <summary>Removes an address. Equivalent to <c>ip address del ADDRESS/PREFIX dev DEV</c>.</summary>
    public ValueTask<Outcome<Unit>> RemoveAddressAsync(int index, string name, IPNetworkAddress address, CancellationToken cancel = default)
    {
        AddressParser.Write(_request, new AddressInfo(index, address, 0), add: false);
        _request.Operation = $"ip address del {address} dev {name}";
        _request.Target = name;
        return _netlink.ExecuteAsync(_request, cancel);
    }

    /// <summary>Adds a route. Equivalent to <c>ip route add DESTINATION [via GATEWAY] dev DEV</c>.</summary>
    public ValueTask<Outcome<Unit>> AddRouteAsync(int index, string name, RouteChange route, CancellationToken cancel = default)
    {
        RouteWriter.Write(_request, index, route);
        _request.Operation = $"ip route add {route.Destination}{(route.Gateway is null ? "" : $" via {route.Gateway}")} dev {name}";
        _request.Target = name;
        return _netlink.ExecuteAsync(_request, cancel);
    }

    /// <summary>
    /// Interface indexes that carry a default route, of IPv4 or IPv6, in any table. Equivalent to
    /// <c>ip route show default table all</c>.
    /// </summary>
    public async ValueTask<Outcome<HashSet<int>>> ListDefaultRouteInterfacesAsync(CancellationToken cancel = default)
    {
        _request.Clear().Begin(RouteMessage.GetRoute, NetlinkFlags.Dump).Struct(default(RouteHeader));
        _request.Operation = "ip route show default table all";
        _request.Target = "routes";
        Outcome<List<DefaultRoute>> routes = await _netlink.DumpAsync(_request, RouteParser.ParseDefault, cancel).ConfigureAwait(false);
        return routes.Map(list => list.SelectMany(route => route.Interfaces).ToHashSet());
    }

    /// <summary>See <see cref="NetlinkClient.SentAsync"/>.</summary>
    public Task SentAsync() => _netlink.SentAsync();

    /// <inheritdoc/>
    public void Dispose() => _netlink.Dispose();

    private NetlinkRequest LinkRequest(VfDetail vfs, NetlinkFlags flags, int index, string operation, string target)
    {
        _request.Clear().Begin(RouteMessage.GetLink, flags).Struct(new InterfaceMessage { Index = index });
        _request.Operation = operation;
        _request.Target = target;
        uint mask = vfs switch
        {
            VfDetail.None => 0,
            VfDetail.Settings => LinkAttribute.FilterVf | LinkAttribute.FilterSkipStats,
            _ => LinkAttribute.FilterVf,
        };
        return mask == 0 ? _request : _request.Put(LinkAttribute.ExtendedMask, mask);
    }

    private void PutMac(MacAddress mac)
    {
        Span<byte> bytes = stackalloc byte[6];
        mac.Write(bytes);
        _request.Put(LinkAttribute.Address, (ReadOnlySpan<byte>)bytes);
    }

    private static string Describe(string name, LinkChange change)
    {
        string text = $"ip link set {name}";
        if (change.Namespace is not null)
            text += $" netns {change.Namespace.Path}";
        if (change.Mac is { } mac)
            text += $" address {mac}";
        if (change.Mtu is { } mtu)
            text += $" mtu {mtu}";
        if (change.Name is not null)
            text += $" name {change.Name}";
        if (change.Master is { } master)
            text += master == 0 ? " nomaster" : $" master {master}";
        if (change.AllMulticast is { } all)
            text += all ? " allmulticast on" : " allmulticast off";
        if (change.Up is { } up)
            text += up ? " up" : " down";
        return text;
    }
}

/// <summary>How much to read of the VFs of a PF.</summary>
public enum VfDetail
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Settings: 196 bytes a VF.</summary>
    Settings,

    /// <summary>Settings and counters: 296 bytes a VF.</summary>
    SettingsAndCounters,
}
