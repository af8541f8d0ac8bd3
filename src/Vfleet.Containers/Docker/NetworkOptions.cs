using System.Globalization;
using System.Net;
using System.Text.Json;
using Vfleet.Host.Settings;
using Vfleet.Linux.Route;
using Vfleet.Node.Documents;

namespace Vfleet.Containers.Docker;

/// <summary>Reads what <c>docker network create</c> was given: options, subnets, gateways.</summary>
/// <param name="tell">Told of options that are taken although they are another plugin's.</param>
internal sealed class NetworkOptions(Action<string> tell)
{
    private const string Generic = "com.docker.network.generic";
    private const string Internal = "com.docker.network.internal";
    private const int LeastIPv6Mtu = 1280;

    private static readonly string[] Own =
    [
        "pool", "pf", "vlan", "vlan_qos", "vlan_proto", "spoofchk", "trust", "min_tx_rate", "max_tx_rate", "link_state", "mtu", "tenant",
        "prefix",
    ];

    /// <summary>Options of the two plugins that are no more, and of Docker's own drivers, with what they mean here.</summary>
    private static readonly Dictionary<string, string> Others = new(StringComparer.Ordinal)
    {
        ["netdevice"] = "pf",
        ["pf_iface"] = "pf",
        ["vlanid"] = "vlan",
        ["privileged"] = "privileged",
        ["mode"] = "mode",
        ["com.docker.network.driver.mtu"] = "mtu",
        ["com.docker.network.container_iface_prefix"] = "prefix",
    };

    /// <summary>The network that is wanted.</summary>
    /// <returns>Usage with the option that is wrong, what it may be, and what to do.</returns>
    public Outcome<DockerNetwork> Read(CreateNetworkRequest request)
    {
        if (!Given(request).Try(out SortedDictionary<string, (string Key, string Value)>? given, out Fault? fault))
            return fault;
        DockerNetwork network = new();
        foreach ((string name, (string key, string value)) in given)
        {
            if (!Set(network, network.Settings, name, key, value).Try(out DockerNetwork? next, out fault))
                return fault;
            network = next;
        }
        if (Contradiction(network, given.ContainsKey, request) is { } wrong)
            return wrong;
        bool isInternal = request.Options?.GetValueOrDefault(Internal).ValueKind == JsonValueKind.True;
        if (!Gateway(request.IPv4Data, isInternal).Try(out string? four, out fault)
            || !Gateway(request.IPv6Data, isInternal).Try(out string? six, out fault))
            return fault;
        IEnumerable<SubnetData?> subnets = [.. request.IPv4Data ?? [], .. request.IPv6Data ?? []];
        IEnumerable<string> ours = subnets.Where(each => each?.AddressSpace == DockerIpam.Space).Select(each => each!.Pool!)
            .Where(pool => IPNetwork.TryParse(pool, out _));
        return Auxiliary(subnets).Map(auxiliary =>
            network with { Gateway = four, GatewayIPv6 = six, OurSubnets = [.. ours], AuxAddresses = auxiliary });
    }

    /// <summary>The addresses of <c>--aux-address</c>, without the prefix length.</summary>
    private static Outcome<string[]> Auxiliary(IEnumerable<SubnetData?> subnets)
    {
        List<string> addresses = [];
        foreach ((string name, string? text) in subnets.Select(each => each?.AuxAddresses).OfType<IReadOnlyDictionary<string, string?>>()
            .SelectMany(each => each))
        {
            if (!IPAddress.TryParse(text?.Split('/')[0], out IPAddress? address))
                return Fault.Usage($"--aux-address {name}={text} is no address", "write it as NAME=192.0.2.5", name);
            addresses.Add(address.ToString());
        }
        return addresses.ToArray();
    }

    /// <summary>What was given with <c>-o</c>, by the name it has here.</summary>
    private Outcome<SortedDictionary<string, (string Key, string Value)>> Given(CreateNetworkRequest request)
    {
        SortedDictionary<string, (string Key, string Value)> given = new(StringComparer.Ordinal);
        JsonElement generic = request.Options?.GetValueOrDefault(Generic) ?? default;
        if (generic.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            return given;
        if (generic.ValueKind != JsonValueKind.Object)
            return Fault.Usage($"{Generic} is {generic.ValueKind} instead of an object", "give options as -o NAME=VALUE");
        foreach (JsonProperty option in generic.EnumerateObject())
        {
            if (option.Value.ValueKind != JsonValueKind.String)
                return Fault.Usage($"-o {option.Name}: its value is {option.Value.ValueKind} instead of text",
                    "give it as -o NAME=VALUE", option.Name);
            bool isOwn = Own.Contains(option.Name, StringComparer.Ordinal);
            if (!isOwn && !Others.ContainsKey(option.Name))
                return Fault.Usage($"-o {option.Name}: there is no such option", Nearest.Hint(option.Name, Own), option.Name);
            string name = isOwn ? option.Name : Others[option.Name];
            if (given.TryGetValue(name, out (string Key, string Value) other))
                return Fault.Usage($"-o {other.Key} and -o {option.Name} mean the same", "leave one of them out", option.Name);
            if (!isOwn)
                tell($"option {option.Name} is another plugin's: {(name == option.Name ? "taken as it was there" : $"taken as {name}")}");
            given[name] = (option.Name, option.Value.GetString()!);
        }
        return given;
    }

    private static Outcome<DockerNetwork> Set(DockerNetwork network, VfSettings set, string name, string key, string value) => name switch
    {
        "pool" or "pf" when value.Length > 0 => network with { Pool = value },
        "pool" => Wrong(key, value, "the name of a pool", "see `vfleet pool list`"),
        "pf" => Wrong(key, value, "the name of a PF", "see `vfleet pf list`"),
        "vlan" => Number(value, 0, 4094) is { } vlan
            ? To(network, set with { Vlan = (int)vlan }) : Wrong(key, value, "a VLAN from 0 to 4094", "0 is untagged"),
        "vlan_qos" => Number(value, 0, 7) is { } qos
            ? To(network, set with { VlanQos = (int)qos }) : Wrong(key, value, "a priority from 0 to 7"),
        "vlan_proto" => value.ToUpperInvariant() switch
        {
            "802.1Q" => To(network, set with { VlanProtocol = VlanProtocol.Dot1Q }),
            "802.1AD" => To(network, set with { VlanProtocol = VlanProtocol.Dot1Ad }),
            _ => Wrong(key, value, "802.1q or 802.1ad"),
        },
        "spoofchk" => OnOff(value) is { } check ? To(network, set with { SpoofCheck = check }) : Wrong(key, value, "on or off"),
        "trust" => OnOff(value) is { } trust ? To(network, set with { Trust = trust }) : Wrong(key, value, "on or off"),
        "privileged" => OnOff(value) is { } all ? To(network, set with { Trust = all, SpoofCheck = !all }) : Wrong(key, value, "1 or 0"),
        "min_tx_rate" => Rate(value) is { } least ? To(network, set with { MinTxRateMbps = least }) : WrongRate(key, value),
        "max_tx_rate" => Rate(value) is { } most ? To(network, set with { MaxTxRateMbps = most }) : WrongRate(key, value),
        "link_state" => value switch
        {
            "auto" => To(network, set with { LinkState = VfLinkState.Auto }),
            "enable" => To(network, set with { LinkState = VfLinkState.Enable }),
            "disable" => To(network, set with { LinkState = VfLinkState.Disable }),
            _ => Wrong(key, value, "auto, enable or disable"),
        },
        "mtu" => Number(value, 68, 65535) is { } mtu ? network with { Mtu = (int)mtu } : Wrong(key, value, "an MTU from 68 to 65535 bytes"),
        "tenant" => value.Length is > 0 and <= 253 && !value.Any(char.IsControl)
            ? network with { Tenant = value } : Wrong(key, value, "a name of 1 to 253 characters, none of them a control character"),
        // dockerd puts a number behind it, with two digits where a container has many networks.
        "prefix" => value.Length > 0 && InterfaceName.Check($"{value}99") is null
            ? network with { Prefix = value } : Wrong(key, value, "the beginning of an interface's name, 1 to 13 bytes"),
        _ => value == "sriov" ? network : Wrong(key, value, "sriov", "for a whole PF use Docker's macvlan or ipvlan driver"),
    };

    private static DockerNetwork To(DockerNetwork network, VfSettings settings) => network with { Settings = settings };

    private static Fault? Contradiction(DockerNetwork network, Func<string, bool> has, CreateNetworkRequest request)
    {
        VfSettings set = network.Settings;
        if (has("pool") == has("pf"))
            return has("pool")
                ? Fault.Usage("-o pool and -o pf are both given", "leave one of them out: a PF stands for the pool of its VFs")
                : Fault.Usage("the network names no VFs", "give -o pool=NAME (see `vfleet pool list`), or -o pf=NAME");
        if (has("privileged") && (has("trust") || has("spoofchk")))
            return Fault.Usage("-o privileged stands for trust and spoofchk, and one of them is given too", "leave -o privileged out");
        if ((set.Vlan ?? 0) == 0 && (set.VlanQos > 0 || set.VlanProtocol == VlanProtocol.Dot1Ad))
            return Fault.Usage("-o vlan_qos and -o vlan_proto belong to a VLAN, and none is given", "give -o vlan=N from 1 to 4094 too");
        if (set is { MinTxRateMbps: { } min, MaxTxRateMbps: > 0 and var max } && min > max)
            return Fault.Usage($"min_tx_rate {min} Mbit/s is above max_tx_rate {max} Mbit/s",
                "raise max_tx_rate, or leave it out for no limit");
        return network.Mtu < LeastIPv6Mtu && request.IPv6Data is { Count: > 0 }
            ? Fault.Usage($"MTU {network.Mtu} does not go with IPv6", $"IPv6 needs {LeastIPv6Mtu} at least (RFC 8200)")
            : null;
    }

    /// <returns>The gateway's address without the prefix length; null for an internal network, or where none was given.</returns>
    private static Outcome<string?> Gateway(IReadOnlyList<SubnetData?>? subnets, bool isInternal)
    {
        string? text = subnets?.Select(subnet => subnet?.Gateway).FirstOrDefault(gateway => !string.IsNullOrEmpty(gateway));
        if (text is null || isInternal)
            return Outcome<string?>.Of(null);
        return IPAddress.TryParse(text.Split('/')[0], out IPAddress? address)
            ? address.ToString()
            : Fault.Usage($"gateway {text} is no address", "write it as 192.0.2.1", text);
    }

    private static Fault Wrong(string key, string value, string expected, string? remedy = null) => Fault.Usage(
        $"-o {key}={Shown(value)}: {key} is {expected}", remedy ?? "create the network again with such a value", key);

    private static Fault WrongRate(string key, string value) => Wrong(key, value, $"a rate in Mbit/s from 0 to {uint.MaxValue}");

    private static string Shown(string value) =>
        string.Concat((value.Length > 40 ? value[..40] + "…" : value).Select(letter => char.IsControl(letter) ? '?' : letter));

    private static long? Number(string text, long least, long most) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most
            ? number : null;

    private static uint? Rate(string text) => (uint?)Number(text, 0, uint.MaxValue);

    private static bool? OnOff(string text) => text switch
    {
        "on" or "true" or "1" => true,
        "off" or "false" or "0" => false,
        _ => null,
    };
}
