namespace Vfleet.Simulation.Links;

/// <summary>
/// What /proc/sys/net/ipv4/conf and ipv6/conf keep for an interface, as far as the product sets it. An interface begins with the defaults
/// of its namespace, also one that moves there: ipv6_add_dev and inetdev_init make it when a device is registered.
/// </summary>
internal sealed class LinkSwitches
{
    public const string AddressGeneration = "addr_gen_mode", AcceptRouters = "accept_ra", NoIpv6 = "disable_ipv6", IgnoreArp = "arp_ignore",
        ReversePath = "rp_filter";

    private readonly Dictionary<string, int> _values;

    public LinkSwitches() => _values = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        [AddressGeneration] = 0, [AcceptRouters] = 1, [NoIpv6] = 0, [IgnoreArp] = 0, [ReversePath] = 0,
    };

    /// <param name="defaults">Those of the namespace.</param>
    public LinkSwitches(LinkSwitches defaults) => _values = new Dictionary<string, int>(defaults._values, StringComparer.Ordinal);

    public int this[string name]
    {
        get => _values[name];
        set => _values[name] = value;
    }

    /// <summary>IPv6 gives the interface an address by itself.</summary>
    public bool MakesLinkLocal => this[NoIpv6] == 0 && this[AddressGeneration] != 1;

    /// <summary>Neither ARP nor IPv6 is answered, and nothing is taken from whom no address of the interface reaches.</summary>
    public bool IsQuiet => this[NoIpv6] == 1 && this[IgnoreArp] == 8 && this[ReversePath] == 1;

    public bool IsSame(LinkSwitches other) => _values.All(each => other._values[each.Key] == each.Value);
}
