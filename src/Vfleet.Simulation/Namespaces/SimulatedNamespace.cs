using Vfleet.Simulation.Links;

namespace Vfleet.Simulation.Namespaces;

/// <summary>A network namespace. It lives while a name, a process, an open handle or a socket refers to it.</summary>
internal sealed class SimulatedNamespace(ulong inode, ulong cookie)
{
    private int _lastIndex = 1;

    /// <summary>Told again once the namespace is gone, as the kernel does.</summary>
    public ulong Inode => inode;

    /// <summary>SO_NETNS_COOKIE: never told again.</summary>
    public ulong Cookie => cookie;

    public SortedDictionary<int, SimulatedLink> Links { get; } = [];

    /// <summary>What interfaces begin with here.</summary>
    public LinkSwitches Defaults { get; } = new();

    public List<SimulatedRoute> Routes { get; } = [];

    /// <summary>Ids this namespace gave to others (RTM_GETNSID), by inode.</summary>
    public Dictionary<ulong, int> PeerIds { get; } = [];

    public int References { get; set; }

    public SimulatedLink? ByName(string name) => Links.Values.FirstOrDefault(link => link.HasName(name));

    /// <summary>The wished index where it is free, else the next one never used here.</summary>
    public int ReserveIndex(int wished)
    {
        if (wished > 0 && !Links.ContainsKey(wished))
        {
            _lastIndex = Math.Max(_lastIndex, wished);
            return wished;
        }
        return ++_lastIndex;
    }
}

/// <summary>A route of the main table.</summary>
/// <param name="Family">AF_INET 2 or AF_INET6 10.</param>
/// <param name="Destination">Prefix bytes; empty for a default route.</param>
/// <param name="Prefix">Prefix length; 0 for a default route.</param>
/// <param name="Gateway">Gateway bytes, or empty.</param>
/// <param name="OutputIndex">Interface index.</param>
/// <param name="Metric">Priority.</param>
internal sealed record SimulatedRoute(byte Family, byte[] Destination, byte Prefix, byte[] Gateway, int OutputIndex, uint Metric);
