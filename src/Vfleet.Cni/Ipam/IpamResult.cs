using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Vfleet.Cni.Config;
using Vfleet.Cni.Protocol;
using Vfleet.Host.Attach;
using Vfleet.Linux.Route;

namespace Vfleet.Cni.Ipam;

/// <summary>An address with its gateway.</summary>
internal sealed record IpamAddress(IPNetworkAddress Address, IPAddress? Gateway);

/// <summary>A route, with what newer versions of the specification say of it.</summary>
internal sealed record IpamRoute(IPNetwork Destination, IPAddress? Gateway)
{
    public uint? Mtu { get; init; }

    public uint? AdvertisedMss { get; init; }

    public uint? Priority { get; init; }

    public uint? Table { get; init; }

    public uint? Scope { get; init; }
}

/// <summary>What an address plugin assigned, of any version of the specification.</summary>
/// <param name="Addresses">At least one.</param>
/// <param name="Routes">Routes.</param>
/// <param name="Dns">Resolver settings, as they came; null for none.</param>
internal sealed record IpamResult(IReadOnlyList<IpamAddress> Addresses, IReadOnlyList<IpamRoute> Routes, JsonElement? Dns)
{
    /// <summary>Nothing assigned.</summary>
    public static IpamResult None { get; } = new([], [], null);

    /// <summary>Reads a result.</summary>
    public static CniOutcome<IpamResult> Read(ReadOnlyMemory<byte> bytes, string plugin) =>
        CniJson.Parse(bytes, out string? broken) is { } json ? Read(json, plugin) : Unusable(plugin, broken!);

    /// <summary>As the machine gets it: a route without a gateway goes by the first gateway of its family.</summary>
    public AddressPlan ToPlan() => new(
        [.. Addresses.Select(address => address.Address)],
        [.. Routes.Select(route => new RouteChange(route.Destination, route.Gateway ?? GatewayFor(route.Destination))
        {
            Mtu = route.Mtu,
            AdvertisedMss = route.AdvertisedMss,
            Priority = route.Priority,
            Table = route.Table,
            Scope = (byte?)route.Scope,
        })]);

    private static CniOutcome<IpamResult> Read(CniJson json, string plugin)
    {
        CniError? wrong = null;
        List<IpamAddress> addresses = [];
        List<IpamRoute> routes = [];
        foreach (JsonElement item in json.List("ips", ref wrong))
            Take(new CniJson(item), "address", addresses, ref wrong);
        foreach (JsonElement item in json.List("routes", ref wrong))
            TakeRoute(new CniJson(item), routes, ref wrong);
        // 0.1.0 and 0.2.0: one of each family, with its own routes.
        foreach (string family in (ReadOnlySpan<string>)["ip4", "ip6"])
        {
            if (json.Object(family, ref wrong) is not { } old)
                continue;
            Take(old, "ip", addresses, ref wrong);
            foreach (JsonElement item in old.List("routes", ref wrong))
                TakeRoute(new CniJson(item), routes, ref wrong);
        }
        if (wrong is not null)
            return Unusable(plugin, wrong.Message);
        return addresses.Count == 0 ? Unusable(plugin, "it assigned no address") : new IpamResult(addresses, routes, json.Find("dns"));
    }

    private static void Take(CniJson item, string key, List<IpamAddress> addresses, ref CniError? wrong)
    {
        string? text = item.Element.ValueKind == JsonValueKind.Object ? item.Text(key, ref wrong) : null;
        if (text is not null && IPNetworkAddress.TryParse(text, out IPNetworkAddress? address))
            addresses.Add(new IpamAddress(address, Gateway(item, "gateway", ref wrong)));
        else
            wrong ??= CniJson.Wrong($"\"{text}\" is no address with a prefix length");
    }

    private static void TakeRoute(CniJson item, List<IpamRoute> routes, ref CniError? wrong)
    {
        string? text = item.Element.ValueKind == JsonValueKind.Object ? item.Text("dst", ref wrong) : null;
        if (text is null || ParseDestination(text) is not { } destination)
        {
            wrong ??= CniJson.Wrong($"\"{text}\" is no destination of a route");
            return;
        }
        routes.Add(new IpamRoute(Masked(destination), Gateway(item, "gw", ref wrong))
        {
            Mtu = (uint?)item.Number("mtu", 0, int.MaxValue, ref wrong),
            AdvertisedMss = (uint?)item.Number("advmss", 0, int.MaxValue, ref wrong),
            Priority = (uint?)item.Number("priority", 0, int.MaxValue, ref wrong),
            Table = (uint?)item.Number("table", 0, int.MaxValue, ref wrong),
            Scope = (uint?)item.Number("scope", 0, 255, ref wrong),
        });
    }

    private static IPAddress? Gateway(CniJson item, string key, ref CniError? wrong)
    {
        if (item.Text(key, ref wrong) is not { Length: > 0 } text)
            return null;
        if (IPAddress.TryParse(text, out IPAddress? gateway))
            return gateway;
        wrong ??= CniJson.Wrong($"\"{text}\" is no gateway");
        return null;
    }

    private static IPNetworkAddress? ParseDestination(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !IPAddress.TryParse(text.AsSpan(0, slash), out IPAddress? address)
            || !byte.TryParse(text.AsSpan(slash + 1), out byte prefix))
            return null;
        return prefix <= (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128) ? new IPNetworkAddress(address, prefix) : null;
    }

    private static IPNetwork Masked(IPNetworkAddress address)
    {
        byte[] bytes = address.Address.GetAddressBytes();
        for (int bit = address.PrefixLength; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPNetwork(new IPAddress(bytes), address.PrefixLength);
    }

    private IPAddress? GatewayFor(IPNetwork destination)
    {
        foreach (IpamAddress address in Addresses)
        {
            if (address.Gateway?.AddressFamily == destination.BaseAddress.AddressFamily)
                return address.Gateway;
        }
        return null;
    }

    private static CniError Unusable(string plugin, string why) =>
        new(CniCode.Ipam, $"the answer of ipam plugin {plugin} cannot be used: {why}");
}
